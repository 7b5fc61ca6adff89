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
    again = rows.duplicated(key).to_numpy()
    same = rows.duplicated().to_numpy()
    if (again & ~same).any():
        raise ConflictError(int(np.flatnonzero(again & ~same)[0]))
    return again


def in_order(rows: pd.DataFrame, key: list[str]) -> bool:
    """Return whether the rows rise strictly by key, its last name first: then none repeats."""
    rising: Mask = np.zeros(max(len(rows) - 1, 0), dtype=bool)
    for name in key:
        step = np.diff(_whole(rows[name]))
        rising = (step > 0) | ((step == 0) & rising)
    return bool(rising.all())


def _whole(column: pd.Series) -> npt.NDArray[np.int64]:
    """Return times or categories as whole numbers."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64)
    return column.to_numpy("datetime64[us]").view(np.int64)


def split_jumps(rows: pd.DataFrame) -> Mask:
    """Return which closes are more than eight times, or less than an eighth of, the last one.

    Parameters
    ----------
    rows
        ``symbol`` and ``close`` [USD or points, above zero], by symbol and then by date.
        A close is held against the row before, however old: a split may fall into a gap.
    """
    logs = np.log(rows["close"].to_numpy(float))
    codes = rows["symbol"].cat.codes.to_numpy()
    change = np.abs(np.diff(logs, prepend=logs[:1]))
    same_symbol = np.diff(codes, prepend=codes[:1]) == 0
    return np.asarray(same_symbol & (change > np.log(SPLIT_JUMP)))


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
    return np.asarray(plausible & (day >= 1) & (day <= 31) & (whole == np.floor(whole)))


def outside(values: Floats, bounds: tuple[float, float]) -> Mask:
    """Return which known values lie on or beyond the bounds."""
    low, high = bounds
    return (values <= low) | (values >= high)
