"""Notes in a ledger, set from reports made by hand: no market is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache

from analysis.report import FlowReport
from bot.edition import AGAIN, NOTE, REASON_TEXT, RETRACTION, Edition, in_turn
from bot.ledger import Ledger
from bot.ledger.editions import EditionRow, Terms, freeze
from bot.publishing import NoteWriter
from tests.templates.reports import demo, mixed, quiet, rally, sell_off

DAYS = (date(2025, 3, 28), date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 2))
REPORTS = (rally, quiet, sell_off, mixed)


@cache
def written(number: int) -> Edition:
    """Return one of four notes: a rally, a quiet day, a sell-off, a mixed day."""
    day = DAYS[number]
    report = replace(REPORTS[number](), session=day, as_of=f"{day}T20:00:00Z")
    return NoteWriter(lambda _session: report).write(day)


@cache
def simulated() -> Edition:
    """Return a note of a simulated market."""
    report: FlowReport = replace(demo(), session=DAYS[0])
    return NoteWriter(lambda _session: report).write(DAYS[0])


async def frozen(ledger: Ledger, note: Edition, terms: Terms | None = None) -> EditionRow:
    """Freeze a note on the evening of its session."""
    when = datetime.combine(note.session, time(21, 15), UTC)
    async with ledger.write() as tx:
        return await freeze(tx, note, terms or Terms(NOTE), when)


async def taken_back(ledger: Ledger, note: Edition, turn: int = 1) -> EditionRow:
    """Withdraw a note."""
    words = Edition(note.session, {REASON_TEXT: b"A price file was wrong."}, f"sha256:end{turn}")
    return await frozen(ledger, words, Terms(in_turn(RETRACTION, turn)))


async def published_again(ledger: Ledger, note: Edition, turn: int = 1) -> EditionRow:
    """Publish a withdrawn note once more, in these words."""
    return await frozen(ledger, note, Terms(in_turn(AGAIN, turn)))
