"""Notes written from a market folder or the demo, kept so that each is written once."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from bot.site.entries import Entry, Marked, facts_of
from bot.site.shelf import Json

if TYPE_CHECKING:
    import pandas as pd

    from analysis.market import Market
    from bot.desk import Desk

Tick = Callable[[int, int], None]

CODE = ("analysis", "templates")
"""What a note's words and figures come from, beside the market."""

CODE_KINDS = (".py", ".j2", ".yaml", ".csv", ".txt")
HEAD = "page.json"
RECORD = "record.json"


@dataclass(frozen=True, slots=True)
class MarketShelf:
    """Notes of a market folder, oldest first; nobody was sent them and none is graded."""

    folders: Mapping[date, Path]
    hindsight: Path
    written: int = 0
    """How many were not in the cache."""

    async def state(self) -> str:
        """Return a mark that changes with the notes."""
        return " ".join(folder.name for folder in self.folders.values())

    async def entries(self) -> tuple[Entry, ...]:
        """Return every note, oldest first."""
        return tuple(
            _entry(number, session, folder)
            for number, (session, folder) in enumerate(self.folders.items())
        )

    async def texts(
        self, edition_ids: Collection[int], names: Collection[str]
    ) -> dict[int, dict[str, bytes]]:
        """Return, by note, those of the named pieces that it has."""
        folders = list(self.folders.values())
        return {
            one: {
                name: (folders[one] / name).read_bytes()
                for name in names
                if (folders[one] / name).exists()
            }
            for one in edition_ids
        }

    async def record(self) -> Json:
        """Return the hindsight record."""
        body: Json = orjson.loads(self.hindsight.read_bytes())
        return body

    async def marked(self) -> tuple[Marked, ...]:
        """Return nothing: none of these claims was published."""
        return ()


async def market_shelf(desk: Desk, sessions: int, cache: Path, tick: Tick) -> MarketShelf:
    """Write the last sessions of a desk's market, or take them from the cache.

    A kept note counts while the market as it was known that evening, the operator's events
    and the program that writes are the same.
    """
    return await asyncio.to_thread(_written, desk, sessions, cache, tick)


def _written(desk: Desk, sessions: int, cache: Path, tick: Tick) -> MarketShelf:
    from bot.publishing import NoteWriter

    market = desk.market("latest")
    writer = NoteWriter(desk.report, desk.events, evening=desk.evening)
    base = _program(desk.events)
    days = [day for day in market.sessions[-sessions:] if _has_return(market, day)]
    folders: dict[date, Path] = {}
    written = 0
    for done, day in enumerate(days):
        tick(done, len(days))
        folder = cache / f"{day:%Y-%m-%d}-{_key(base, market.until(day))}"
        if not (folder / HEAD).exists():
            _place(writer.write(day.date()).texts, folder)
            written += 1
        folders[day.date()] = folder
    tick(len(days), len(days))
    return MarketShelf(folders, _hindsight(market, base, cache), written)


def _hindsight(market: Market, base: str, cache: Path) -> Path:
    from bot.site.recorded import hindsight_record

    path = cache / f"hindsight-{_key(base, market)}" / RECORD
    if not path.exists():
        _place({RECORD: orjson.dumps(hindsight_record(market))}, path.parent)
    return path


def _has_return(market: Market, day: pd.Timestamp) -> bool:
    change = float(market.day_return[day])
    return change == change


def _key(base: str, market: Market) -> str:
    from analysis.fingerprint import fingerprint

    return hashlib.sha256(f"{base} {fingerprint(market)}".encode()).hexdigest()[:20]


def _program(events: Path | None) -> str:
    """Return the sha256 of the program that writes, and of the operator's events."""
    root = Path(__file__).parent.parent.parent
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in CODE_KINDS:
                digest.update(path.read_bytes())
    if events is not None and events.exists():
        digest.update(events.read_bytes())
    return digest.hexdigest()


def _place(texts: Mapping[str, bytes], folder: Path) -> None:
    """Put a folder in its place whole or not at all."""
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, body in texts.items():
        (draft / name).write_bytes(body)
    shutil.rmtree(folder, ignore_errors=True)
    draft.replace(folder)


def _entry(number: int, session: date, folder: Path) -> Entry:
    facts = facts_of((folder / HEAD).read_bytes())
    known = datetime.strptime(facts.as_of, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return Entry(
        edition_id=number,
        session=session,
        key=folder.name,
        facts=facts,
        published_at=known,
    )
