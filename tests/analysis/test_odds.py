"""Base rates are counted on closed cases only, and an evening knows no later ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.base_rates import (
    QUESTIONS,
    BaseRate,
    Question,
    any_day_rates,
    base_rates,
    half_back,
    large_next,
    turned,
    undone,
)
from analysis.market import Market
from analysis.odds import claim_rows, claims
from analysis.sources.folder import FolderSource
from tests.markets import index_market, random_closes


def closes(*values: float) -> pd.Series:
    """Return closes on consecutive days."""
    return pd.Series(values, pd.date_range("2025-01-01", periods=len(values)), dtype=float)


def random_market(seed: int = 7, count: int = 700) -> Market:
    """Return an index that wanders, calm and wild by turns."""
    return index_market(random_closes(count, seed), first="2015-01-02")


def test_a_gain_is_half_given_back_when_a_close_reaches_its_middle() -> None:
    back = half_back(closes(100, 102, 103, 101, 104, 105, 106))

    assert back.iloc[1] == 1.0


def test_a_gain_whose_middle_is_never_reached_is_kept() -> None:
    back = half_back(closes(100, 102, 103, 101.5, 104, 105, 106))

    assert back.iloc[1] == 0.0


def test_a_loss_is_half_recovered_when_a_close_reaches_its_middle() -> None:
    back = half_back(closes(100, 98, 97, 99, 96, 95, 94))

    assert back.iloc[1] == 1.0


def test_a_gain_that_is_half_given_back_need_not_be_wholly() -> None:
    path = closes(100, 102, 103, 100.5, 104, 105, 106)

    assert half_back(path).iloc[1] == 1.0
    assert undone(path, 1.0).iloc[1] == 0.0


def test_a_day_counts_only_once_all_five_later_closes_are_known() -> None:
    back = half_back(closes(100, 102, 100, 101, 104, 105))

    assert np.isnan(back.iloc[1])


def test_a_turn_is_a_move_the_other_way_and_standing_still_is_none() -> None:
    turns = turned(closes(100, 102, 101, 100, 100, 101))

    assert turns.iloc[1:5].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_a_large_next_day_moves_more_than_one_per_cent_either_way() -> None:
    large = large_next(closes(100, 102, 101.5, 99, 99.9))

    assert large.iloc[:4].tolist() == [1.0, 0.0, 1.0, 0.0]
    assert np.isnan(large.iloc[4])


def test_a_market_that_turns_every_day_turns_for_certain() -> None:
    market = index_market([100.0, 102.0] * 60, first="2015-01-02")

    (rate,) = [
        rate
        for rate in base_rates(market)
        if rate.key == "next_sign" and rate.condition == "up more than 1 %"
    ]

    # 60 rises, of which the last still waits for its next close.
    assert (rate.probability, rate.n, rate.unsettled) == (1.0, 59, 1)


def test_a_day_without_a_move_makes_no_claim() -> None:
    market = index_market([*random_closes(300, 3), 100.0, 100.0], first="2015-01-02")

    assert claims(market) == ()


def test_too_short_a_past_makes_no_claim() -> None:
    assert claims(index_market(random_closes(20, 3), first="2015-01-02")) == ()


def test_half_back_is_claimed_after_large_moves_only() -> None:
    steps = random_closes(400, 5)
    large = index_market([*steps, steps[-1] * 1.02], first="2015-01-02")
    small = index_market([*steps, steps[-1] * 1.005], first="2015-01-02")

    assert [claim.key for claim in claims(large)] == ["half_back_5", "next_sign", "next_abs_band"]
    assert [claim.key for claim in claims(small)] == ["next_sign", "next_abs_band"]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
def test_what_an_evening_claims_does_not_depend_on_what_followed(question: Question) -> None:
    market = random_market()
    whole = claim_rows(market, question)

    for session in market.sessions[[350, 498, 499, 500, 640, 699]]:
        then = claim_rows(market.until(session), question).iloc[-1]
        pd.testing.assert_series_equal(then, whole.loc[:session].iloc[-1], check_exact=True)


def test_every_claim_has_its_cases_and_an_interval_around_it() -> None:
    market = random_market()

    for session in market.sessions[300::40]:
        for claim in claims(market.until(session)):
            assert claim.n >= 30
            assert 0.0 <= claim.interval[0] <= claim.probability <= claim.interval[1] <= 1.0


@pytest.mark.slow
def test_the_real_markets_base_rates_are_the_measured_ones(market_folder: Path) -> None:
    """Measured apart from this code: 46.1 % of 505 rises, 66.3 % of 424 falls, and so on."""
    rates = base_rates(FolderSource(market_folder).fetch(pd.Timestamp("2026-08-05")))

    assert_rate(rates, "half_back_5", "up more than 1 %", 0.461, 505)
    assert_rate(rates, "half_back_5", "down more than 1 %", 0.663, 424)
    assert_rate(rates, "next_sign", "up more than 1 %", 0.489, 505)
    assert_rate(rates, "next_sign", "down more than 1 %", 0.547, 424)
    assert_rate(rates, "full_back_5", "up more than 1 %", 0.329, 505)
    assert_rate(rates, "full_back_5", "down more than 1 %", 0.460, 424)
    assert_rate(rates, "half_back_5_beyond_2", "up more than 2 %", 0.489, 92)
    assert_rate(rates, "half_back_5_beyond_2", "down more than 2 %", 0.638, 127)


def assert_rate(
    rates: tuple[BaseRate, ...], key: str, condition: str, probability: float, n: int
) -> None:
    """Hold one rate against what was measured elsewhere: within 1 % and 3 cases."""
    (rate,) = [rate for rate in rates if (rate.key, rate.condition) == (key, condition)]
    assert rate.probability == pytest.approx(probability, abs=0.01)
    assert rate.n == pytest.approx(n, abs=3)
    assert rate.interval[0] < rate.probability < rate.interval[1]


def test_what_any_day_gives_is_counted_on_all_days_known_that_evening() -> None:
    # after the first session: up 2 %, down 0.5 %, unchanged, up 0.5 %
    market = index_market([100.0, 102.0, 101.49, 101.49, 101.99745], first="2011-05-02")
    rates = any_day_rates(market)

    assert rates["higher"].tolist()[1:] == pytest.approx([1.0, 0.5, 1 / 3, 0.5])
    assert rates["lower"].tolist()[1:] == pytest.approx([0.0, 0.5, 1 / 3, 0.25])
    assert rates["large"].tolist()[1:] == pytest.approx([1.0, 0.5, 1 / 3, 0.25])
