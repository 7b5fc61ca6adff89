"""Which days the exchange trades, and which of them are special."""

from __future__ import annotations

import pandas as pd


def sessions_between(first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the sessions of the New York Stock Exchange from ``first`` to ``last``."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start=first - pd.Timedelta(days=10))
    return pd.DatetimeIndex(calendar.sessions_in_range(first, last)).as_unit("us")
