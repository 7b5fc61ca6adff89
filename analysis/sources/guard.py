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

RESCALED_BY = 0.01
"""A past that changed by more than this throughout was adjusted for a split [fraction]."""

REPEATED_CHAIN = (
    "repeats the volume of the session before to the contract: it is that session again"
)

CHAIN_JUMP = 2.5
"""Open interest of a whole complex neither doubles and more nor halves and more overnight [x]."""

CLOSING_MINUTES = pd.Timedelta(minutes=5)
"""A symbol whose last trade is older than this before the close has a bar still running."""

SPLIT_SHARE = 0.2
"""A prior close that differs by more than this from the one kept was split: 5:4 is the least."""

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


def rescaled(before: pd.Series, now: pd.Series) -> bool:
    """Return whether a history was multiplied by something since it was last seen.

    Parameters
    ----------
    before, now : by day
        Prices or share counts of one symbol. Of the days in both, half must have moved by
        the same factor, at least 1 % away from one: a correction of single days is none.
    """
    both = pd.concat([before, now], axis="columns", join="inner").dropna()
    if both.empty:
        return False
    ratio = float((both.iloc[:, 1] / both.iloc[:, 0]).median())
    return abs(ratio - 1.0) > RESCALED_BY


def chain_size(past: pd.DataFrame, today: pd.DataFrame) -> str:
    """Return what is odd about a chain's size beside the last one kept, "" where nothing is.

    Parameters
    ----------
    past, today : rows of ``date``, ``symbol``, ``open_interest``, ``volume``
        Totals of chains kept before, and the one row of the chain at hand. Volume that
        repeats to the contract is `REPEATED_CHAIN`: a file under the next day's name.
    """
    row = today.iloc[0]
    earlier = past[(past["symbol"] == row["symbol"]) & (past["date"] < row["date"])]
    if earlier.empty:
        return ""
    last = earlier.sort_values("date").iloc[-1]
    if row["volume"] > 0.0 and row["volume"] == last["volume"]:
        return REPEATED_CHAIN
    ratio = row["open_interest"] / last["open_interest"]
    if not 1.0 / CHAIN_JUMP < ratio < CHAIN_JUMP:
        return (
            f"open interest is {ratio:.2g} times that of {last['date'].date()}; "
            "one of the two chains is not whole"
        )
    return ""


def disagreements(ours: pd.Series, theirs: pd.Series, tolerance: float) -> pd.Series:
    """Return the days on which two sources of one figure differ, with the difference.

    Parameters
    ----------
    ours, theirs : by day
        The same figure from two sources, in the same unit; days in one alone are passed.
    tolerance
        Differences up to it are rounding.
    """
    both = pd.concat([ours, theirs], axis="columns", join="inner").dropna()
    difference = both.iloc[:, 0] - both.iloc[:, 1]
    return difference[difference.abs() > tolerance]
