"""Long rows (date, symbol, value) spread into panels of sessions by symbols."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.sources.folder.columns import Floats


def spread(rows: pd.DataFrame, values: list[str], sessions: pd.DatetimeIndex) -> list[pd.DataFrame]:
    """Return one panel a value, missing where there is no row.

    Parameters
    ----------
    rows
        Columns ``date``, ``symbol`` (categories) and ``values``; no pair twice. Rows of
        days outside ``sessions`` are left out, symbols without a row get no column.

    Returns
    -------
    each of shape (n_sessions, n_symbols)
        Symbols in alphabetical order; an empty frame where there are no rows.
    """
    if rows.empty:
        return [pd.DataFrame() for _ in values]
    symbols = rows["symbol"].cat.remove_unused_categories().cat
    codes = symbols.codes.to_numpy()
    at = sessions.get_indexer(pd.DatetimeIndex(rows["date"]))
    known = at >= 0
    columns = pd.Index(symbols.categories, dtype="str")
    return [
        pd.DataFrame(
            _scattered(rows[value].to_numpy(float)[known], at[known], codes[known], shape),
            index=sessions,
            columns=columns,
        )
        for shape in [(len(sessions), len(columns))]
        for value in values
    ]


def _scattered(
    values: Floats,
    at: np.ndarray[tuple[int], np.dtype[np.intp]],
    codes: np.ndarray[tuple[int], np.dtype[np.intp]],
    shape: tuple[int, int],
) -> Floats:
    wide = np.full(shape, np.nan)
    wide[at, codes] = values
    return wide
