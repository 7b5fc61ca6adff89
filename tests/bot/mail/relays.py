"""A relay of our own that answers as each recipient's name tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

RECIPIENT_ANSWERS = {
    "busy": "450 4.2.1 mailbox busy, try later",
    "full": "552 5.2.2 mailbox full",
    "gone": "550 5.1.1 no such user",
    "policy": "550 5.7.1 your address is on a list",
    "fast": "421 4.7.0 too many messages, slow down",
}
TEXT_ANSWERS = {
    "spam": "554 5.7.1 looks like spam",
    "later": "451 4.3.0 try again",
    "vague": "554 5.0.0 transaction failed",
}


@dataclass
class Caught:
    """One message that the relay has."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message as a mail program reads it."""
        return message_from_bytes(self.raw, policy=policy.default)


@dataclass
class MoodyRelay:
    """Takes every message, unless the part before the @ is one of the names above.

    ``drop@`` is taken and the line is cut without an answer; ``hang@`` is taken and no answer
    comes; ``cut@`` is cut before the text. ``refuse_sender`` refuses everybody;
    ``at_recipient`` is awaited when a recipient is named.
    """

    refuse_sender: str | None = None
    at_recipient: Callable[[], Awaitable[None]] | None = None
    caught: list[Caught] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's own name for it
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        """Count the lines that were opened."""
        session.host_name = hostname
        self.sessions += 1
        return lines

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, or refuse it."""
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 2.1.0 sender is fine"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer as the recipient's name says."""
        self.asked.append(address)
        if self.at_recipient is not None:
            await self.at_recipient()
        name = address.partition("@")[0].partition("+")[0]
        if name in RECIPIENT_ANSWERS:
            return RECIPIENT_ANSWERS[name]
        if name == "cut":
            _cut(server)
            return "250 2.1.5 never heard"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient is fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message and answer, or keep it and fall silent."""
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name in TEXT_ANSWERS:
            return TEXT_ANSWERS[name]
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        self.caught.append(Caught(envelope.mail_from or "", envelope.rcpt_tos[0], raw))
        if name == "drop":
            _cut(server)
        if name == "hang":
            await asyncio.sleep(2.0)
        return f"250 2.0.0 Ok: queued as Q{len(self.caught)}"


def _cut(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


@asynccontextmanager
async def running(relay: MoodyRelay) -> AsyncIterator[MoodyRelay]:
    """Run a relay on loopback, in the loop of the test."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(relay, hostname="mx.reader.test", loop=loop), "127.0.0.1", 0
    )
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay
