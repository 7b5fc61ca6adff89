"""The demo market is there for everybody, always the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.market import INDEX
from analysis.sources.demo import DemoSource


def test_the_demo_ends_in_a_rally_and_says_that_it_is_simulated() -> None:
    market = DemoSource().fetch()

    assert market.simulated
    assert market.sessions[-1] == pd.Timestamp("2026-06-30")
    assert len(market.sessions) == 1008
    assert 0.01 < market.day_return.iloc[-1] < 0.04


def test_an_earlier_session_shows_what_was_known_that_evening() -> None:
    session = pd.Timestamp("2025-01-15")
    whole, then = DemoSource().fetch(), DemoSource().fetch(session)

    assert then.sessions[-1] == session
    assert then.closes(INDEX).equals(whole.closes(INDEX).loc[:session])
    assert (then.fund_shares["known"] <= session).all()
    assert [note.as_of for note in then.notes] == [session]


@pytest.mark.slow
def test_every_session_of_the_last_two_years_has_an_index_return_and_seven_readings() -> None:
    from analysis.history import read

    market = DemoSource().fetch()
    rows = market.sessions[-504:]
    history = read(market, rows)

    assert np.isfinite(market.day_return.loc[rows]).all()
    assert len(history.figures) == 7
    assert all(figures["measured"].loc[rows].all() for figures in history.figures.values())
