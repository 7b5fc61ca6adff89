"""What only the Discord channel asks the ledger: single channels, their health, their traces."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Text, cast, delete, func, literal, select, update

from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryState
from bot.ledger.guilds import GuildChannel
from bot.ledger.readers import discord_readers, guild_channels, guilds
from bot.ledger.tables import deliveries, publications

CHANNEL = "discord"
OK = "ok"


async def find_guild_channel(tx: Transaction, channel_id: int) -> GuildChannel | None:
    """Return what was asked for in one channel."""
    query = select(guild_channels).where(guild_channels.c.channel_id == channel_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    fields = {name: row[name] for name in GuildChannel.__slots__}
    return GuildChannel(**{**fields, "drivers": tuple(row["drivers"])})


async def guild_channels_after(tx: Transaction, channel_id: int, limit: int) -> list[GuildChannel]:
    """Return the next page of channels that want the note."""
    query = (
        select(guild_channels)
        .where(guild_channels.c.enabled, guild_channels.c.channel_id > channel_id)
        .order_by(guild_channels.c.channel_id)
        .limit(limit)
    )
    found = []
    for row in (await tx.execute(query)).mappings():
        fields = {name: row[name] for name in GuildChannel.__slots__}
        found.append(GuildChannel(**{**fields, "drivers": tuple(row["drivers"])}))
    return found


async def set_health(
    tx: Transaction, channel_id: int, health: str, now: datetime, *, enabled: bool = True
) -> None:
    """Write down how posting to a channel goes; a good post forgets earlier failures."""
    failures = 0 if health == OK else guild_channels.c.failures + 1
    values: dict[str, object] = {"health": health[:60], "failures": failures, "updated_at": now}
    if not enabled:
        values["enabled"] = False
    if health == OK:
        values["health_told_at"] = None
    await tx.execute(
        update(guild_channels).where(guild_channels.c.channel_id == channel_id).values(**values)
    )


async def forget_role(tx: Transaction, guild_id: int, role_id: int) -> int:
    """Call a role no more that is gone, and return in how many channels it was called."""
    changed = await tx.execute(
        update(guild_channels)
        .where(guild_channels.c.guild_id == guild_id, guild_channels.c.role_id == role_id)
        .values(role_id=None)
        .returning(guild_channels.c.channel_id)
    )
    return len(changed.all())


async def health_counts(tx: Transaction) -> dict[tuple[bool, str], int]:
    """Count channels by whether they are switched on and by their health."""
    query = select(guild_channels.c.enabled, guild_channels.c.health, func.count()).group_by(
        guild_channels.c.enabled, guild_channels.c.health
    )
    return {(enabled, health): count for enabled, health, count in await tx.execute(query)}


async def claim_telling(tx: Transaction, channel_id: int, now: datetime) -> bool:
    """Say whether the administrators are still to be told of a trouble, and note that they are."""
    told = await tx.execute(
        update(guild_channels)
        .where(guild_channels.c.channel_id == channel_id, guild_channels.c.health_told_at.is_(None))
        .values(health_told_at=now)
        .returning(guild_channels.c.channel_id)
    )
    return told.scalar_one_or_none() is not None


async def set_installer(tx: Transaction, guild_id: int, user_id: int) -> None:
    """Remember who set the bot up, for the first time only."""
    await tx.execute(
        update(guilds)
        .where(guilds.c.guild_id == guild_id, guilds.c.installed_by.is_(None))
        .values(installed_by=user_id)
    )


async def standing_guilds(tx: Transaction) -> set[int]:
    """Return the guilds that have not left."""
    rows = await tx.execute(select(guilds.c.guild_id).where(guilds.c.left_at.is_(None)))
    return {row.guild_id for row in rows}


async def guild_stands(tx: Transaction, guild_id: int) -> bool:
    """Say whether a guild is written down and has not left."""
    query = select(guilds.c.guild_id).where(
        guilds.c.guild_id == guild_id, guilds.c.left_at.is_(None)
    )
    return (await tx.execute(query)).scalar_one_or_none() is not None


async def forget_channels(tx: Transaction, channel_ids: Collection[int]) -> None:
    """Take channels out of the delivery history; that something was delivered stays."""
    names = [str(channel_id) for channel_id in channel_ids]
    if not names:
        return
    await tx.execute(
        delete(publications).where(
            publications.c.channel == CHANNEL, publications.c.target.in_(names)
        )
    )
    await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.channel == CHANNEL,
            deliveries.c.target.in_(names),
            deliveries.c.state.not_in((DeliveryState.PENDING, DeliveryState.SENDING)),
        )
        .values(target=literal("forgotten ") + cast(deliveries.c.id, Text), reference=None)
    )


async def channels_to_purge(tx: Transaction, now: datetime) -> list[int]:
    """Return the channels of guilds that left long enough ago."""
    query = (
        select(guild_channels.c.channel_id)
        .join(guilds, guilds.c.guild_id == guild_channels.c.guild_id)
        .where(guilds.c.purge_after <= now)
    )
    return [row.channel_id for row in await tx.execute(query)]


async def reader_levels(tx: Transaction) -> dict[int, str]:
    """Return the level of every user who chose one."""
    rows = await tx.execute(select(discord_readers.c.user_id, discord_readers.c.level))
    return {row.user_id: row.level for row in rows}


async def traces_of_user(tx: Transaction, user_id: int) -> dict[str, int]:
    """Count where a user's id stands."""
    counts = {
        "reader": select(func.count()).where(discord_readers.c.user_id == user_id),
        "panel": select(func.count()).where(guild_channels.c.updated_by == user_id),
        "installer": select(func.count()).where(guilds.c.installed_by == user_id),
    }
    return {name: int((await tx.execute(query)).scalar_one()) for name, query in counts.items()}


async def latest_delivery_id(tx: Transaction, edition_id: int, channel_id: int) -> int | None:
    """Return the delivery of an edition to a channel."""
    query = select(deliveries.c.id).where(
        deliveries.c.edition_id == edition_id,
        deliveries.c.channel == CHANNEL,
        deliveries.c.target == str(channel_id),
    )
    return (await tx.execute(query)).scalar_one_or_none()
