"""Build the site of many sessions: from nothing, with cached images, one more note, no news.

    python -m benchmarks.site_build [SESSIONS]

A ledger is filled with copies of a few notes of the demo market, one for every session before
its last; what is measured is the site, not the writing of notes. It takes 350 kB of disk a
session twice, in the ledger and as files, in a folder that is removed afterwards.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import perf_counter, process_time

import orjson
import pandas as pd

from analysis.sessions import sessions_between
from analysis.sources.demo import DemoSource
from bot.desk import Desk
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade
from bot.publishing import NoteWriter
from bot.site.build import Built, build
from bot.site.frame import Site
from bot.site.ledger_shelf import LedgerShelf

SESSIONS = 4_000
PATTERNS = (date(2026, 6, 26), date(2026, 6, 29), date(2026, 6, 30))
"""Sessions of the demo market whose notes are copied: a quiet one and two full ones."""

KEPT = ("page.", "chart.", "card.png", "report.json")
"""The pieces that the site is made from; a ledger holds the other editions too."""

SITE = Site(address="https://desk.example", subscribe="https://desk.example/subscribe")


def patterns() -> list[Edition]:
    """Write the notes that are copied."""
    desk = Desk(DemoSource())
    writer = NoteWriter(desk.report, evening=desk.evening)
    notes = [writer.write(day) for day in PATTERNS]
    return [replace(note, texts=_pieces(note.texts)) for note in notes]


def _pieces(texts: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: body for name, body in texts.items() if name.startswith(KEPT)}


def copied(note: Edition, day: date) -> Edition:
    """Return a note as if it were of another session, and not of a simulated market."""
    head = orjson.loads(note.texts["page.json"]) | {"session": day.isoformat(), "demo": False}
    texts = {**note.texts, "page.json": orjson.dumps(head)}
    return replace(note, session=day, texts=texts, content_hash=f"sha256:{day:%Y%m%d}")


async def filled(ledger: Ledger, notes: Sequence[Edition], days: Sequence[date]) -> None:
    """Freeze a copy for each day."""
    for at in range(0, len(days), 100):
        async with ledger.write() as tx:
            for number, day in enumerate(days[at : at + 100], start=at):
                when = datetime.combine(day, time(21, 15), UTC)
                await freeze(tx, copied(notes[number % len(notes)], day), Terms(NOTE), when)


async def timed(words: str, site: Site, ledger: Ledger, out: Path) -> Built:
    """Build once and print a line."""
    began, spent = perf_counter(), process_time()
    built = await build(site, LedgerShelf(ledger), out, lambda _done, _of: None)
    seconds, worked = perf_counter() - began, process_time() - spent
    print(f"{words:<36}{seconds:7.1f} s{worked:7.1f} s of processor{built.made:9,} files made")
    return built


async def measure(sessions: int, folder: Path) -> None:
    """Fill a ledger, then build its site four times."""
    ledger = open_ledger(str(folder / "ledger.sqlite3"))
    await upgrade(ledger)
    notes = patterns()
    last = sessions_between(pd.Timestamp(2000, 1, 3), pd.Timestamp(2026, 6, 30))[-sessions:]
    days = [day.date() for day in last]
    began = perf_counter()
    await filled(ledger, notes, days[:-1])
    print(f"{sessions:,} notes put into a ledger in {perf_counter() - began:.0f} s")
    out = folder / "site"
    await timed("from nothing", SITE, ledger, out)
    await timed(
        "all pages anew, images as they are", replace(SITE, tagline="-", name="New"), ledger, out
    )
    await timed("the same, once more: no news", replace(SITE, tagline="-", name="New"), ledger, out)
    await filled(ledger, notes, days[-1:])
    await timed("one new session", replace(SITE, tagline="-", name="New"), ledger, out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{size / 1e9:.2f} GB of files, most memory {peak:,.0f} MiB")
    await ledger.close()


def main(arguments: list[str]) -> None:
    """Measure with so many sessions."""
    sessions = int(arguments[0]) if arguments else SESSIONS
    with tempfile.TemporaryDirectory(prefix="undertow-site-") as folder:
        asyncio.run(measure(sessions, Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
