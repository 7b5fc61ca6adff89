"""Intervals hold what they promise, also where neighbouring cases share their outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.intervals import block_interval, running_rate, wilson


def days(values: list[float]) -> pd.Series:
    """Return outcomes on consecutive days."""
    return pd.Series(values, pd.date_range("2025-01-01", periods=len(values)), dtype=float)


def test_the_interval_is_wilsons() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 gives .2553 to .3662."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_rate_of_nothing_has_wilsons_one_sided_interval() -> None:
    """Newcombe (1998), table I: 0 of 20 gives .0000 to .1611."""
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_an_evening_counts_the_cases_settled_by_then() -> None:
    rate = running_rate(days([1.0, 0.0, np.nan, 1.0, 1.0, 0.0]), horizon=2)

    assert rate["n"].tolist() == [0.0, 0.0, 1.0, 2.0, 2.0, 3.0]
    assert rate["rate"].iloc[2:].tolist() == [1.0, 0.5, 0.5, pytest.approx(2 / 3)]


def test_cases_settled_by_the_next_close_are_independent() -> None:
    rate = running_rate(days([1.0, 0.0, 0.0, 1.0, 1.0] * 20), horizon=1).iloc[-1]

    assert rate["n_effective"] == rate["n"] == 99.0


def test_outcomes_that_come_in_pairs_count_half_as_much_again() -> None:
    """Two cases that always agree: lag-one correlation a half, weighted a half: n over 1.5."""
    coins = np.random.default_rng(1).integers(0, 2, 20_000).astype(float)
    rate = running_rate(days(list(np.repeat(coins, 2))), horizon=2).iloc[-1]

    assert rate["n"] / rate["n_effective"] == pytest.approx(1.5, abs=0.02)


def test_the_block_bootstrap_agrees_with_the_plain_interval_on_independent_cases() -> None:
    outcomes = (np.random.default_rng(2).random(600) < 0.3).astype(float)
    low, high = block_interval(outcomes)
    plain = wilson(float(outcomes.sum()), 600)

    assert (low, high) == pytest.approx(plain, abs=0.012)


def test_the_block_bootstrap_widens_where_neighbours_share_their_outcome() -> None:
    outcomes = np.repeat((np.random.default_rng(3).random(120) < 0.5).astype(float), 5)
    low, high = block_interval(outcomes)

    # 120 independent cases, not 600: twice 1.96 * sqrt(.25 / 120) wide, or about 0.18.
    assert high - low == pytest.approx(0.18, abs=0.04)


@pytest.mark.slow
def test_the_block_interval_of_a_known_mean_holds_it_nine_times_in_ten() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(200):
        noise = rng.normal(size=404)
        values = np.convolve(noise, np.ones(5) / 5.0, "valid")
        low, high = block_interval(values, level=0.9)
        held += low <= 0.0 <= high

    assert 0.83 <= held / 200 <= 0.96
