"""A model speaks only where it has earned it, and every attempt is on the books."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis.gate
from analysis.base_rates import QUESTIONS, Question
from analysis.gate import variants_tried
from analysis.gate_variants import EARLIER, VARIANTS, claimed, counts
from analysis.history import History, read
from analysis.logistic import fit, sigmoid, walk_forward
from analysis.market import Market
from analysis.odds import claim_rows
from tests.markets import index_market, random_closes

REGISTRY = Path(analysis.gate.__file__).parent / "data" / "gate_registry.csv"


def registry() -> list[dict[str, str]]:
    """Return the rows of the registry."""
    with REGISTRY.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def question(key: str) -> Question:
    """Return one question."""
    return next(one for one in QUESTIONS if one.key == key)


def test_every_attempt_is_in_the_registry_once() -> None:
    tried = sorted((row["key"], row["variant"]) for row in registry())
    expected = [(one.key, name) for one in claimed() for name in VARIANTS]

    assert tried == sorted([*expected, *((row[0], row[1]) for row in EARLIER)])


def test_the_bar_counts_every_attempt() -> None:
    for key, number in counts().items():
        assert variants_tried(key) == number >= len(VARIANTS)


def test_no_variant_has_earned_a_word_on_reversal_or_direction() -> None:
    passed = {row["key"] for row in registry() if row["passes"] == "True"}

    assert passed == {"next_abs_band"}


def test_a_curve_through_two_groups_is_their_two_rates() -> None:
    """Of 100 cases without the mark 20 come true, of 50 with it 30."""
    mark = np.repeat([0.0, 1.0], [100, 50])[:, None]
    outcome = np.concatenate([np.repeat([1.0, 0.0], [20, 80]), np.repeat([1.0, 0.0], [30, 20])])
    curve = fit(mark, outcome, ridge=0.0)

    assert curve.probability(np.array([[0.0], [1.0]])) == pytest.approx([0.2, 0.6])


def test_the_error_of_a_fitted_rate_is_the_textbook_one() -> None:
    """The log odds of 20 in 100 have the standard error sqrt(1 / 20 + 1 / 80) = 0.25."""
    mark = np.repeat([0.0, 1.0], [100, 50])[:, None]
    outcome = np.concatenate([np.repeat([1.0, 0.0], [20, 80]), np.repeat([1.0, 0.0], [30, 20])])
    odds, error = fit(mark, outcome, ridge=0.0).log_odds(np.array([[0.0]]))

    assert sigmoid(odds)[0] == pytest.approx(0.2)
    assert error[0] == pytest.approx(0.25)


def yearly_case(*, flipped: slice) -> tuple[pd.DataFrame, pd.Series]:
    """Return three years of a feature and an outcome, turned over on some sessions."""
    days = pd.bdate_range("2015-01-01", "2017-12-29")
    rng = np.random.default_rng(8)
    feature = pd.DataFrame({"x": rng.normal(size=len(days))}, index=days)
    outcome = (rng.random(len(days)) < sigmoid(feature["x"].to_numpy())).astype(float)
    outcome[flipped] = 1.0 - outcome[flipped]
    return feature, pd.Series(outcome, days)


def test_a_year_is_forecast_from_what_was_settled_ten_sessions_before_it() -> None:
    january = int(pd.bdate_range("2015-01-01", "2017-12-29").searchsorted(pd.Timestamp(2017, 1, 1)))
    plain = walk_forward(*yearly_case(flipped=slice(0, 0)))["2017"]
    embargoed = walk_forward(*yearly_case(flipped=slice(january - 10, january)))["2017"]
    fitted = walk_forward(*yearly_case(flipped=slice(january - 11, january - 10)))["2017"]

    assert embargoed.equals(plain)
    assert not fitted.equals(plain)


def test_the_first_year_is_not_forecast() -> None:
    told = walk_forward(*yearly_case(flipped=slice(0, 0)))

    assert told["2015"].isna().all()
    assert told["2016":].notna().all()


@pytest.fixture(scope="module")
def clustered() -> Market:
    """Return six years in which calm and wild months follow each other and the VIX knows."""
    closes = random_closes(1_500, 21)
    wild = 0.005 + 0.015 * (np.arange(1_500) // 50 % 3)
    vix = 100.0 * np.sqrt(252.0) * wild
    return index_market(closes, others={"^VIX": vix.tolist()}, first="2012-01-02")


def test_the_gate_opens_for_a_model_that_knows_and_only_in_january(clustered: Market) -> None:
    rows = claim_rows(clustered, question("next_abs_band"))
    spoken = rows["modelled"] == 1.0

    by_year = spoken.groupby(pd.DatetimeIndex(rows.index).year).mean()
    assert by_year[2012] == by_year[2013] == 0.0
    assert by_year[2017] > 0.9
    assert set(by_year.round()) == {0.0, 1.0}


def test_a_model_that_speaks_names_its_cases_and_bounds(clustered: Market) -> None:
    rows = claim_rows(clustered, question("next_abs_band"))
    spoken = rows[rows["modelled"] == 1.0]

    assert (spoken["n"] >= 300).all()
    assert (spoken["low"] < spoken["probability"]).all()
    assert (spoken["probability"] < spoken["high"]).all()
    assert (spoken["probability"] != spoken["base_rate"]).all()


def test_without_the_vix_the_base_rate_stands() -> None:
    market = index_market(random_closes(1_500, 21), first="2012-01-02")

    assert (claim_rows(market, question("next_abs_band"))["modelled"] == 0.0).all()


def test_the_gate_stays_shut_on_what_nobody_can_know(clustered: Market) -> None:
    assert (claim_rows(clustered, question("next_sign"))["modelled"] == 0.0).all()


@pytest.fixture(scope="module")
def histories(simulated_market: Market) -> tuple[History, History]:
    """Return the demo market's history, whole and cut off at an evening."""
    evening = simulated_market.sessions[-130]
    return read(simulated_market), read(simulated_market.until(evening))


@pytest.mark.parametrize("name", VARIANTS)
def test_no_variant_knows_tomorrow(name: str, histories: tuple[History, History]) -> None:
    whole, then = (VARIANTS[name](history) for history in histories)
    evening = then.index[-1]

    pd.testing.assert_series_equal(then.iloc[-1], whole.loc[:evening].iloc[-1], check_exact=True)
