"""Long rows (date, symbol, value) spread into panels of sessions by symbols."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Places: TypeAlias = npt.NDArray[np.int64]


def places(dates: pd.Series, sessions: pd.DatetimeIndex) -> Places:
    """Return each date's place among the sessions, -1 where it is none of them.

    A table by day number: millions of rows take milliseconds, where hashing takes tenths.
    """
    days = dates.to_numpy("datetime64[D]").astype(np.int64)
    open_days = sessions.to_numpy("datetime64[D]").astype(np.int64)
    first, last = open_days[0], open_days[-1]
    table = np.full(last - first + 1, -1, dtype=np.int64)
    table[open_days - first] = np.arange(len(open_days))
    within = (days >= first) & (days <= last)
    return np.where(within, table[np.where(within, days - first, 0)], -1)


def spread(rows: pd.DataFrame, values: list[str], sessions: pd.DatetimeIndex) -> list[pd.DataFrame]:
    """Return one panel a value, missing where there is no row.

    Parameters
    ----------
    rows
        Columns ``at`` (see `places`), ``symbol`` (categories in order) and ``values``, no
        pair of place and symbol twice. A symbol without a row gets no column.

    Returns
    -------
    each of shape (n_sessions, n_symbols)
        Symbols in alphabetical order; an empty frame where there are no rows.
    """
    if rows.empty:
        return [pd.DataFrame() for _ in values]
    labels = rows["symbol"].cat.categories
    codes = rows["symbol"].cat.codes.to_numpy().astype(np.int64)
    present = np.bincount(codes, minlength=len(labels)) > 0
    columns = pd.Index(labels[present], dtype="str")
    narrow = (np.cumsum(present) - 1)[codes]
    # One flat place a cell is twice as fast as a pair of them.
    cell = rows["at"].to_numpy() * len(columns) + narrow
    panels = []
    for value in values:
        wide = np.full(len(sessions) * len(columns), np.nan)
        wide[cell] = rows[value].to_numpy(float)
        panel = wide.reshape(len(sessions), len(columns))
        panels.append(pd.DataFrame(panel, index=sessions, columns=columns, copy=False))
    return panels
