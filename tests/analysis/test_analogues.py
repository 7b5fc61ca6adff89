"""Analogues look alike, lie apart, and know what followed them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.analogues import APART_SESSIONS, EMBARGO_SESSIONS, NEAREST, Analogues, analogues
from analysis.history import History, read
from analysis.market import INDEX, Market


@pytest.fixture(scope="module")
def history(simulated_market: Market) -> History:
    """Return the demo market's history."""
    return read(simulated_market, simulated_market.sessions[-1:])


def found(history: History) -> Analogues:
    """Return the analogues of the demo's last session."""
    alike = analogues(history, history.market.sessions[-1])
    assert alike is not None
    return alike


def places(history: History) -> list[int]:
    """Return where in time the analogues lie."""
    sessions = pd.DatetimeIndex([str(day) for day in found(history).sessions]).as_unit("us")
    return [int(place) for place in history.market.sessions.get_indexer(sessions)]


def test_no_analogue_shares_todays_news(history: History) -> None:
    assert max(places(history)) < len(history.market.sessions) - EMBARGO_SESSIONS


def test_no_two_analogues_share_what_followed(history: History) -> None:
    apart = np.diff(sorted(places(history)))

    assert apart.min() >= APART_SESSIONS


def test_every_return_behind_the_spread_is_there(history: History) -> None:
    alike = found(history)
    close = history.market.closes(INDEX)
    first = close.index.get_loc(pd.Timestamp(alike.sessions[0]))
    assert isinstance(first, int)

    assert alike.n == len(alike.next_5.returns) == NEAREST
    expected = float(close.iloc[first + 5] / close.iloc[first]) - 1.0
    assert alike.next_5.returns[0] == pytest.approx(expected)
    assert alike.next_5.p10 <= alike.next_5.p25 <= alike.next_5.p50 <= alike.next_5.p90


def test_a_short_past_has_no_analogues(simulated_market: Market) -> None:
    early = simulated_market.until(simulated_market.sessions[300])

    assert analogues(read(early, early.sessions[-1:]), early.sessions[-1]) is None
