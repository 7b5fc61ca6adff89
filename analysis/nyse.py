"""The New York Stock Exchange's calendar as `exchange_calendars` knows it, for the years asked.

The package works out every holiday from 1970 to 2200 before it looks at a calendar's own years,
which is half of the time that building one takes. Here its rules are put to those years alone;
the rules, and so the sessions, are the package's.
"""

from __future__ import annotations

import pandas as pd
from exchange_calendars.exchange_calendar import HolidayCalendar
from exchange_calendars.exchange_calendar_xnys import XNYSExchangeCalendar


class _HolidaysWithin(HolidayCalendar):  # type: ignore[misc]  # the package has no types
    """Rules of holidays that are asked for some years and no others, unless told which."""

    def __init__(self, rules: object, first: pd.Timestamp, last: pd.Timestamp) -> None:
        super().__init__(rules)
        self._first, self._last = first, last

    def holidays(
        self,
        start: pd.Timestamp | None = None,
        end: pd.Timestamp | None = None,
        return_name: bool = False,
    ) -> pd.DatetimeIndex | pd.Series:
        """Return the holidays between two days, both included."""
        first = self._first if start is None else start
        last = self._last if end is None else end
        found: pd.DatetimeIndex | pd.Series = super().holidays(first, last, return_name)
        return found


class NewYorkCalendar(XNYSExchangeCalendar):  # type: ignore[misc]  # the package has no types
    """The exchange's sessions from one day to another, both included."""

    def __init__(self, first: pd.Timestamp, last: pd.Timestamp) -> None:
        self._within = first, last
        super().__init__(start=first, end=last)

    @property
    def regular_holidays(self) -> HolidayCalendar:
        """Holidays that come every year by a rule."""
        return _HolidaysWithin(super().regular_holidays.rules, *self._within)
