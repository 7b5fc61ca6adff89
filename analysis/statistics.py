"""Sums, slopes and scales that look back only, and come out the same whatever follows.

A driver's last row must not change by a bit when later sessions or later symbols become
known. So sums across symbols run column by column in a fixed order, where a column of
missing values adds exactly nothing, and windows end before the session they judge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation, for a normal variable."""


def row_sum(frame: pd.DataFrame) -> pd.Series:
    """Add up each row in the order of the columns, missing values adding nothing.

    Returns
    -------
    shape (n_sessions,)
        Missing where every column is. Adding or dropping columns without a value leaves
        every bit of the sum alone, which a pairwise sum would not.
    """
    total = np.zeros(len(frame))
    known = np.zeros(len(frame), bool)
    for name in frame.columns:
        values = frame[name].to_numpy(float)
        here = np.isfinite(values)
        total += np.where(here, values, 0.0)
        known |= here
    return pd.Series(np.where(known, total, np.nan), index=frame.index)


def row_mean(frame: pd.DataFrame) -> pd.Series:
    """Return the mean of the known values of each row; missing where none is known."""
    return row_sum(frame) / frame.notna().sum(axis="columns")


def weighted_mean(parts: Sequence[tuple[float, pd.Series]]) -> pd.Series:
    """Return the mean of (weight, values) pairs over those that are known that session."""
    values = pd.DataFrame({i: weight * part for i, (weight, part) in enumerate(parts)})
    weights = pd.DataFrame(
        {i: weight * part.notna().astype(float) for i, (weight, part) in enumerate(parts)}
    )
    total = row_sum(weights)
    return row_sum(values) / total.where(total > 0.0)


def prior_beta(
    values: pd.Series, factor: pd.Series, *, window: int, least: int | None = None
) -> pd.Series:
    """Return the slope of ``values`` on ``factor`` over the ``window`` sessions before each [x].

    Least squares with an intercept. Missing with fewer than ``least`` (default: two
    thirds of the window) sessions on which both are known. The session itself is left
    out, so its own return cannot bend the line it is judged by.
    """
    enough = window * 2 // 3 if least is None else least
    both = factor.where(values.notna())
    past = both.rolling(window, min_periods=enough)
    spread = past.var()
    return (past.cov(values) / spread.where(spread > 0.0)).shift(1)


def prior_scale(values: pd.Series, *, window: int, least: int) -> pd.Series:
    """Return 1.4826 times the median |value| of the ``window`` sessions before each.

    The robust counterpart of a standard deviation about zero. Taken about zero, not about
    the median, it treats buying and selling alike. Missing where it would be zero.
    """
    scale = MAD_TO_SIGMA * values.abs().shift(1).rolling(window, min_periods=least).median()
    return scale.where(scale > 0.0)


def known_by_symbol(
    table: pd.DataFrame, column: str, symbols: Sequence[str], sessions: pd.DatetimeIndex
) -> pd.DataFrame:
    """Spread the newest publication known each evening into sessions by symbols.

    Parameters
    ----------
    table : rows (date, known, symbol, ``column``)
        Dated rows of `analysis.market.Market`.

    Returns
    -------
    shape (n_sessions, n_symbols)
        Columns in the order of ``symbols``; missing before a symbol's first publication.
        A later publication wins; of two on the same evening, the one about the later date.
    """
    names = pd.Index(symbols, dtype=str)
    wide = pd.DataFrame(np.nan, index=sessions, columns=names)
    if table.empty:
        return wide
    ordered = table.sort_values(["known", "date"], kind="stable")
    evening = sessions.searchsorted(ordered["known"].to_numpy())
    place = names.get_indexer(pd.Index(ordered["symbol"]))
    inside = (evening < len(sessions)) & (place >= 0)
    # Rows come in order of knowledge, so of two on one evening the later is left standing.
    figures = wide.to_numpy(copy=True)
    figures[evening[inside], place[inside]] = ordered[column].to_numpy(float)[inside]
    return pd.DataFrame(figures, index=sessions, columns=names).ffill()
