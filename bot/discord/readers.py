"""How each Discord user likes to read."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.discord.published import PLAIN
from bot.ledger import Ledger
from bot.ledger.discord import reader_levels
from bot.ledger.guilds import forget_reader, save_reader_level

ASK_AGAIN_SECONDS = 60.0
"""How long a level chosen through another process may go unnoticed."""


@dataclass
class Readers:
    """The levels of those who chose one, all of them at hand."""

    ledger: Ledger
    clock: Clock
    _levels: dict[int, str] = field(default_factory=dict)
    _asked_at: float = float("-inf")
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def level(self, user_id: int) -> str:
        """Return a user's level; those who never chose read plain."""
        if time.monotonic() - self._asked_at > ASK_AGAIN_SECONDS:
            await self._ask()
        return self._levels.get(user_id, PLAIN)

    async def _ask(self) -> None:
        async with self._line:
            if time.monotonic() - self._asked_at > ASK_AGAIN_SECONDS:
                async with self.ledger.read() as tx:
                    self._levels = await reader_levels(tx)
                self._asked_at = time.monotonic()

    async def choose(self, user_id: int, level: str) -> None:
        """Remember a user's level."""
        async with self.ledger.write() as tx:
            await save_reader_level(tx, user_id, level, self.clock())
        self._levels[user_id] = level

    async def forget(self, user_id: int) -> None:
        """Forget a user wherever their id stands."""
        async with self.ledger.write() as tx:
            await forget_reader(tx, user_id)
        self._levels.pop(user_id, None)
