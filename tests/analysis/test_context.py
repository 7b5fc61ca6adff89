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


def test_a_fall_is_half_made_good_on_the_first_close_beyond_its_middle() -> None:
    # down 4 % to 96: the middle of the fall is 98, first reached by the third close after it
    past = context_at_the_end([100.0, 100.0, 96.0, 96.5, 97.0, 98.2])

    assert past.settled is not None
    assert past.settled.session == date(2024, 1, 4)
    assert past.settled.day_return == pytest.approx(-0.04)
    assert (past.settled.sessions_after, past.settled.came_true) == (3, True)


def test_how_much_of_a_fall_was_won_back_is_counted_and_not_only_that_half_was() -> None:
    # down 4 points to 96, then at once to 101: five points of four, 1 % above where it had stood
    past = context_at_the_end([100.0, 100.0, 96.0, 101.0])

    assert past.settled is not None
    assert past.settled.undone_fraction == pytest.approx(1.25)
    assert past.settled.beside_before_return == pytest.approx(0.01)
    assert past.settled.beside_after_return == pytest.approx(101.0 / 96.0 - 1.0)


def test_a_fall_that_went_further_has_less_than_nothing_undone() -> None:
    # down 4 points to 96, five closes later at 94: two points further
    past = context_at_the_end([100.0, 100.0, 96.0, 95.0, 95.0, 95.0, 95.0, 94.0])

    assert past.settled is not None
    assert past.settled.came_true is False
    assert past.settled.undone_fraction == pytest.approx(-0.5)


def test_what_was_half_made_good_before_is_no_news_today() -> None:
    past = context_at_the_end([100.0, 100.0, 96.0, 98.1, 98.2, 98.3])

    assert past.settled is None


def test_a_rise_that_kept_its_half_for_five_closes_has_held() -> None:
    # up 4 % to 104, middle 102, never closed at or below it in five sessions
    past = context_at_the_end([100.0, 100.0, 104.0, 103.5, 103.6, 103.4, 103.5, 103.6])

    assert past.settled is not None
    assert (past.settled.sessions_after, past.settled.came_true) == (5, False)


def test_a_small_day_is_never_settled() -> None:
    past = context_at_the_end([100.0, 100.0, 99.5, 99.6, 99.9, 99.9])

    assert past.settled is None


def test_of_two_days_settled_at_once_the_larger_is_told() -> None:
    # -2 % to 98 (middle 99) and -4 % to 94.08 (middle 96.04); today closes above both
    past = context_at_the_end([100.0, 100.0, 98.0, 94.08, 99.5])

    assert past.settled is not None
    assert past.settled.day_return == pytest.approx(-0.04)


def test_too_few_such_days_leave_a_settled_day_without_odds() -> None:
    past = context_at_the_end([100.0, 100.0, 96.0, 98.5])

    assert past.settled is not None
    assert past.settled.probability is None


def test_a_driver_with_a_year_of_dollars_says_when_it_last_traded_as_much() -> None:
    market = demo().market
    history = read(market, market.sessions[-1:])
    flows = history.figures["leveraged_etf"]["flow_mid_usd"]

    since = context_of(history, market.sessions[-1]).flow_since["leveraged_etf"]

    assert since.on is not None
    same_side = flows * np.sign(flows.iloc[-1])
    between = same_side[pd.Timestamp(since.on) :].iloc[1:-1]
    assert same_side[pd.Timestamp(since.on)] >= same_side.iloc[-1] > between.max()


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
