"""From settings to a running desk: ledger, channels, alerts, writer, service.

A channel whose settings are missing is off. Settings that must not go together are refused
before anything is opened.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import structlog

from analysis.sources import SourceError
from bot.alerts import AlertDesk, bearers_for
from bot.channels import Channel
from bot.channels.folder import FolderChannel
from bot.channels.webhook import WebhookChannel
from bot.clock import Clock
from bot.edition import NOTE
from bot.errors import BadArgumentError, DeskError
from bot.grading import grade_due
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.publishing import NoteWriter
from bot.safety import Exposure, unsafe_settings
from bot.schedule import Times
from bot.service import Companion, Service, serve
from bot.settings import Settings, reveal

if TYPE_CHECKING:
    from bot.desk import Desk

log = structlog.get_logger(__name__)


def open_service(settings: Settings, desk: Desk) -> Service:
    """Return a service that publishes what the desk writes.

    Raises
    ------
    DeskError
        When settings must not go together, with every reason.
    """
    refuse_unsafe(settings)
    ledger = ledger_of(settings)

    async def grade(_session: date) -> None:
        # The note is out; marking older ones can wait for a better day.
        try:
            await grade_due(ledger, desk.market("latest"), desk.clock())
        except (SourceError, ValueError) as error:
            log.warning("not_graded", problem=str(error))

    return Service(
        ledger=ledger,
        channels=channels_of(settings, desk.clock),
        alerts=AlertDesk(ledger, desk.clock, bearers_for(reveal(settings.alert_url))),
        writers={NOTE: NoteWriter(desk.report, desk.events, desk.evening).write},
        times=times_of(settings),
        clock=desk.clock,
        after_note=grade,
    )


async def run_desk(settings: Settings, desk: Desk) -> None:
    """Run the whole desk until it is told to stop, with Discord where it has a token."""
    service = open_service(settings, desk)
    beside: list[Companion] = []
    if settings.discord_token is not None:
        from bot.discord.run import discord_bot, discord_channel, discord_values, run_discord

        values = discord_values(settings, settings.public_url)
        if values is not None:
            bot = discord_bot(values, service.ledger, service.clock, service.calendar)
            service = replace(service, channels=[*service.channels, discord_channel(bot)])

            async def answer(stopping: asyncio.Event) -> None:
                await run_discord(values, service.ledger, service.clock, bot=bot, stopping=stopping)

            beside.append(answer)
    from bot.site.setup import site_app

    pages = site_app(settings, service.ledger)
    await serve(service, pages=pages, host=settings.host, port=settings.port, beside=beside)


def ledger_of(settings: Settings) -> Ledger:
    """Open the ledger that the settings name."""
    try:
        return open_ledger(settings.database_url.get_secret_value())
    except ValueError as error:
        raise BadArgumentError(f"UNDERTOW_DATABASE_URL: {error}") from error


def channels_of(settings: Settings, clock: Clock) -> list[Channel]:
    """Return the channels that have their settings."""
    channels: list[Channel] = []
    if settings.folder is not None:
        channels.append(FolderChannel(settings.folder))
    url, secret = reveal(settings.webhook_url), reveal(settings.webhook_secret)
    if url and secret:
        channels.append(WebhookChannel(url, secret, clock=clock))
    return channels


def times_of(settings: Settings) -> Times:
    """Return when a session's jobs fall due."""
    try:
        return Times(
            draft_after_close=settings.draft_after_close,
            publish_after_close=settings.publish_after_close,
            revision_at=settings.revision_at,
        )
    except ValueError as error:
        raise BadArgumentError(str(error)) from error


def refuse_unsafe(settings: Settings) -> None:
    """Raise with every reason why the desk must not start."""
    reasons = unsafe_settings(
        Exposure(
            host=settings.host,
            public_url=settings.public_url,
            key_length=len(reveal(settings.secret_key) or ""),
            webhook_url=reveal(settings.webhook_url),
            has_webhook_secret=settings.webhook_secret is not None,
            alert_url=reveal(settings.alert_url),
        )
    )
    if reasons:
        raise DeskError("refused to start: " + "; ".join(reasons))
