"""Where a session stands among its predecessors, on paths worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis.context import Context, context_of, run_lengths, since_as_large
from analysis.history import read
from analysis.report import build_report, reports
from analysis.simulate.scenarios import demo
from tests.markets import index_market


def context_at_the_end(closes: list[float]) -> Context:
    market = index_market(closes)
    return context_of(read(market, market.sessions[-1:]), market.sessions[-1])


def test_a_run_counts_the_days_that_closed_the_same_way() -> None:
    # +, +, -, unchanged, +, +, +
    returns = np.array([np.nan, 0.01, 0.01, -0.01, 0.0, 0.01, 0.02, 0.01])

    assert run_lengths(returns).tolist() == [0, 1, 2, -1, 0, 1, 2, 3]


def test_the_last_day_as_large_is_found_on_the_same_side_only() -> None:
    days = pd.bdate_range("2024-01-01", periods=6)
    moves = np.array([np.nan, 0.03, -0.05, 0.01, -0.01, 0.02])

    found = since_as_large(days, moves)

    assert found is not None
    assert (found.on, found.sessions) == (date(2024, 1, 2), 4)


def test_a_day_without_equal_says_how_far_was_searched() -> None:
    days = pd.bdate_range("2024-01-01", periods=4)

    found = since_as_large(days, np.array([np.nan, 0.01, -0.09, 0.02]))

    assert found is not None
    assert (found.on, found.sessions) == (None, 3)


def test_an_unchanged_day_has_no_equal_to_look_for() -> None:
    days = pd.bdate_range("2024-01-01", periods=3)

    assert since_as_large(days, np.array([np.nan, 0.01, 0.0])) is None


def test_after_a_rise_the_last_higher_close_is_named() -> None:
    # weekdays from Tuesday 2 January 2024; the close of 105 on the 3rd is the last above 104
    past = context_at_the_end([100.0, 105.0, 101.0, 103.0, 104.0])

    assert past.level_since is not None
    assert past.level_since.on == date(2024, 1, 3)
    assert past.run_sessions == 2
    assert past.prior_return == pytest.approx(103.0 / 101.0 - 1.0)


def test_after_a_fall_the_last_lower_close_is_named() -> None:
    past = context_at_the_end([100.0, 95.0, 101.0, 99.0])

    assert past.level_since is not None
    assert past.level_since.on == date(2024, 1, 3)


def test_many_reports_at_once_are_the_reports_of_each_evening() -> None:
    market = demo().market
    rows = market.sessions[[-300, -120, -1]]

    told = list(reports(market, rows))

    for session, one in zip(rows, told, strict=True):
        alone = build_report(market, session)
        assert one.context == alone.context
        assert one.odds == alone.odds
        assert one.readings == alone.readings
        assert one.verdict == alone.verdict
        assert one.analogues == alone.analogues
