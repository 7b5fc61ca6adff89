"""Taking a note back by hand: what `undertow unpublish` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.channels import Channel
from bot.edition import NOTE, REMOVAL, RETRACTION
from bot.errors import BadArgumentError, DeskError
from bot.ledger.deliveries import DeliveryState, deliveries_of
from bot.ledger.editions import find_edition
from bot.sending import chosen
from bot.service import Service, prepare
from bot.settings import Settings
from bot.withdrawing import announce

DISCORD = "discord"


async def unpublish_now(
    service: Service, settings: Settings, session: date, names: Sequence[str], reason: str
) -> str:
    """Withdraw a session's note, from every channel or from those named, and say what came of it.

    Named channels only lose their copy: the note itself still stands everywhere else. Without a
    name the note is withdrawn, on Discord too, where `undertow serve` changes the posts, and what
    was still waiting to be sent is not sent. `bot.republishing` puts it back.

    Raises
    ------
    DeskError
        If the session has no published note, or something could not be taken down.
    """
    await prepare(service.ledger)
    async with service.ledger.read() as tx:
        note = await find_edition(tx, session, NOTE)
    if note is None or not note.is_frozen:
        raise DeskError(f"no note of {session} was published, so there is nothing to take back")
    kind = REMOVAL if names else RETRACTION
    channels = _able(chosen(service.channels, names), kind, names)
    carriers = channels if names else [*channels, *_discord(service, settings)]
    end = await announce(service.ledger, carriers, session, kind, reason, service.clock())
    await replace(service, channels=channels).outbox().drain()
    return await _outcome(service, session, end.edition)


def _able(channels: Sequence[Channel], kind: str, names: Sequence[str]) -> list[Channel]:
    unable = [channel.name for channel in channels if kind not in channel.carries]
    if names and unable:
        raise BadArgumentError(
            f"channel {unable[0]!r} cannot take a note back; remove its copy by hand"
        )
    return [channel for channel in channels if kind in channel.carries]


def _discord(service: Service, settings: Settings) -> list[Channel]:
    """Return Discord's channel to promise it to; only the running desk speaks to Discord."""
    if settings.discord_token is None:
        return []
    from bot.discord.run import discord_bot, discord_channel, discord_values

    values = discord_values(settings, settings.public_url)
    if values is None:
        return []
    return [discord_channel(discord_bot(values, service.ledger, service.clock))]


async def _outcome(service: Service, session: date, edition: str) -> str:
    async with service.ledger.read() as tx:
        rows = await deliveries_of(tx, session, edition)
    lines = []
    for row in rows:
        words = row.detail or row.reference or ""
        if row.channel == DISCORD and row.state is DeliveryState.PENDING:
            words = "`undertow serve` changes the posts"
        lines.append(f"{row.channel} → {row.target}: {row.state.value}  {words}".rstrip())
    done = "\n".join([f"{session}: withdrawn", *(lines or ["no channel held it"])])
    if any(row.state is DeliveryState.FAILED for row in rows):
        raise DeskError(f"{done}\nwhat failed still stands; mend it, then retry")
    return done
