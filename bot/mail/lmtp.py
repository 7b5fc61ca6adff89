"""A small door for bounces: the mail server on this machine brings them by LMTP.

It takes mail for addresses that carry our mark and for nobody else, so it cannot be used to fill
the ledger or to send mail on.

References
----------
Myers, J. (1996). Local Mail Transfer Protocol. RFC 2033.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.mail.bounces import LARGEST_READ, Mark
from bot.mail.verp import delivery_of

LONGEST_LINE = 4_096
IDLE_SECONDS = 60.0
MOST_RECIPIENTS = 10
RECIPIENT = re.compile(r"TO:\s*<([^>]{1,320})>", re.IGNORECASE)

Take = Callable[[bytes, str], Awaitable[object]]
"""Takes a letter and whom it came to."""


@dataclass
class Caller:
    """One mail server on the line."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    recipients: list[str] = field(default_factory=list)

    async def say(self, words: str) -> None:
        """Answer in one line."""
        self.writer.write(words.encode("ascii") + b"\r\n")
        await self.writer.drain()

    async def line(self) -> bytes:
        """Return the next line."""
        return await asyncio.wait_for(self.reader.readline(), IDLE_SECONDS)


@dataclass(frozen=True)
class Door:
    """Listens, and hands on what comes to an address of ours."""

    mark: Mark
    take: Take

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one mail server until it leaves."""
        caller = Caller(reader, writer)
        with contextlib.suppress(ConnectionError, TimeoutError, ValueError):
            await caller.say("220 undertow LMTP")
            while line := await caller.line():
                if not await self._answer(caller, line.decode("latin-1").strip()):
                    break
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    async def _answer(self, caller: Caller, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "LHLO":
                await caller.say(f"250-undertow\r\n250-8BITMIME\r\n250 SIZE {LARGEST_READ * 40}")
            case "MAIL" | "RSET":
                caller.recipients.clear()
                await caller.say("250 2.0.0 go on")
            case "RCPT":
                await self._recipient(caller, rest)
            case "DATA":
                await self._letter(caller)
            case "NOOP":
                await caller.say("250 2.0.0 still here")
            case "QUIT":
                await caller.say("221 2.0.0 goodbye")
                return False
            case _:
                await caller.say("500 5.5.1 LMTP only: LHLO MAIL RCPT DATA RSET NOOP QUIT")
        return True

    async def _recipient(self, caller: Caller, rest: str) -> None:
        found = RECIPIENT.match(rest)
        number = None
        if found is not None and len(caller.recipients) < MOST_RECIPIENTS:
            number = delivery_of(self.mark.key, self.mark.mailbox, found[1])
        if found is None or number is None:
            await caller.say("550 5.1.1 not an address of ours")
            return
        caller.recipients.append(found[1])
        await caller.say("250 2.1.5 yes")

    async def _letter(self, caller: Caller) -> None:
        if not caller.recipients:
            await caller.say("503 5.5.1 no valid recipients")
            return
        await caller.say("354 end with a dot on a line of its own")
        kept, size = [], 0
        while (line := await caller.line()) not in (b".\r\n", b".\n"):
            if not line:
                return
            size += len(line)
            if size <= LARGEST_READ:
                kept.append(line[1:] if line.startswith(b"..") else line)
        letter = b"".join(kept)
        for recipient in caller.recipients:
            await self.take(letter, recipient)
            await caller.say("250 2.0.0 read")
        caller.recipients.clear()
