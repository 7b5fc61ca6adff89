"""Were the shorts really covered? Calls of short covering against the next published count.

Short covering is inferred from prices on the day. Twice a month the truth comes out: the
shares sold short at a settlement date. A session that was called covering is held against
the change from the last count before it to the first count that can hold its trades. One
count spans a dozen sessions, so it neither proves nor clears a single day; many of them
show whether the calls are better than calling every day.

References
----------
FINRA Rule 4560, Short-Interest Reporting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.drivers.short_covering import names_of
from analysis.intervals import wilson
from analysis.market import Market
from analysis.short_interest_calendar import confirmation_dates

CALLED_SCORE = 0.40
"""Where the words begin to say that shorts were bought back: a moderate score."""

COLUMNS = ["session", "score", "settlement", "change_fraction", "fell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveringRecord:
    """How often published short interest fell over a window that had a call in it.

    ``base_rate`` is the share of all published windows in which it fell; the rates are
    missing where there is no window.
    """

    calls: int
    checked: int
    windows: int
    fell_rate: float | None
    interval: tuple[float, float] | None
    base_rate: float | None
    base_windows: int


def covering_checks(market: Market, scores: pd.Series) -> pd.DataFrame:
    """Hold each call of short covering against the next short interest.

    Parameters
    ----------
    scores : shape (n_sessions,)
        Scores of short_covering; a call is one of at least 0.4.

    Returns
    -------
    shape (n_calls, 5)
        ``session``, ``score``, the first ``settlement`` date whose count holds its trades,
        ``change_fraction`` of the basket's short shares over that window and whether they
        ``fell`` (1.0 or 0.0), both missing while either count is not public.
    """
    called = scores[scores >= CALLED_SCORE]
    if called.empty:
        return pd.DataFrame(columns=COLUMNS)
    days = pd.DatetimeIndex(called.index)
    settlement = confirmation_dates(days)["settlement"]
    change = settlement.map(short_changes(market)).astype(float)
    table = pd.DataFrame(
        {
            "session": days,
            "score": called.to_numpy(float),
            "settlement": settlement.to_numpy(),
            "change_fraction": change.to_numpy(float),
        }
    )
    fell = (table["change_fraction"] < 0.0).astype(float)
    return table.assign(fell=fell.where(table["change_fraction"].notna()))[COLUMNS]


def short_changes(market: Market) -> pd.Series:
    """Return the change of the basket's short shares since the count before, by settlement date.

    Only names in both counts are compared, and only counts at most 20 days apart: over a
    missing count two windows would be taken for one. Empty with fewer than two counts.
    """
    table = market.short_interest
    if table.empty:
        return pd.Series(dtype=float)
    names = set(names_of(market)["symbol"])
    mine = table[table["symbol"].isin(names)].sort_values(["date", "known"])
    wide = mine.drop_duplicates(["date", "symbol"], keep="last").pivot(
        index="date", columns="symbol", values="shares"
    )
    both = wide.notna() & wide.shift(1).notna()
    now = wide.where(both).sum(axis="columns")
    before = wide.shift(1).where(both).sum(axis="columns")
    days = pd.Series(wide.index, index=wide.index).diff().dt.days
    change: pd.Series = (now / before.where(before > 0.0) - 1.0).where(days <= 20)
    return change.dropna()


def covering_record(market: Market, scores: pd.Series) -> CoveringRecord:
    """Sum up the checks: a window counts once, however many calls fell into it."""
    checks = covering_checks(market, scores)
    windows = checks.dropna(subset="fell").drop_duplicates("settlement")
    changes = short_changes(market)
    hits = float(windows["fell"].sum())
    return CoveringRecord(
        calls=len(checks),
        checked=int(checks["fell"].notna().sum()),
        windows=len(windows),
        fell_rate=hits / len(windows) if len(windows) else None,
        interval=wilson(hits, len(windows)) if len(windows) else None,
        base_rate=float(np.mean(changes < 0.0)) if len(changes) else None,
        base_windows=len(changes),
    )
