"""Every driver and every verdict over many sessions, as one long table.

The figures are those a report of the same session prints: both come from
`analysis.history`, which looks at nothing after the session it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    rows = market.sessions[(market.sessions >= first) & (market.sessions <= last)]
    rows = rows[np.isfinite(market.day_return[rows].to_numpy(float))]
    history = read(market, rows)
    lines = []
    for done, line in enumerate(_lines(history, rows), start=1):
        lines += line
        tick(done, len(rows))
    table = pd.DataFrame(lines, columns=COLUMNS)
    return table.astype(dict.fromkeys(FIGURES, float) | {"measured": bool})


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
