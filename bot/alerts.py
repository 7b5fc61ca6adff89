"""Tell the operator what needs a person, once for each trouble.

The same trouble raised again within six hours is counted and not told. Where nobody listens it
is still in the log and on ``/metrics``. A trouble that cannot be told never stops the desk: the
other ways are tried, and told which one failed; if all fail it is told when it is raised again.
"""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import httpx
import structlog
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.warnings import clear_alert, note_alert, owe_alert

log = structlog.get_logger(__name__)

Alarm = Callable[[str, str], Awaitable[None]]
"""Raise a trouble: a key that stays the same while it lasts, and a sentence for a person."""

QUIET_FOR = timedelta(hours=6)
TIMEOUT_SECONDS = 15.0
OK = 250
"""A mail server's yes."""
DISCORD_HOSTS = ("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com")
DISCORD_LIMIT = 1_900


class Bearer(Protocol):
    """Anything that can carry one sentence to the operator."""

    @property
    def way(self) -> str:
        """What it goes by, such as ``mail``: a word for the log, no address."""
        ...

    async def tell(self, words: str) -> None:
        """Carry it, or raise `BearerError`."""
        ...


class BearerError(Exception):
    """The operator could not be told this way."""


@dataclass(frozen=True)
class AlertDesk:
    """Raise and clear troubles. Several processes share the memory of what was told."""

    ledger: Ledger
    clock: Clock
    bearers: tuple[Bearer, ...] = ()
    quiet_for: timedelta = QUIET_FOR
    _told_here: dict[str, datetime] = field(default_factory=dict, repr=False, compare=False)
    """What was told while the ledger could not be written, and when."""

    async def alarm(self, key: str, words: str) -> None:
        """Tell the operator, unless they were told of the same trouble lately."""
        try:
            async with self.ledger.write() as tx:
                times = await note_alert(tx, key, words, self.clock(), self.quiet_for)
        except (DBAPIError, OSError):
            await self._tell_without_ledger(key, words)
            return
        log.warning("alert", key=key, words=words, told=times is not None)
        if times is not None:
            again = "" if times == 1 else f" ({times} times since this was last told)"
            if not await self._tell(f"Undertow: {words}{again}"):
                # Where not even this can be noted the alert waits out its six hours.
                with contextlib.suppress(DBAPIError, OSError):
                    async with self.ledger.write() as tx:
                        await owe_alert(tx, key, self.clock() - self.quiet_for)

    async def clear(self, key: str) -> None:
        """Say that a trouble is over, if it was one."""
        async with self.ledger.write() as tx:
            was_raised = await clear_alert(tx, key)
        was_told_here = self._told_here.pop(key, None) is not None
        if was_raised or was_told_here:
            log.info("alert_over", key=key)
            await self._tell(f"Undertow: over: {key}")

    async def _tell_without_ledger(self, key: str, words: str) -> None:
        """Tell what cannot be noted, such as a full disk; this process alone knows of it."""
        now, told_at = self.clock(), self._told_here.get(key)
        is_due = told_at is None or not told_at <= now < told_at + self.quiet_for
        log.warning("alert", key=key, words=words, told=is_due)
        if is_due and await self._tell(f"Undertow: {words}"):
            self._told_here[key] = now

    async def _tell(self, words: str) -> bool:
        """Tell it every way there is; false where there are ways and none went."""
        failed: list[str] = []
        for bearer in self.bearers:
            problem = await _problem_of(bearer, words)
            if problem is not None:
                log.error("alert_not_told", bearer=bearer.way, problem=problem, words=words)
                failed.append(f"by {bearer.way} this could not be told: {problem}")
            elif failed:
                await _problem_of(bearer, f"Undertow: {'; '.join(failed)}")
        return len(failed) < max(len(self.bearers), 1)


async def _problem_of(bearer: Bearer, words: str) -> str | None:
    try:
        await bearer.tell(words)
    except BearerError as error:
        return str(error)
    return None


@dataclass(frozen=True)
class WebAlert:
    """Post to an address: a Discord webhook, or anything that takes ``{"text": …}``."""

    url: str
    way: str = field(default="web", init=False)

    async def tell(self, words: str) -> None:
        """Post one sentence."""
        if urlsplit(self.url).hostname in DISCORD_HOSTS:
            message: dict[str, object] = {
                "content": words[:DISCORD_LIMIT],
                "allowed_mentions": {"parse": []},
            }
        else:
            message = {"text": words}
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
                answer = await client.post(self.url, json=message)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise BearerError(f"no answer: {type(error).__name__}") from error
        if not answer.is_success:
            raise BearerError(f"it answered {answer.status_code}")


@dataclass(frozen=True)
class MailAlert:
    """Send a plain mail through the desk's own relay."""

    smtp_url: str
    sender: str
    recipient: str
    way: str = field(default="mail", init=False)

    async def tell(self, words: str) -> None:
        """Send one sentence."""
        try:
            await asyncio.to_thread(self._hand_over, self._message(words))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # A ValueError is of an address or a password that no relay could be given.
            raise BearerError(f"the relay did not take it: {type(error).__name__}") from error

    def _message(self, words: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self.sender, self.recipient
        message["Subject"] = " ".join(words.split())[:120]
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words)
        return message

    def _hand_over(self, message: EmailMessage) -> None:
        from bot.mail.relay import Tls, relay_of, tls_context

        relay = relay_of(self.smtp_url)
        proves = tls_context(proves=relay.tls.proves_the_relay)
        if relay.tls is Tls.AT_ONCE:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                relay.host, relay.port, timeout=TIMEOUT_SECONDS, context=proves
            )
        else:
            server = smtplib.SMTP(relay.host, relay.port, timeout=TIMEOUT_SECONDS)
        with server:
            offered = server.ehlo()[0] == OK and server.has_extn("starttls")
            if relay.tls is Tls.REQUIRED or (relay.tls is Tls.IF_OFFERED and offered):
                server.starttls(context=proves)
            if relay.username:
                server.login(relay.username, relay.password or "")
            server.send_message(message)


def bearers_for(
    alert_url: str | None, *, smtp_url: str | None = None, mail_from: str | None = None
) -> tuple[Bearer, ...]:
    """Return how to reach the operator: ``https://…``, ``mailto:…``, several with blanks between.

    Raises
    ------
    ValueError
        For another kind of address, or for mail without a relay and a sender.
    """
    return tuple(_bearer(one, smtp_url, mail_from) for one in (alert_url or "").split())


def _bearer(alert_url: str, smtp_url: str | None, mail_from: str | None) -> Bearer:
    parts = urlsplit(alert_url)
    if parts.scheme in {"https", "http"}:
        return WebAlert(alert_url)
    if parts.scheme != "mailto":
        raise ValueError("an alert address begins with neither https: nor mailto:")
    if not smtp_url or not mail_from:
        raise ValueError("alerts by mail need SMTP_URL and MAIL_FROM as well")
    return MailAlert(smtp_url, mail_from, unquote(parts.path))
