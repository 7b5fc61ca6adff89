"""Where published notes come from: a ledger, or a market folder they are written from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from bot.site.entries import Entry, Marked

Json = Mapping[str, object]

NO_RECORD: Json = {
    "hindsight": False,
    "first": None,
    "last": None,
    "base_rates": [],
    "scores": [],
    "by_year": [],
    "short_covering": None,
    "alarms": [],
}
"""The record of a desk that has claimed nothing yet."""


class Shelf(Protocol):
    """Anything that holds frozen notes."""

    async def state(self) -> str:
        """Return a mark that changes whenever a note or a grade is added."""
        ...

    async def entries(self) -> tuple[Entry, ...]:
        """Return every note that may be shown, oldest first."""
        ...

    async def texts(
        self, edition_ids: Collection[int], names: Collection[str]
    ) -> dict[int, dict[str, bytes]]:
        """Return, by edition, those of the named pieces that it has."""
        ...

    async def record(self) -> Json:
        """Return the track record, in the shape that `undertow record --json` prints."""
        ...

    async def marked(self) -> tuple[Marked, ...]:
        """Return the claims that were marked, oldest first."""
        ...
