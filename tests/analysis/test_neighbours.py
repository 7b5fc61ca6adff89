"""Ranking a figure against moves of the same size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.neighbours import FEWEST, conditional_rank


def sessions(count: int) -> pd.DatetimeIndex:
    return pd.bdate_range("2015-01-01", periods=count)


def by_session(figures: list[float]) -> pd.Series:
    return pd.Series(figures, index=sessions(len(figures)), dtype=float)


def test_a_figure_is_ranked_among_moves_of_its_own_size_only() -> None:
    # 60 small rallies with figures 0..59, then 60 large ones with figures 100..159:
    # 130 is extreme for a small move and the middle of the road (30 of 60) for a large one.
    figures = by_session([*range(60), *range(100, 160), 130.0])
    move = by_session([0.1] * 60 + [3.0] * 60 + [3.0])

    assert conditional_rank(figures, move).iloc[-1] == pytest.approx(30 / 60)


def test_a_sell_off_is_not_compared_with_rallies() -> None:
    figures = by_session([*range(60), *range(100, 160), 45.5])
    move = by_session([-1.0] * 60 + [1.0] * 60 + [-1.0])

    assert conditional_rank(figures, move).iloc[-1] == pytest.approx(46 / 60)


def test_fifty_nine_earlier_sessions_of_the_same_sign_are_too_few() -> None:
    move = by_session([1.0] * 61)

    ranks = conditional_rank(by_session(list(range(61))), move)

    assert ranks.iloc[:FEWEST].isna().all()
    assert ranks.iloc[FEWEST] == 1.0


def test_a_tenth_of_a_long_past_counts_as_near() -> None:
    # 1,000 past sessions whose figure is their own size: the nearest 100 to 0.500
    # are 0.450 to 0.550, half of which lie below.
    size = np.arange(1000) / 1000.0
    figures = by_session([*size, 0.4995])
    move = by_session([*(size + 1.0), 1.4995])

    assert conditional_rank(figures, move).iloc[-1] == pytest.approx(0.5, abs=0.011)


def test_a_flat_session_and_a_missing_figure_have_no_rank() -> None:
    figures = by_session([*range(70), float("nan"), 3.0])
    move = by_session([1.0] * 70 + [1.0, 0.0])

    assert conditional_rank(figures, move).iloc[-2:].isna().all()


def test_asking_for_one_session_gives_the_same_answer_as_asking_for_all() -> None:
    random = np.random.default_rng(7)
    figures, move = (
        by_session(list(random.normal(size=300))),
        by_session(list(random.normal(size=300))),
    )
    asked = sessions(300)[[150, 299]]

    one = conditional_rank(figures, move, rows=asked)

    pd.testing.assert_series_equal(one, conditional_rank(figures, move).loc[asked])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 249))
def test_no_rank_changes_when_later_sessions_become_known(seed: int, cut: int) -> None:
    random = np.random.default_rng(seed)
    figures = by_session(list(random.normal(size=250).round(1)))
    move = by_session(list(random.normal(size=250).round(1)))

    then = conditional_rank(figures.iloc[:cut], move.iloc[:cut])
    now = conditional_rank(figures, move).iloc[:cut]

    pd.testing.assert_series_equal(then, now, check_exact=True)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_mirrored_market_ranks_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    figures = by_session(list(random.normal(size=200)))
    move = by_session(list(random.normal(size=200)))

    pd.testing.assert_series_equal(
        conditional_rank(figures, move), conditional_rank(figures, -move), check_exact=True
    )
