"""How posting to each channel goes, and who is told when it does not."""

from __future__ import annotations

from dataclasses import dataclass

import discord
import structlog

from bot.channels import Receipt, Refused, Sent
from bot.clock import Clock
from bot.discord.ids import nonce_of
from bot.discord.permissions import NAMES, missing_here, ours
from bot.discord.receipts import GONE
from bot.discord.rest import Rest
from bot.discord.sending import WIRE_FAULTS
from bot.ledger import Ledger
from bot.ledger.discord import CHANNEL, OK, claim_telling, set_health
from bot.ledger.guilds import LEFT, GuildChannel
from bot.ledger.settling import cancel_waiting

log = structlog.get_logger(__name__)

CHANNEL_GONE = "channel_gone"
MISSING = "missing:"


@dataclass(frozen=True, slots=True)
class Health:
    """Keeps the health column of the guilds' channels."""

    ledger: Ledger
    rest: Rest
    clock: Clock

    async def after(self, place: GuildChannel, receipt: Receipt) -> None:
        """Write down what a delivery told of a channel, and tell its administrators once."""
        if isinstance(receipt, Sent) and place.health != OK:
            async with self.ledger.write() as tx:
                await set_health(tx, place.channel_id, OK, self.clock())
        if not isinstance(receipt, Refused) or receipt.our_fault:
            return
        if receipt.code in {str(code) for code in GONE}:
            await self.gone(place.channel_id)
            return
        async with self.ledger.write() as tx:
            await set_health(tx, place.channel_id, self.trouble(place, receipt), self.clock())
            is_news = await claim_telling(tx, place.channel_id, self.clock())
        if is_news:
            await self._tell(place, receipt.reason)

    def trouble(self, place: GuildChannel, receipt: Refused) -> str:
        """Name what is missing, as exactly as the cache knows it."""
        permissions = ours(self.rest.client.get_channel(place.channel_id))
        names = missing_here(permissions, place.kind) if permissions is not None else []
        return f"{MISSING}{','.join(names)}" if names else f"{MISSING}{receipt.code or 'access'}"

    async def gone(self, channel_id: int) -> None:
        """Stop posting to a channel that is no more; what was asked for is kept for the panel."""
        now = self.clock()
        async with self.ledger.write() as tx:
            await set_health(tx, channel_id, CHANNEL_GONE, now, enabled=False)
            await cancel_waiting(tx, CHANNEL, str(channel_id), "the channel was deleted", now)

    async def _tell(self, place: GuildChannel, reason: str) -> None:
        guild = self.rest.client.get_guild(place.guild_id)
        channel = guild.system_channel if guild is not None else None
        permissions = ours(channel)
        if channel is None or permissions is None or not permissions.send_messages:
            return
        words = (
            f"I could not post the market note in <#{place.channel_id}>: {reason}. "
            "`/flow-setup show` says what to change; I will not repeat this."
        )
        nonce = nonce_of(f"told/{place.channel_id}/{self.clock():%Y%m%d}")
        try:
            await channel.send(words[:1_900], nonce=nonce)
        except (discord.DiscordException, *WIRE_FAULTS) as error:
            log.info("admins_not_told", guild=place.guild_id, problem=str(error)[:200])


def health_words(place: GuildChannel) -> str:
    """Say how a channel stands.

    >>> health_words(GuildChannel(1, 2, health="missing:send_messages"))
    'missing **Send Messages**'
    >>> health_words(GuildChannel(1, 2, health="ok", enabled=False))
    'paused'
    """
    if place.health == CHANNEL_GONE:
        return "the channel is gone"
    if place.health.startswith(MISSING):
        names = place.health.removeprefix(MISSING).split(",")
        return "missing " + ", ".join(f"**{NAMES.get(name, 'access')}**" for name in names)
    if place.health == LEFT:
        return "left with its server"
    if not place.enabled:
        return "paused"
    return "fine"
