"""A few deliveries that are handed over together and settled together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from bot.channels import HandOver, LeaseLostError
from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.claiming import mark_handed
from bot.ledger.deliveries import DeliveryRow


@dataclass
class Group:
    """The deliveries of one connection's turn.

    The first of them that is about to be handed over commits the mark for all, so the cost of a
    commit is shared; a crash then leaves the whole group in doubt, which is why groups are small.
    """

    ledger: Ledger
    clock: Clock
    rows: Sequence[DeliveryRow]
    handed_at: datetime | None = None
    _ours: set[int] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def hand_over_of(self, row: DeliveryRow) -> HandOver:
        """Return what a channel awaits right before it hands this delivery over."""
        return partial(self._hand_over, row.id)

    async def _hand_over(self, delivery_id: int) -> None:
        async with self._lock:
            if self.handed_at is None:
                now = self.clock()
                async with self.ledger.write() as tx:
                    self._ours = await mark_handed(tx, self.rows, now)
                self.handed_at = now
        if delivery_id not in self._ours:
            raise LeaseLostError(f"delivery {delivery_id} was taken over by another worker")

    def as_handed(self, row: DeliveryRow) -> DeliveryRow:
        """Return a row with the moment it was handed over, for its history."""
        return replace(row, handed_at=self.handed_at) if row.id in self._ours else row
