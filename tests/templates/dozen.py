"""One day written as if it had been each of a dozen sessions: so many wordings are tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from analysis.context import Context
from analysis.report import FlowReport
from templates import write_commentary
from templates.note import Note, compose

DOZEN = [date(2025, 4, day) for day in (7, 8, 9, 10, 11, 14, 15, 16, 17, 21, 22, 23)]

PAST = Context(
    data_begin=date(2005, 1, 3),
    move_since=None,
    run_sessions=1,
    run_since=None,
    level_since=None,
    vix_move_since=None,
    prior_session=date(2025, 4, 8),
    prior_return=0.001,
    prior_forced_usd=1e9,
)
"""Nothing in the days before is worth a sentence."""


def notes(report: FlowReport) -> Iterator[Note]:
    """Compose the day as of each session of the dozen."""
    for session in DOZEN:
        yield compose(write_commentary(replace(report, session=session)))
