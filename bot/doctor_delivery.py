"""Does what carries a note to its readers answer? Ledger, mail, Discord and the other channels.

Nothing is sent and nothing is made: a ledger that is not there stays so, the mail server is
greeted and left, Discord is asked who the bot is. A channel that is switched off is fine; one
that is set up and does not answer is not.
"""

from __future__ import annotations

import asyncio
import inspect
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import unquote, urlsplit

import httpx
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import DeskError
from bot.finding import OK, Finding, reached, refused, switched_off
from bot.ledger.database import LedgerError, answers, ledger_url, open_ledger
from bot.ledger.faults import one_sentence
from bot.ledger.migrate import WrongRevisionError, check_revision
from bot.settings import reveal

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.settings import Settings

PATIENCE_SECONDS = 8.0
"""For one greeting."""

DISCORD_API = "https://discord.com/api/v10"
SUBMISSION_PORT, TLS_PORT = 587, 465

CHECK_FAULTS = (DeskError, OSError, ValueError, httpx.HTTPError, SQLAlchemyError)
"""What a channel's own check may fail with; anything else is a defect and may be seen."""


@runtime_checkable
class Checkable(Protocol):
    """A channel that can say whether its far side takes it, without sending anything."""

    name: str

    def check(self) -> str | Awaitable[str]:
        """Return a few words on what answered, or raise with what is wrong."""
        ...


def delivery_checks(settings: Settings, clock: Clock) -> list[Callable[[], list[Finding]]]:
    """Return the checks, each to be run in a thread of its own."""
    return [
        lambda: [database(settings)],
        lambda: [mail(reveal(getattr(settings, "smtp_url", None)))],
        lambda: [discord(reveal(settings.discord_token), settings.discord_api_base)],
        lambda: channels(settings, clock),
    ]


def database(settings: Settings) -> Finding:
    """Open the ledger, ask it for a one, and hold its tables against the program's."""
    address = settings.database_url.get_secret_value()
    try:
        url = ledger_url(address)
    except LedgerError as error:
        return refused("database", str(error), "correct UNDERTOW_DATABASE_URL")
    kind = url.get_backend_name()
    if kind == "sqlite" and not Path(url.database or "").exists():
        found = f"no ledger yet at {url.database}; `undertow serve` or `undertow setup` makes one"
        return Finding(name="database", status=OK, found=found)
    try:
        asyncio.run(_ledger_answers(address))
    except WrongRevisionError as error:
        return refused("database", str(error), "run `undertow db upgrade`", reachable=True)
    except LedgerError as error:
        advice = "check UNDERTOW_DATABASE_URL, or restore a backup"
        return refused("database", f"{kind}: {error}", advice)
    return reached("database", f"{kind} answers and is of this version")


async def _ledger_answers(address: str) -> None:
    ledger = open_ledger(address)
    try:
        with one_sentence():
            await answers(ledger)
            await check_revision(ledger)
    finally:
        await ledger.close()


def mail(address: str | None) -> Finding:
    """Greet the mail server and log in, over TLS where it offers that; send nothing."""
    if not address:
        return switched_off("mail", "UNDERTOW_SMTP_URL")
    url = urlsplit(address)
    try:
        host, port = url.hostname, url.port
    except ValueError:
        host, port = None, None
    if url.scheme not in ("smtp", "smtps") or not host:
        found = "UNDERTOW_SMTP_URL is no address of a mail server"
        return refused("mail", found, "write it as smtp://user:password@host:587")
    try:
        told = _greeted(host, port, url.scheme == "smtps", url.username, url.password)
    except smtplib.SMTPAuthenticationError as error:
        found = f"{host} does not accept the login (SMTP {error.smtp_code})"
        return refused("mail", found, "check user and password in UNDERTOW_SMTP_URL")
    except ssl.SSLError as error:
        found = f"{host} offers no TLS that can be trusted ({_short(error)})"
        return refused("mail", found, "check the server's name and certificate")
    except (smtplib.SMTPException, OSError) as error:
        found = f"{host} does not answer as a mail server ({_short(error)})"
        return refused("mail", found, "check host and port in UNDERTOW_SMTP_URL, and the network")
    return reached("mail", told)


def _greeted(
    host: str, port: int | None, tls_first: bool, user: str | None, password: str | None
) -> str:
    """Connect, say EHLO, begin TLS where offered, log in where there is a user, and leave."""
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if tls_first:
        connection = smtplib.SMTP_SSL(
            host, port or TLS_PORT, timeout=PATIENCE_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(host, port or SUBMISSION_PORT, timeout=PATIENCE_SECONDS)
    with connection as server:
        server.ehlo()
        told = [f"{host} answers"]
        if tls_first or server.has_extn("starttls"):
            if not tls_first:
                server.starttls(context=context)
                server.ehlo()
            told.append("over TLS")
        else:
            told.append("without TLS")
        if user:
            server.login(unquote(user), unquote(password or ""))
            told.append("and takes the login")
    return " ".join(told)


def discord(token: str | None, api_base: str | None) -> Finding:
    """Ask Discord who the token belongs to."""
    if not token:
        return switched_off("discord", "UNDERTOW_DISCORD_TOKEN")
    base = (api_base or DISCORD_API).rstrip("/")
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (undertow, 0.1)"}
    try:
        answer = httpx.get(f"{base}/users/@me", headers=headers, timeout=PATIENCE_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        found = f"Discord is out of reach ({type(error).__name__})"
        return refused("discord", found, "check the network and UNDERTOW_DISCORD_API_BASE")
    if answer.status_code in (401, 403):
        advice = "make a new token in the developer portal and set UNDERTOW_DISCORD_TOKEN"
        return refused("discord", "Discord does not know the token", advice, reachable=True)
    if answer.status_code != httpx.codes.OK:
        found = f"Discord answers HTTP {answer.status_code}"
        return refused("discord", found, "try again later", reachable=True)
    return reached("discord", f"logged in as {_bot_name(answer)}")


def _bot_name(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return "a bot whose name cannot be read"
    return str(body.get("username", "a bot")) if isinstance(body, dict) else "a bot"


def channels(settings: Settings, clock: Clock) -> list[Finding]:
    """Ask every channel that can check itself."""
    from bot.assembly import channels_of, ledger_of

    try:
        found = channels_of(settings, ledger_of(settings), clock)
    except CHECK_FAULTS as error:
        return [refused("channels", str(error), "correct the channel's settings")]
    return [checked(channel) for channel in found if isinstance(channel, Checkable)]


def checked(channel: Checkable) -> Finding:
    """Let one channel check itself."""
    try:
        told = channel.check()
        words = asyncio.run(_awaited(told)) if inspect.isawaitable(told) else told
    except CHECK_FAULTS as error:
        return refused(channel.name, _short(error), f"check the settings of {channel.name}")
    return reached(channel.name, str(words or "answers"))


async def _awaited(words: Awaitable[str]) -> str:
    return await words


def _short(error: BaseException) -> str:
    """Return what an error says, in one line and without what it was given."""
    if isinstance(error, SQLAlchemyError):
        return type(getattr(error, "orig", None) or error).__name__
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:200] or type(error).__name__
