"""When a figure became known: the session on whose evening a reader could first have it.

Every rule errs on the late side. A day that lies after the last session given is not a
time: by then the figure was not out.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Days: TypeAlias = npt.NDArray[np.datetime64]

SHORT_INTEREST_SESSIONS = 9
"""Sessions from a settlement date to FINRA's publication: seven to nine, the latest taken."""

TUESDAY, FRIDAY = 1, 4

SHUTDOWNS = (
    ("2013-10-01", "2013-10-31"),
    ("2018-12-22", "2019-01-25"),
    ("2025-10-01", "2025-11-12"),
)
"""Lapses of funding in which the CFTC published nothing (first and last day).

Of 2013 the whole month: the reports it missed came late until its end.
"""

SHUTDOWN_LAG_DAYS = 10
"""When a report of a shutdown week counts as known, from its Tuesday [calendar days]."""


def sessions_after(days: pd.Series, sessions: pd.DatetimeIndex, n: int = 1) -> pd.Series:
    """Return the ``n``-th session after each day."""
    stamps = days.to_numpy("datetime64[us]")
    return _at(sessions, sessions.searchsorted(stamps, side="right") + n - 1, days)


def sessions_from(days: pd.Series, sessions: pd.DatetimeIndex) -> pd.Series:
    """Return the first session on or after each day."""
    stamps = days.to_numpy("datetime64[us]")
    return _at(sessions, sessions.searchsorted(stamps, side="left"), days)


def cot_known(report: pd.Series, sessions: pd.DatetimeIndex) -> pd.Series:
    """Return when a Commitments of Traders report became known.

    A report of Tuesday comes out on Friday at 15:30 New York, so it is known that evening.
    A holiday on Wednesday, Thursday or Friday moves it to the next session. Reports of a
    shutdown count as known ten days after the Tuesday: their true dates differed.

    Parameters
    ----------
    report
        The report's day, a Tuesday, or a Monday before a holiday.

    References
    ----------
    CFTC, Commitments of Traders release schedule 2023-2024 (holiday weeks).
    """
    friday = report + pd.to_timedelta(FRIDAY - report.dt.day_of_week, unit="D")
    stamps = friday.to_numpy("datetime64[us]")
    tuesday = (friday - pd.Timedelta(days=FRIDAY - TUESDAY)).to_numpy("datetime64[us]")
    after_tuesday = sessions.searchsorted(tuesday, side="right")
    after_friday = sessions.searchsorted(stamps, side="right")
    # Three sessions from Wednesday to Friday: no holiday among them.
    whole = after_friday - after_tuesday == FRIDAY - TUESDAY
    usual = _at(sessions, np.where(whole, after_friday - 1, after_friday), report)
    late = sessions_from(
        friday + pd.Timedelta(days=SHUTDOWN_LAG_DAYS - (FRIDAY - TUESDAY)), sessions
    )
    return usual.mask(_in_shutdown(report) | _in_shutdown(friday), late)


def _in_shutdown(days: pd.Series) -> pd.Series:
    inside = pd.Series(data=False, index=days.index)
    for first, last in SHUTDOWNS:
        inside |= days.between(pd.Timestamp(first), pd.Timestamp(last))
    return inside


def _at(sessions: pd.DatetimeIndex, positions: npt.NDArray[np.intp], like: pd.Series) -> pd.Series:
    padded = np.append(sessions.to_numpy("datetime64[us]"), np.datetime64("NaT", "us"))
    return pd.Series(padded[np.minimum(positions, len(sessions))], index=like.index)
