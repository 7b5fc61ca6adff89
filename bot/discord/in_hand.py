"""Answers being worked out: no more than can be given in time, and none dropped at the end.

The library starts a task for every command and every press, however many there are. Each of them
asks here first, whether there is room.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

log = structlog.get_logger(__name__)

MOST = 2_000
"""Discord waits three seconds for a first answer, and we give some six hundred a second
(docs/discord.md): whoever comes behind that many others could not be answered in time."""

LONGEST_SECONDS = 900.0
"""After fifteen minutes Discord takes no answer to an interaction any more."""

PATIENCE_SECONDS = 15.0
"""How long a desk that stops waits for its answers."""


@dataclass
class InHand:
    """The tasks that work out an answer now."""

    most: int = MOST
    longest_seconds: float = LONGEST_SECONDS
    turned_away: int = 0
    """How many found no room since there last was any to spare."""
    is_closing: bool = False
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def __len__(self) -> int:
        """How many answers are being worked out."""
        return len(self._tasks)

    def take(self) -> bool:
        """Take on what the running task is about to answer, or say that there is no room.

        Who is turned away is not told: Discord says itself that we did not answer, and saying
        it would be work of the very kind there is too much of.
        """
        task = asyncio.current_task()
        if task is None or self.is_closing or len(self._tasks) >= self.most:
            self._turn_away()
            return False
        self._tasks.add(task)
        too_late = task.get_loop().call_later(self.longest_seconds, task.cancel)
        task.add_done_callback(partial(self._let_go, too_late))
        return True

    def _turn_away(self) -> None:
        if self.turned_away == 0 and not self.is_closing:
            log.warning("too_many_asked_at_once", in_hand=len(self._tasks))
        self.turned_away += 1

    def _let_go(self, too_late: asyncio.TimerHandle, task: asyncio.Task[Any]) -> None:
        too_late.cancel()
        self._tasks.discard(task)
        if task.cancelled():
            log.warning("answer_given_up")
        elif task.exception() is not None:
            log.error("answer_failed", exc_info=task.exception())
        if self.turned_away and len(self._tasks) <= self.most // 2:
            log.warning("answering_again", turned_away=self.turned_away)
            self.turned_away = 0

    async def finish(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Take nothing on any more, wait for what is in hand, and give up what takes too long."""
        self.is_closing = True
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=patience_seconds)
            for task in late:
                task.cancel()
