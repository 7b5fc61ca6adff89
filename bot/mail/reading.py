"""Look into the bounce mailbox now and then, for as long as the desk runs."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from bot.alerts import AlertDesk
from bot.clock import Clock
from bot.ledger import Ledger
from bot.mail.bounces import Mark, read_report
from bot.mail.boxes import Box, BoxSetting, Imap, Maildir
from bot.mail.lmtp import LONGEST_LINE, Door
from bot.mail.noting import note_report

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 60.0
TROUBLE = "bounces"


@dataclass(frozen=True)
class BounceReader:
    """Reads reports and lets the ledger know."""

    ledger: Ledger
    mark: Mark
    setting: BoxSetting
    clock: Clock
    alerts: AlertDesk
    every_seconds: float = LOOK_EVERY_SECONDS

    async def __call__(self, stopping: asyncio.Event) -> None:
        """Read until the event is set."""
        if self.setting.kind == "lmtp":
            await self._listen(stopping)
            return
        box = box_at(self.setting)
        while not stopping.is_set():
            await self.look(box)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self.every_seconds)

    async def look(self, box: Box) -> int:
        """Read what is new in a box, and return how many letters that was."""
        loop = asyncio.get_running_loop()

        def read(raw: bytes, recipient: str) -> bool:
            return asyncio.run_coroutine_threadsafe(self.take(raw, recipient), loop).result()

        try:
            count = await asyncio.to_thread(box.visit, read)
        except (OSError, imaplib.IMAP4.error, DBAPIError) as error:
            log.error("bounces_not_read", problem=type(error).__name__)
            words = f"the bounce mailbox cannot be read ({type(error).__name__}); check BOUNCE_URL"
            await self.alerts.alarm(TROUBLE, words)
            return 0
        await self.alerts.clear(TROUBLE)
        return count

    async def take(self, raw: bytes, recipient: str) -> bool:
        """Read one letter; true if it was a report about a delivery of ours."""
        bounce = read_report(raw, self.mark, recipient)
        if bounce is None:
            log.info("bounce_ignored", size=len(raw))
            return False
        await note_report(self.ledger, self.mark.key, self.clock, bounce)
        return True

    async def _listen(self, stopping: asyncio.Event) -> None:
        door = Door(self.mark, self.take)
        server = await asyncio.start_server(
            door.serve, self.setting.host, self.setting.port, limit=LONGEST_LINE
        )
        async with server:
            await stopping.wait()


def box_at(setting: BoxSetting) -> Box:
    """Return the box a setting names."""
    return Maildir(setting.path) if setting.kind == "maildir" else Imap(setting)
