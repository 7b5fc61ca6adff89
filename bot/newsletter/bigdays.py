"""What a big day is, for readers who want to hear of nothing else.

The S&P 500 moved at least twice its usual daily move (the volatility of the 63 sessions before).
One rule, from two figures of the report, so that a reader can check it. Where the usual move is
not known, a day of two per cent counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

BIG_MOVE = 2.0
"""Of the usual daily move [x]."""

BIG_RETURN = 0.02
"""Where the usual move is not known [fraction]."""


def is_big_day(day_return: float, usual_move: float | None) -> bool:
    """Whether a session was a big day.

    Parameters
    ----------
    day_return
        The index's return, close to close [fraction].
    usual_move
        Its daily volatility before the session [fraction], None where it is not known.

    >>> is_big_day(-0.021, 0.01), is_big_day(0.019, 0.01), is_big_day(0.03, 0.02)
    (True, False, False)
    >>> is_big_day(0.02, None)
    True
    """
    if usual_move is None or usual_move <= 0.0:
        return abs(day_return) >= BIG_RETURN
    return abs(day_return) >= BIG_MOVE * usual_move


def was_big_day(report: bytes | None) -> bool:
    """Whether a frozen report tells of a big day; without a report nobody can say so."""
    if report is None:
        return False
    index: Mapping[str, float | None] = json.loads(report).get("index", {})
    day_return = index.get("day_return")
    return day_return is not None and is_big_day(day_return, index.get("usual_move"))
