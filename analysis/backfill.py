"""Every driver and every verdict over many sessions, as one long table.

The figures are those a report of the same session prints: both come from
`analysis.history`, which looks at nothing after the session it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.contract import significant
from analysis.history import History, read
from analysis.market import Market
from analysis.verdict import judge

COLUMNS = [
    "session",
    "slug",
    "score",
    "surprise",
    "flow_low_usd",
    "flow_mid_usd",
    "flow_high_usd",
    "share_of_adv",
    "coverage",
    "confidence",
    "measured",
    "verdict",
    "side",
]
"""The table's columns, in order; one row a session and driver."""

FIGURES = [
    "score",
    "surprise",
    "flow_low_usd",
    "flow_mid_usd",
    "flow_high_usd",
    "share_of_adv",
    "coverage",
    "confidence",
]


def backfill(
    market: Market,
    first: pd.Timestamp,
    last: pd.Timestamp,
    *,
    tick: Callable[[int, int], None] = lambda done, of: None,
) -> pd.DataFrame:
    """Return the long table of the sessions from ``first`` to ``last``.

    Sessions on which the index has no return are left out, as no report can be made of
    them. ``tick`` hears how many sessions are done, of how many.
    """
    rows = sessions_to_fill(market, first, last)
    return joined(list(backfill_years(market, rows, tick=tick)))


def sessions_to_fill(market: Market, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the sessions from ``first`` to ``last`` on which the index has a return."""
    known = np.isfinite(market.day_return.to_numpy(float))
    inside = (market.sessions >= first) & (market.sessions <= last)
    return pd.DatetimeIndex(market.sessions[inside & known])


def backfill_years(
    market: Market,
    rows: pd.DatetimeIndex,
    *,
    tick: Callable[[int, int], None] = lambda done, of: None,
) -> Iterator[pd.DataFrame]:
    """Yield the long table of ``rows`` year by year, so that what is done can be kept.

    Drivers are measured once for all years.
    """
    if not len(rows):
        return
    history = read(market, rows)
    done = 0
    for year in sorted(set(rows.year)):
        lines = []
        for line in _lines(history, rows[rows.year == year]):
            lines += line
            done += 1
            tick(done, len(rows))
        yield _table(lines)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Sessions of a stretch of time and the market up to the last of them: one worker's job."""

    market: Market
    rows: pd.DatetimeIndex


def spans(market: Market, rows: pd.DatetimeIndex, count: int) -> list[Span]:
    """Cut the sessions into at most ``count`` stretches of about the same length."""
    cuts = np.array_split(np.arange(len(rows)), count)
    return [
        Span(market=market.until(rows[cut[-1]]), rows=rows[cut[0] : cut[-1] + 1])
        for cut in cuts
        if len(cut)
    ]


def backfill_span(span: Span) -> pd.DataFrame:
    """Return the long table of one stretch: what a worker does."""
    return joined(list(backfill_years(span.market, span.rows)))


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put long tables together, in order of session and driver."""
    known = [table for table in tables if len(table)]
    if not known:
        return _table([])
    whole = pd.concat(known, ignore_index=True)
    return whole.sort_values(["session", "slug"], kind="stable", ignore_index=True)


def _table(lines: list[tuple[object, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(lines, columns=COLUMNS)
    types = dict.fromkeys(FIGURES, "float64") | {"measured": "bool", "session": "datetime64[us]"}
    return table.astype(types | dict.fromkeys(("slug", "verdict", "side"), "str"))


def _lines(history: History, rows: pd.DatetimeIndex) -> Iterator[list[tuple[object, ...]]]:
    """Give each session's rows, one a driver."""
    for session in rows:
        judgement = judge(history.hearing(session))
        yield [
            (
                session,
                slug,
                *(_printed(float(getattr(figures, name))) for name in FIGURES),
                bool(figures.measured),
                judgement.label.value,
                judgement.side.value,
            )
            for slug, figures in history.figures_at(session).items()
        ]


def _printed(value: float) -> float:
    return significant(value) if np.isfinite(value) else float("nan")
