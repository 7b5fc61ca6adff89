"""The project's own list of heavily shorted US names, for markets that bring none.

A list of symbols and dates, written from public knowledge and chosen in hindsight: what
rests on it is a backcast. Prices and short interest never ship.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

LIST = Path(__file__).parent / "data" / "most_shorted.csv"


@cache
def shipped_list() -> pd.DataFrame:
    """Return the list: ``symbol``, ``since``, ``until`` (missing while it lasts), ``source``."""
    return pd.read_csv(LIST, parse_dates=["since", "until"])


def membership(names: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Return which names belong to the basket on each session (True or False).

    Parameters
    ----------
    names : rows (symbol, since, until)
        A name may come and go more than once; both dates are inclusive, a missing
        ``since`` reaches back for ever and a missing ``until`` has not ended.

    Returns
    -------
    shape (n_sessions, n_symbols)
        Columns in alphabetical order.
    """
    symbols = sorted(set(names["symbol"]))
    inside = pd.DataFrame(False, index=sessions, columns=pd.Index(symbols, dtype=str))
    for symbol, since, until in zip(names["symbol"], names["since"], names["until"], strict=True):
        from_start = pd.isna(since) | (sessions >= since)
        to_end = pd.isna(until) | (sessions <= until)
        inside[symbol] |= from_start & to_end
    return inside
