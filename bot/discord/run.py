"""What the service calls: make the bot, hang its channel on the outbox, run it."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import date, timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import DBAPIError

from bot.alerts import AlertDesk
from bot.channels.discord import DiscordChannel
from bot.clock import Clock
from bot.discord.client import UndertowBot, stay_connected
from bot.discord.pending import post_pending
from bot.discord.published import UnreadableNoteError
from bot.discord.rest import DiscordValues, TokenRefusedError
from bot.ledger import Ledger
from bot.safety import is_local
from bot.schedule.calendar import ExchangeSessions, SessionCalendar
from bot.settings import Settings

log = structlog.get_logger(__name__)

HOUSEKEEPING = timedelta(minutes=1)
TOKEN_ALERT = "discord:token"  # noqa: S105 - the name of a trouble


def discord_values(settings: Settings, public_url: str | None = None) -> DiscordValues | None:
    """Return what the settings say of Discord, nothing where it is off.

    Discord refuses a whole post for one link to a machine that nobody else can reach, so pages
    on this machine are not linked to.
    """
    if settings.discord_token is None:
        return None
    if public_url is not None and is_local(urlsplit(public_url).hostname or ""):
        public_url = None
    return DiscordValues(
        settings.discord_token.get_secret_value(),
        settings.discord_channel_id,
        settings.discord_api_base,
        settings.discord_gateway_url,
        public_url,
    )


def discord_bot(
    values: DiscordValues,
    ledger: Ledger,
    clock: Clock,
    calendar: SessionCalendar | None = None,
) -> UndertowBot:
    """Return a bot that has not spoken to Discord yet. Make it inside the running loop."""
    return UndertowBot(values, ledger, clock, calendar or ExchangeSessions())


def discord_channel(bot: UndertowBot) -> DiscordChannel:
    """Return the outbox's channel. It logs in by itself, so it needs no gateway."""
    return DiscordChannel(bot.ledger, bot.rest, bot.clock, bot.health)


async def run_discord(
    values: DiscordValues,
    ledger: Ledger,
    clock: Clock,
    *,
    bot: UndertowBot | None = None,
    stopping: asyncio.Event | None = None,
) -> None:
    """Answer on Discord until told to stop.

    ``bot`` is the one whose channel the outbox has; without it a new one is made.

    Raises
    ------
    TokenRefusedError
        If Discord refuses the token, now or later: nothing more may be asked with it.
    """
    bot = bot or discord_bot(values, ledger, clock)
    stopping = stopping or asyncio.Event()
    gateway = asyncio.create_task(stay_connected(bot))
    refused = asyncio.create_task(bot.rest.refused.wait())
    told = asyncio.create_task(stopping.wait())
    chores = asyncio.create_task(keep_house(bot))
    try:
        await asyncio.wait({gateway, refused, told}, return_when=asyncio.FIRST_COMPLETED)
        if gateway.done():
            gateway.result()
        if refused.done():
            raise TokenRefusedError
    finally:
        for task in (gateway, refused, told, chores):
            task.cancel()
        await asyncio.gather(gateway, refused, told, chores, return_exceptions=True)
        await asyncio.gather(bot.rest.finish(), bot.in_hand.finish())
        await bot.close()


async def answer_beside(bot: UndertowBot, stopping: asyncio.Event, alerts: AlertDesk) -> None:
    """Answer on Discord beside a desk that can do without.

    With a refused token Discord is off until the next start. The operator is told; pages, mail
    and schedule go on, and what Discord should have had waits in the outbox until it expires.
    """
    welcome = asyncio.create_task(_welcome(bot, alerts))
    try:
        await run_discord(bot.values, bot.ledger, bot.clock, bot=bot, stopping=stopping)
    except TokenRefusedError as error:
        await alerts.alarm(TOKEN_ALERT, f"{error}. Everything but Discord goes on")
    finally:
        welcome.cancel()
        await asyncio.gather(welcome, return_exceptions=True)


async def _welcome(bot: UndertowBot, alerts: AlertDesk) -> None:
    await bot.rest.logged_in.wait()
    await alerts.clear(TOKEN_ALERT)


def warm_up() -> None:
    """Load what the first question would else have to wait for: Discord gives it three seconds."""
    from analysis.drivers import all_drivers
    from bot.discord.pictures import load_drawing
    from templates.glossary import terms

    all_drivers()
    terms()
    load_drawing()


async def keep_house(bot: UndertowBot) -> None:
    """Every minute: say that data are late, forget who left long ago. Every night: look around."""
    await asyncio.to_thread(warm_up)
    with contextlib.suppress(DBAPIError, OSError, UnreadableNoteError):
        await bot.archive.latest()
        await bot.readers.level(0)
        await bot.coming.sessions()
    inspected_on: date | None = None
    while True:
        today = bot.clock().date()
        with contextlib.suppress(DBAPIError, OSError):
            await post_pending(bot, discord_channel(bot))
            await bot.guilds_desk.purge()
            if bot.is_ready() and inspected_on != today:
                await bot.guilds_desk.inspect()
                inspected_on = today
        await asyncio.sleep(HOUSEKEEPING.total_seconds())
