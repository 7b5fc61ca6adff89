"""Sessions whose volume says nothing about conviction.

Half days trade little, and quarterly expiries and the Russell reconstitution trade a lot,
whoever believes what.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

THANKSGIVING_MONTH, THURSDAY, FRIDAY = 11, 3, 4


def odd_volume(sessions: pd.DatetimeIndex) -> pd.Series:
    """Say which sessions are half days, quarterly expiries or Russell reconstitutions.

    By rule, not by calendar file: the third Friday of March, June, September and December;
    the fourth Friday of June; the day after Thanksgiving, 24 December, and 3 July where
    Independence Day falls on a Tuesday to Friday. An expiry moved to a Thursday by a
    holiday is not seen.
    """
    month, day, weekday = sessions.month, sessions.day, sessions.day_of_week
    friday = weekday == FRIDAY
    week = (day - 1) // 7 + 1
    expiry = friday & (week == 3) & (month % 3 == 0)
    russell = friday & (week == 4) & (month == 6)
    after_thanksgiving = friday & (month == THANKSGIVING_MONTH) & (day >= 23) & (day <= 29)
    christmas_eve = (month == 12) & (day == 24)
    third_of_july = (month == 7) & (day == 3) & (weekday <= THURSDAY)
    odd = expiry | russell | after_thanksgiving | christmas_eve | third_of_july
    return pd.Series(np.asarray(odd, dtype=bool), index=sessions)
