"""From settings to a running desk: ledger, channels, alerts, writer, service.

A channel whose settings are missing is off. Settings that must not go together are refused
before anything is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING

import structlog

from analysis.sources import SourceError
from bot.alerts import AlertDesk, Bearer, bearers_for
from bot.blogs.assembly import blogs_of, unsafe_blogs
from bot.channels import Channel
from bot.channels.folder import FolderChannel
from bot.channels.webhook import WebhookChannel
from bot.clock import Clock
from bot.edition import INTO_CLOSE, NOTE, WEEKLY
from bot.errors import BadArgumentError, DeskError
from bot.grading import grade_due
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.outbox import Outbox
from bot.publishing import NoteWriter, public_site
from bot.safety import Exposure, unsafe_settings
from bot.schedule import Times
from bot.schedule.runner import Wake, Write, wake_nobody
from bot.service import Companion, Service, StandBy, serve, sessions_of, work
from bot.settings import Settings, reveal
from bot.weekly import DigestWriter

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

    async def grade(session: date) -> None:
        # The note is out; marking older ones can wait for a better day. A folder may hold more
        # sessions than a rehearsal's clock has reached: none after this one may be looked at.
        try:
            await grade_due(ledger, desk.market(session.isoformat()), desk.clock())
        except (SourceError, ValueError) as error:
            log.warning("not_graded", problem=str(error))

    return Service(
        ledger=ledger,
        channels=channels_of(settings, ledger, desk.clock),
        alerts=AlertDesk(ledger, desk.clock, bearers_of(settings)),
        writers={
            NOTE: NoteWriter(
                desk.report, desk.events, public_site(settings.public_url), desk.evening
            ).write,
            WEEKLY: DigestWriter(lambda: ledger_of(settings), sessions_of).write,
            **_close_writer(settings, desk),
        },
        times=times_of(settings),
        clock=desk.clock,
        after_note=grade,
        wake=waker_of(settings, ledger),
    )


def _close_writer(settings: Settings, desk: Desk) -> dict[str, Write]:
    """Return what writes estimates into the close, where they are wanted and can be had."""
    if settings.close_estimate_at is None:
        return {}
    if desk.during is None:
        log.warning("no_close_estimate", problem="a simulated market has no prices of now")
        return {}
    from bot.into_close import CloseWriter

    return {INTO_CLOSE: CloseWriter(desk.during).write}


@asynccontextmanager
async def with_discord(service: Service, settings: Settings) -> AsyncIterator[Service]:
    """Give the service a Discord channel where there is a token: REST alone, no gateway.

    For processes that send and do not answer. It must be entered in the running loop.
    """
    if settings.discord_token is None:
        yield service
        return
    from bot.discord.run import discord_bot, discord_channel, discord_values

    values = discord_values(settings, settings.public_url)
    if values is None:
        yield service
        return
    bot = discord_bot(values, service.ledger, service.clock, service.calendar)
    try:
        yield replace(service, channels=[*service.channels, discord_channel(bot)])
    finally:
        await bot.rest.finish()
        await bot.close()


async def run_worker(settings: Settings, service: Service, *, on_call: bool = False) -> None:
    """Send from the outbox until told to stop, on every channel that has its settings."""
    async with with_discord(service, settings) as whole:
        await work(whole, _stand_by(settings, whole.ledger) if on_call else None)


def _stand_by(settings: Settings, ledger: Ledger) -> StandBy:
    address = settings.database_url.get_secret_value()
    if ledger.is_sqlite:
        raise DeskError(
            "`undertow worker --on-call` needs a PostgreSQL ledger; on SQLite one process has all "
            "the work anyway"
        )
    if find_spec("procrastinate") is None:
        raise DeskError("`undertow worker --on-call` needs the extra: pip install undertow[scale]")

    async def wait_for_jobs(outbox: Outbox) -> None:
        from bot.fanout import stand_by

        await stand_by(address, ledger, outbox)

    return wait_for_jobs


def waker_of(settings: Settings, ledger: Ledger) -> Wake:
    """Return what wakes workers on call: nobody on SQLite or without the extra ``scale``."""
    if ledger.is_sqlite or find_spec("procrastinate") is None:
        return wake_nobody

    async def wake(channels: Iterable[str]) -> None:
        from bot.fanout import waker

        await waker(settings.database_url.get_secret_value(), ledger)(channels)

    return wake


async def run_desk(settings: Settings, desk: Desk) -> None:
    """Run the whole desk until it is told to stop, with Discord where it has a token."""
    service = open_service(settings, desk)
    beside: list[Companion] = []
    if settings.discord_token is not None:
        from bot.discord.run import answer_beside, discord_bot, discord_channel, discord_values

        values = discord_values(settings, settings.public_url)
        if values is not None:
            bot = discord_bot(values, service.ledger, service.clock, service.calendar)
            bot.elsewhere = service.channels
            service = replace(service, channels=[*service.channels, discord_channel(bot)])

            async def answer(stopping: asyncio.Event) -> None:
                await answer_beside(bot, stopping, service.alerts)

            beside.append(answer)
    from bot.pages.setup import newsletter_companions, pages_of

    beside += newsletter_companions(settings, service)
    beside += mail_companions(settings, service)
    pages = pages_of(settings, service)
    await serve(service, pages=pages, host=settings.host, port=settings.port, beside=beside)


def mail_companions(settings: Settings, service: Service) -> list[Companion]:
    """Return what reads the bounces, where there is a mailbox for them."""
    if settings.bounce_url is None:
        return []
    from bot.mail.setup import bounce_reader

    reader = bounce_reader(settings, service)
    return [] if reader is None else [reader]


def ledger_of(settings: Settings) -> Ledger:
    """Open the ledger that the settings name."""
    try:
        return open_ledger(settings.database_url.get_secret_value())
    except ValueError as error:
        raise BadArgumentError(f"UNDERTOW_DATABASE_URL: {error}") from error


def bearers_of(settings: Settings) -> tuple[Bearer, ...]:
    """Return how the operator is told of troubles."""
    try:
        return bearers_for(
            reveal(settings.alert_url),
            smtp_url=reveal(settings.smtp_url),
            mail_from=settings.mail_from,
        )
    except ValueError as error:
        raise BadArgumentError(f"UNDERTOW_ALERT_URL: {error}") from error


def channels_of(settings: Settings, ledger: Ledger, clock: Clock) -> list[Channel]:
    """Return the channels that have their settings."""
    channels: list[Channel] = []
    if settings.folder is not None:
        channels.append(FolderChannel(settings.folder))
    url, secret = reveal(settings.webhook_url), reveal(settings.webhook_secret)
    if url and secret:
        channels.append(WebhookChannel(url, secret, clock=clock))
    if settings.smtp_url is not None:
        from bot.mail.setup import mail_channel

        mail = mail_channel(settings, ledger, clock)
        channels += [] if mail is None else [mail]
    return [*channels, *blogs_of(settings, ledger, clock)]


def times_of(settings: Settings) -> Times:
    """Return when a session's jobs fall due."""
    try:
        return Times(
            draft_after_close=settings.draft_after_close,
            publish_after_close=settings.publish_after_close,
            revision_at=settings.revision_at,
            estimate_before_close=(settings.estimate_before_close),
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
            smtp_url=reveal(settings.smtp_url),
            mail_from=settings.mail_from,
            postal_address=settings.postal_address,
            bounce_url=reveal(settings.bounce_url),
            has_bounce_secret=settings.bounce_webhook_secret is not None,
            has_dkim_key=settings.dkim_key is not None,
            has_dkim_selector=bool(settings.dkim_selector),
        )
    )
    reasons += unsafe_blogs(settings)
    if reasons:
        raise DeskError("refused to start: " + "; ".join(reasons))
