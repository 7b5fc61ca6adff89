"""Guilds come, go and change what we may do in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.clock import Clock
from bot.discord.health import MISSING, Health
from bot.discord.permissions import missing_here, ours
from bot.edition import NOTE
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState, find_delivery
from bot.ledger.discord import (
    CHANNEL,
    OK,
    channels_to_purge,
    forget_channels,
    forget_role,
    guild_stands,
    latest_delivery_id,
    set_health,
    standing_guilds,
)
from bot.ledger.editions import latest_edition
from bot.ledger.guilds import (
    GuildChannel,
    join_guild,
    join_guilds,
    leave_guild,
    list_guild_channels,
    purge_guilds,
)
from bot.ledger.settling import cancel_waiting, retry_by_hand

if TYPE_CHECKING:
    import discord

log = structlog.get_logger(__name__)

STILL_NEWS = timedelta(hours=6)
"""A note this old is still posted when a permission comes back."""


@dataclass(frozen=True)
class Guilds:
    """Keeps the ledger's guilds in step with Discord's."""

    client: discord.Client
    ledger: Ledger
    clock: Clock
    health: Health

    async def joined(self, guild: discord.Guild) -> None:
        """Write a guild down, or that it came back."""
        async with self.ledger.write() as tx:
            await join_guild(tx, guild.id, self.clock(), locale=str(guild.preferred_locale))

    async def appeared(self, guild: discord.Guild) -> None:
        """Write a guild down that is there and should not be; after an outage all are known."""
        async with self.ledger.read() as tx:
            known = await guild_stands(tx, guild.id)
        if not known:
            await self.joined(guild)

    async def left(self, guild_id: int) -> None:
        """Stop posting to a guild, cancel what waits, and plan to forget it."""
        now = self.clock()
        async with self.ledger.write() as tx:
            for place in await list_guild_channels(tx, guild_id=guild_id):
                await cancel_waiting(
                    tx, CHANNEL, str(place.channel_id), "the bot left the server", now
                )
            await leave_guild(tx, guild_id, now)
        log.info("guild_left", guild=guild_id)

    async def compare(self, present: Mapping[int, str]) -> None:
        """Note the guilds that came and those that left while nobody was listening.

        ``present`` are the ids of those that are there, with their languages.
        """
        async with self.ledger.write() as tx:
            standing = await standing_guilds(tx)
            new = {one: locale for one, locale in present.items() if one not in standing}
            await join_guilds(tx, new, self.clock())
        for guild_id in sorted(standing - present.keys()):
            await self.left(guild_id)

    async def recheck(self, guild: discord.Guild) -> None:
        """Post again where a permission came back, today's note too if it is still news."""
        async with self.ledger.read() as tx:
            places = await list_guild_channels(tx, guild_id=guild.id, enabled_only=True)
        for place in places:
            if place.health.startswith(MISSING) and self._may_post(place):
                await self._recover(place)

    async def role_gone(self, guild_id: int, role_id: int) -> None:
        """Stop calling a role that is gone."""
        async with self.ledger.write() as tx:
            await forget_role(tx, guild_id, role_id)

    async def inspect(self) -> None:
        """Look at every channel's permissions as the cache knows them, and note what changed.

        An event may be missed while the gateway is away; this is done every night.
        """
        async with self.ledger.read() as tx:
            places = await list_guild_channels(tx, enabled_only=True)
        changed = 0
        for place in places:
            changed += await self._inspect_one(place)
        log.info("channels_inspected", channels=len(places), changed=changed)

    async def _inspect_one(self, place: GuildChannel) -> bool:
        permissions = ours(self.client.get_channel(place.channel_id))
        if permissions is None:
            return False
        missing = missing_here(permissions, place.kind)
        found = f"{MISSING}{','.join(missing)}"[:60] if missing else OK
        if found == place.health:
            return False
        if found == OK:
            await self._recover(place)
            return True
        async with self.ledger.write() as tx:
            await set_health(tx, place.channel_id, found, self.clock())
        return True

    def _may_post(self, place: GuildChannel) -> bool:
        permissions = ours(self.client.get_channel(place.channel_id))
        return permissions is not None and not missing_here(permissions, place.kind)

    async def _recover(self, place: GuildChannel) -> None:
        now = self.clock()
        async with self.ledger.write() as tx:
            await set_health(tx, place.channel_id, OK, now)
            note = await latest_edition(tx, NOTE)
            if note is None or note.frozen_at is None or now - note.frozen_at > STILL_NEWS:
                return
            delivery_id = await latest_delivery_id(tx, note.id, place.channel_id)
            row = await find_delivery(tx, delivery_id) if delivery_id is not None else None
            if row is not None and row.state is DeliveryState.FAILED:
                await retry_by_hand(tx, row.id, now, now + STILL_NEWS)
        log.info("channel_recovered", channel=place.channel_id)

    async def purge(self) -> int:
        """Forget the guilds that left thirty days ago, and return how many."""
        now = self.clock()
        async with self.ledger.write() as tx:
            await forget_channels(tx, await channels_to_purge(tx, now))
            return await purge_guilds(tx, now)
