"""When a day's short covering can first be checked against published short interest.

FINRA members report what they hold short as of two settlement dates a month, the 15th and
the last business day, each moved back to a business day. A purchase only lowers that
position once it has settled, so a session counts towards the first settlement date on or
after its own. The figures are public seven to nine business days later; we name the
earliest.

References
----------
FINRA Rule 4560, Short-Interest Reporting.
SEC Rule 15c6-1: settlement three days after the trade, two from 2017-09-05, one from 2024-05-28.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.sessions import sessions_between

PUBLICATION_LAG_SESSIONS = 7
"""Business days from a settlement date to the earliest publication."""

SETTLEMENT_CYCLES = (("1995-06-07", 3), ("2017-09-05", 2), ("2024-05-28", 1))
"""First trade date and sessions from trade to settlement, in order."""

AHEAD = pd.Timedelta(days=45)
"""Reach from a trade over its settlement date to the publication."""


def confirmation_dates(sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Return when purchases of each session first show in published short interest.

    Returns
    -------
    shape (n_sessions, 2)
        ``settlement``, the reporting date that first holds them, and ``published``, the
        earliest day on which that report can be out.
    """
    calendar = sessions_between(sessions[0], sessions[-1] + AHEAD)
    reporting = _reporting_dates(calendar)
    settled = calendar.searchsorted(sessions) + _cycle(sessions)
    settlement = reporting[reporting.searchsorted(calendar[settled])]
    published = calendar[calendar.searchsorted(settlement) + PUBLICATION_LAG_SESSIONS]
    return pd.DataFrame({"settlement": settlement, "published": published}, index=sessions)


def newest_settlement(session: pd.Timestamp, lag_sessions: int) -> pd.Timestamp:
    """Return the last settlement date whose report is out by the evening of a session.

    Parameters
    ----------
    lag_sessions
        Sessions from a settlement date to its publication.
    """
    calendar = sessions_between(session - AHEAD, session)
    # Of a month or half that has not ended the calendar's last day passes for its end; no
    # report of that day is out.
    out = _reporting_dates(calendar)
    return pd.Timestamp(out[out <= calendar[-1 - lag_sessions]][-1])


def _cycle(sessions: pd.DatetimeIndex) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Sessions from trade to settlement under the rule in force."""
    starts = pd.DatetimeIndex([start for start, _ in SETTLEMENT_CYCLES])
    lags = np.array([lag for _, lag in SETTLEMENT_CYCLES])
    return lags[np.maximum(starts.searchsorted(sessions, side="right") - 1, 0)]


def _reporting_dates(calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Last business day up to the 15th, and of the month, for every whole month ahead."""
    days = pd.Series(calendar, index=calendar)
    months = calendar.to_period("M")
    first_half = days[calendar.day <= 15].groupby(months[calendar.day <= 15]).last()
    whole = days.groupby(months).last()
    return pd.DatetimeIndex(pd.concat([first_half, whole]).sort_values().unique())
