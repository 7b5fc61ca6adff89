"""Lines to the relay: opened when needed, kept while there is work, closed when there is none.

A message goes over in four steps. Up to the third the relay has nothing of it, whatever breaks.
Right before the fourth, the text itself, the outbox commits its mark; if the line breaks after
that, nobody can know.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiosmtplib

from bot.channels import HandOver, InDoubt, LeaseLostError, Receipt, RetryLater
from bot.mail.address import Address
from bot.mail.answers import Answer, Stage
from bot.mail.handshake import handshake_trouble
from bot.mail.relay import Relay, Tls, tls_context

COMMAND_SECONDS = 30.0
TEXT_SECONDS = 60.0
MESSAGES_A_LINE = 200
NO_RELAY_FOR = timedelta(minutes=1)
WIRE_FAULTS = (aiosmtplib.SMTPException, OSError, EOFError)


@dataclass
class Line:
    """One connection."""

    client: aiosmtplib.SMTP
    carried: int = 0

    @property
    def is_good(self) -> bool:
        """Whether it can carry one more."""
        return self.client.is_connected and self.carried < MESSAGES_A_LINE

    async def close(self) -> None:
        """Say goodbye, if the other side still listens."""
        with contextlib.suppress(*WIRE_FAULTS):
            await self.client.quit(timeout=5.0)
        self.client.close()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Between whom a message goes."""

    sender: Address
    recipient: Address


@dataclass
class Lines:
    """The open lines of a process to its relay."""

    relay: Relay
    hostname: str
    command_seconds: float = COMMAND_SECONDS
    text_seconds: float = TEXT_SECONDS
    _idle: list[Line] = field(default_factory=list)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Lend a line that nobody else uses; it is kept if it is still good afterwards."""
        line = await self._take()
        try:
            yield line
        except BaseException:
            line.client.close()
            raise
        if line.is_good:
            self._idle.append(line)
        else:
            await line.close()

    async def close(self) -> None:
        """Close the lines nobody uses."""
        while self._idle:
            await self._idle.pop().close()

    async def _take(self) -> Line:
        while self._idle:
            line = self._idle.pop()
            if line.is_good:
                return line
            line.client.close()
        return Line(await self._open())

    async def _open(self) -> aiosmtplib.SMTP:
        relay = self.relay
        start_tls = {Tls.REQUIRED: True, Tls.IF_OFFERED: None}.get(relay.tls, False)
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.username,
            password=relay.password,
            local_hostname=self.hostname,
            timeout=self.command_seconds,
            use_tls=relay.tls is Tls.AT_ONCE,
            start_tls=start_tls,
            tls_context=(
                None if relay.tls is Tls.NEVER else tls_context(proves=relay.tls.proves_the_relay)
            ),
        )
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        return client


async def hand(
    line: Line, envelope: Envelope, message: bytes, hand_over: HandOver, text_seconds: float
) -> Answer | Receipt:
    """Give one message to the relay.

    ``message`` ends in CR and LF and no line of it begins with a dot.

    Returns
    -------
    Answer or Receipt
        The relay's last word, or `InDoubt` where it never came.

    Raises
    ------
    aiosmtplib.SMTPException, OSError
        If the line broke before the text began: the relay has nothing.
    LeaseLostError
        If somebody else has the delivery by now.
    """
    client, line.carried = line.client, line.carried + 1
    for stage, verb, argument in (
        (Stage.SENDER, b"MAIL", f"FROM:<{envelope.sender}>"),
        (Stage.RECIPIENT, b"RCPT", f"TO:<{envelope.recipient}>"),
    ):
        reply = await client.execute_command(verb, argument.encode("ascii"))
        if reply.code >= 300:
            await _start_over(client)
            return Answer(stage, reply.code, reply.message)
    try:
        await hand_over()
    except LeaseLostError:
        await _start_over(client)
        raise
    reply = await client.execute_command(b"DATA")
    if reply.code != 354:
        await _start_over(client)
        return Answer(Stage.CONTENT, reply.code, reply.message)
    return await _text(client, message, text_seconds)


async def _text(client: aiosmtplib.SMTP, message: bytes, text_seconds: float) -> Answer | Receipt:
    protocol = client.protocol
    if protocol is None:
        return RetryLater("the line broke before the text", "lost")
    try:
        protocol.write(message + b".\r\n")
    except WIRE_FAULTS as error:
        client.close()
        return RetryLater(f"the line broke before the text: {type(error).__name__}", "lost")
    try:
        reply = await protocol.read_response(timeout=text_seconds)
    except WIRE_FAULTS as error:
        client.close()
        return InDoubt(f"no answer after the text: {type(error).__name__}", "lost")
    if reply.code == 421:
        client.close()
    return Answer(Stage.CONTENT, reply.code, reply.message)


async def _start_over(client: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(*WIRE_FAULTS):
        await client.execute_command(b"RSET")


def no_line(error: Exception) -> Answer | Receipt:
    """Return what it means that no line could be opened."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Answer(Stage.CONNECT, error.code, error.message)
    reason = handshake_trouble(error) or f"no line to the relay: {type(error).__name__}"
    return RetryLater(reason, "connect", NO_RELAY_FOR, whole_channel=True)
