"""The reader's week: its first session explains the terms, the others lean on that."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from analysis.sessions import first_session_of_week


@lru_cache(maxsize=64)
def explained_on(session: date) -> date | None:
    """Return the session of its week that explained the terms, None where it is the first.

    A week begins on Monday, or on the first day after it on which the exchange traded.

    >>> explained_on(date(2025, 4, 9)), explained_on(date(2025, 4, 7))
    (datetime.date(2025, 4, 7), None)
    >>> explained_on(date(2025, 1, 22)), explained_on(date(2025, 1, 21))
    (datetime.date(2025, 1, 21), None)
    """
    first = first_session_of_week(session)
    return None if first >= session else first
