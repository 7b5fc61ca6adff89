"""Discord guilds and the channels in them that want the note. Ids only, no names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import bindparam, delete, select, update

from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.readers import discord_readers, guild_channels, guilds

KEEP_AFTER_LEAVING = timedelta(days=30)
FINE, LEFT = "ok", "left"
"""The health of a channel that can be posted to, and of one whose guild we had to leave."""


@dataclass(frozen=True, slots=True)
class GuildChannel:
    """What a guild asked for in one channel, thread or forum.

    Without a ``local_time`` it is posted at publication; ``drivers`` empty means all of them.
    """

    channel_id: int
    guild_id: int
    kind: str = "text"
    at_publication: bool = True
    local_time: time | None = None
    zone: str = "America/New_York"
    role_id: int | None = None
    drivers: tuple[str, ...] = field(default=())
    level: str = "plain"
    crosspost: bool = False
    enabled: bool = True
    health: str = FINE
    health_told_at: datetime | None = None
    failures: int = 0
    updated_by: int | None = None


async def join_guild(
    tx: Transaction, guild_id: int, now: datetime, *, locale: str = "en-US"
) -> None:
    """Write down a guild, or that it has come back before it was purged."""
    await join_guilds(tx, {guild_id: locale}, now)


async def join_guilds(tx: Transaction, locales: Mapping[int, str], now: datetime) -> None:
    """Write down guilds by id with their languages, in two statements however many they are.

    What went to their channels when they left goes there again; what was paused stays paused.
    """
    if not locales:
        return
    insert = insert_into(tx, guilds)
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["guild_id"],
            set_={"locale": insert.excluded.locale, "left_at": None, "purge_after": None},
        ),
        [
            {"guild_id": guild_id, "locale": locale, "joined_at": now}
            for guild_id, locale in locales.items()
        ],
    )
    await tx.execute(
        update(guild_channels)
        .where(guild_channels.c.guild_id == bindparam("of_guild"), guild_channels.c.health == LEFT)
        .values(enabled=True, health=FINE, health_told_at=None, updated_at=now),
        [{"of_guild": guild_id} for guild_id in locales],
    )


async def leave_guild(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Stop posting to a guild at once, and plan to forget it."""
    await tx.execute(
        update(guilds)
        .where(guilds.c.guild_id == guild_id)
        .values(left_at=now, purge_after=now + KEEP_AFTER_LEAVING)
    )
    await tx.execute(
        update(guild_channels)
        .where(guild_channels.c.guild_id == guild_id, guild_channels.c.enabled)
        .values(enabled=False, health=LEFT, updated_at=now)
    )


async def purge_guilds(tx: Transaction, now: datetime) -> int:
    """Forget the guilds that left long enough ago, and return how many."""
    due = select(guilds.c.guild_id).where(guilds.c.purge_after <= now)
    await tx.execute(delete(guild_channels).where(guild_channels.c.guild_id.in_(due)))
    gone = await tx.execute(
        delete(guilds).where(guilds.c.purge_after <= now).returning(guilds.c.guild_id)
    )
    return len(gone.all())


async def save_guild_channel(tx: Transaction, channel: GuildChannel, now: datetime) -> None:
    """Store what a guild asked for, in place of what it asked for before."""
    values = {**asdict(channel), "drivers": list(channel.drivers), "updated_at": now}
    await tx.execute(
        insert_into(tx, guild_channels)
        .values(**values)
        .on_conflict_do_update(index_elements=["channel_id"], set_=values)
    )


async def remove_guild_channel(tx: Transaction, channel_id: int) -> None:
    """Forget a channel."""
    await tx.execute(delete(guild_channels).where(guild_channels.c.channel_id == channel_id))


async def list_guild_channels(
    tx: Transaction, *, guild_id: int | None = None, enabled_only: bool = False
) -> list[GuildChannel]:
    """Return the channels of one guild, or of all."""
    query = select(guild_channels).order_by(guild_channels.c.channel_id)
    if guild_id is not None:
        query = query.where(guild_channels.c.guild_id == guild_id)
    if enabled_only:
        query = query.where(guild_channels.c.enabled)
    found = []
    for row in (await tx.execute(query)).mappings():
        fields = {name: row[name] for name in GuildChannel.__slots__}
        found.append(GuildChannel(**{**fields, "drivers": tuple(row["drivers"])}))
    return found


async def save_reader_level(tx: Transaction, user_id: int, level: str, now: datetime) -> None:
    """Remember how a Discord user likes to read."""
    values = {"level": level, "updated_at": now}
    await tx.execute(
        insert_into(tx, discord_readers)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


async def reader_level(tx: Transaction, user_id: int) -> str | None:
    """Return how a Discord user likes to read, if they ever said so."""
    query = select(discord_readers.c.level).where(discord_readers.c.user_id == user_id)
    return (await tx.execute(query)).scalar_one_or_none()


async def forget_reader(tx: Transaction, user_id: int) -> None:
    """Forget a Discord user wherever their id stands."""
    await tx.execute(delete(discord_readers).where(discord_readers.c.user_id == user_id))
    await tx.execute(
        update(guild_channels).where(guild_channels.c.updated_by == user_id).values(updated_by=None)
    )
    await tx.execute(
        update(guilds).where(guilds.c.installed_by == user_id).values(installed_by=None)
    )
