"""Rules that tell a market fact from an accident of the file it came in.

Each rule looks at a row, and at most at rows before it, so what it says of a day does not
change when later days arrive. What is done about a breach is the source's business.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]

SPLIT_JUMP = 8.0
"""Closes that rise or fall more than eightfold overnight are splits, not moves.

The widest real moves known here are GameStop's neighbour KOSS on 2021-01-27 (5.8 times)
and the inverse volatility fund SVXY on 2018-02-06 (down to a sixth).
"""

AMBIGUOUS_TICKERS = frozenset({"BBBY"})
"""Tickers that have named two companies: Bed Bath & Beyond to 2023, Overstock's heir since 2025."""

LEAST_SHARES = 100_000.0
"""No listed fund has fewer shares: less is a count in millions, or a page number."""

PUT_CALL_RANGE = (0.1, 4.0)
"""Ratios outside are placeholders; 11.00 and 4.22 recur in the published pages [x]."""

DIX_RANGE = (0.0, 1.0)
"""The index is a share of dark-pool volume [fraction]."""


class ConflictError(ValueError):
    """Two rows answer the same question differently; ``row`` is where."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row} contradicts another row of the same key")
        self.row = row


def repeats(rows: pd.DataFrame, key: list[str]) -> Mask:
    """Return which rows say again, word for word, what a row before them said.

    Raises
    ------
    ConflictError
        If two rows agree in the key and differ elsewhere: nobody can say which is right.
    """
    if _strictly_ordered(rows, key):
        return np.zeros(len(rows), dtype=bool)
    again = rows.duplicated(key).to_numpy()
    same = rows.duplicated().to_numpy()
    if (again & ~same).any():
        raise ConflictError(int(np.flatnonzero(again & ~same)[0]))
    return again


def _strictly_ordered(rows: pd.DataFrame, key: list[str]) -> bool:
    """Return whether the rows rise by key (last name first), which rules out repeats fast."""
    rank = np.zeros(len(rows), dtype=np.int64)
    for name in reversed(key):
        whole = _whole(rows[name])
        first, last = whole.min(initial=0), whole.max(initial=0)
        rank = rank * (last - first + 1) + (whole - first)
    return bool((np.diff(rank) > 0).all())


def _whole(column: pd.Series) -> npt.NDArray[np.int64]:
    """Return days or categories as whole numbers."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64)
    return column.to_numpy("datetime64[D]").astype(np.int64)


def split_jumps(close: Floats) -> Mask:
    """Return where a close is more than eightfold, or less than an eighth of, the last one.

    Parameters
    ----------
    close : shape (n_sessions, n_symbols)
        Closes [USD or points], missing where there is no bar. A close is held against the
        last known one, however old: a split may fall into a gap.
    """
    logs = pd.DataFrame(np.log(close))
    change = logs - logs.ffill().shift(1)
    return (change.abs() > np.log(SPLIT_JUMP)).to_numpy()


def no_share_counts(shares: Floats) -> Mask:
    """Return which figures cannot be a fund's shares outstanding.

    Counts below 100,000 are in other units or no counts at all; whole numbers that read
    as a day (20260630) are dates that a scraper took for the count.
    """
    return (shares < LEAST_SHARES) | _reads_as_date(shares)


def _reads_as_date(values: Floats) -> Mask:
    whole = np.where(np.isfinite(values), values, 0.0)
    year, rest = np.divmod(whole, 10_000.0)
    month, day = np.divmod(rest, 100.0)
    plausible = (year >= 1980) & (year < 2100) & (month >= 1) & (month <= 12)
    return plausible & (day >= 1) & (day <= 31) & (whole == np.floor(whole))


def outside(values: Floats, bounds: tuple[float, float]) -> Mask:
    """Return which known values lie on or beyond the bounds."""
    low, high = bounds
    return (values <= low) | (values >= high)
