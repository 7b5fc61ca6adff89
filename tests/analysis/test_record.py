"""The desk's own marks: right on claims whose truth is known, and blind to the future."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.base_rates import QUESTIONS, Question
from analysis.market import INDEX, Market
from analysis.odds import claim_rows
from analysis.odds import claims as made_that_evening
from analysis.record import alarms, calibration, grade, hindsight_claims, score_of, settle
from analysis.skill import brier_skill, log_losses
from analysis.sources.folder import FolderSource
from tests.markets import index_market, random_closes

CLAIMED = [question for question in QUESTIONS if question.claimed]


def told(
    probability: np.ndarray[tuple[int], np.dtype[np.float64]],
    outcome: np.ndarray[tuple[int], np.dtype[np.float64]],
    base_rate: float = 0.5,
) -> pd.DataFrame:
    """Return claims of one key, a session each."""
    return pd.DataFrame(
        {
            "session": pd.bdate_range("2015-01-02", periods=len(outcome)),
            "key": "next_sign",
            "probability": probability,
            "base_rate": base_rate,
            "control": np.nan,
            "outcome": outcome,
        }
    )


def world(
    count: int = 20_000, seed: int = 11
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]
]:
    """Return true probabilities between .1 and .9, and what they brought about."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.1, 0.9, count)
    return truth, (rng.random(count) < truth).astype(float)


def test_a_claim_of_70_per_cent_that_comes_true_costs_nine_hundredths() -> None:
    due = grade(told(np.array([0.7, 0.7]), np.array([1.0, 0.0])))

    assert due["brier"].tolist() == pytest.approx([0.09, 0.49])
    assert due["log_loss"].tolist() == pytest.approx([0.356675, 1.203973])
    assert due["base_rate_brier"].tolist() == pytest.approx([0.25, 0.25])


def test_a_pending_claim_is_not_graded() -> None:
    due = grade(told(np.array([0.7, 0.7]), np.array([1.0, np.nan])))

    assert len(due) == 1


def test_a_probability_beyond_certainty_is_refused() -> None:
    with pytest.raises(ValueError, match=r"probability np.float64\(1\.2\)|probability 1\.2"):
        grade(told(np.array([1.2]), np.array([1.0])))


def test_a_calibrated_forecaster_scores_as_theory_says() -> None:
    """E[p(1-p)] for p uniform on .1 to .9 is .19667; a coin's forecaster scores .25."""
    truth, outcome = world()
    score = score_of("next_sign", told(truth, outcome))

    assert score is not None
    assert score.brier == pytest.approx(0.19667, abs=0.004)
    assert score.brier_interval[0] < 0.19667 < score.brier_interval[1]
    assert score.against_base.skill == pytest.approx(1.0 - 0.19667 / 0.25, abs=0.02)
    assert score.against_base.low > 0.0


def test_a_calibrated_forecasters_table_lies_on_the_diagonal() -> None:
    truth, outcome = world()
    rows = calibration(grade(told(truth, outcome)))

    assert sum(row.n for row in rows) == 20_000
    for row in rows:
        assert row.mean_probability == pytest.approx(row.came_true, abs=0.03)


def test_an_overconfident_forecaster_is_seen_in_the_table_and_in_the_skill() -> None:
    truth, outcome = world()
    bold = np.clip(0.5 + 3.0 * (truth - 0.5), 0.01, 0.99)
    score = score_of("next_sign", told(bold, outcome))

    assert score is not None
    first, last = score.calibration[0], score.calibration[-1]
    assert first.came_true > first.mean_probability + 0.1
    assert last.came_true < last.mean_probability - 0.1


def test_a_forecaster_who_repeats_the_base_rate_has_no_skill() -> None:
    _, outcome = world(2_000)
    same = np.full(2_000, 0.5)
    score = score_of("next_sign", told(same, outcome))

    assert score is not None
    assert score.against_base.skill == 0.0
    assert not score.against_base.passes


def test_a_forecaster_who_guesses_does_not_pass_the_gate() -> None:
    _, outcome = world(2_000)
    guess = np.random.default_rng(5).uniform(0.3, 0.7, 2_000)
    skill = brier_skill(pd.Series(guess), pd.Series(0.5, range(2_000)), pd.Series(outcome))

    assert not skill.passes


def test_many_tries_raise_the_bar() -> None:
    truth, outcome = world(400)
    weak = pd.Series(0.5 + 0.1 * (truth - 0.5))
    base = pd.Series(0.5, range(400))
    once = brier_skill(weak, base, pd.Series(outcome))
    often = brier_skill(weak, base, pd.Series(outcome), variants=40)

    assert once.low_counted == once.low
    assert often.low_counted < often.low


def test_too_few_events_pass_no_gate() -> None:
    truth, outcome = world(299)
    skill = brier_skill(pd.Series(truth), pd.Series(0.5, range(299)), pd.Series(outcome))

    assert skill.low_counted > 0.0
    assert not skill.passes


def test_certainty_in_error_costs_a_finite_loss() -> None:
    assert log_losses(np.array([1.0]), np.array([0.0]))[0] == pytest.approx(13.8155, abs=1e-3)


def test_a_label_that_never_varies_raises_an_alarm() -> None:
    days = pd.bdate_range("2025-01-02", periods=80)
    same = pd.Series("mechanical", days)
    varied = same.where(np.arange(80) % 7 != 0, "quiet")
    none = told(np.array([0.5]), np.array([1.0]))

    assert [alarm for alarm in alarms(none, same) if "mechanical" in alarm]
    assert alarms(none, varied) == ()


def test_a_probability_that_never_varies_raises_an_alarm() -> None:
    labels = pd.Series(["quiet", "mixed"])
    stuck = told(np.full(80, 0.464), np.ones(80))
    alive = told(np.linspace(0.4, 0.6, 80), np.ones(80))

    assert [alarm for alarm in alarms(stuck, labels) if "next_sign" in alarm]
    assert alarms(alive, labels) == ()


@pytest.fixture(scope="module")
def long_market() -> Market:
    """Return seven years of an index and a VIX that follows its volatility."""
    closes = random_closes(1_750, 9)
    returns = np.diff(np.log(closes), prepend=np.log(closes[0]))
    usual = pd.Series(returns).rolling(20, min_periods=1).std().fillna(0.01)
    vix = (100.0 * np.sqrt(252.0) * usual.clip(lower=0.002)).tolist()
    return index_market(closes, others={"^VIX": vix}, first="2012-01-03")


def test_the_hindsight_record_holds_what_each_evening_would_have_claimed(
    long_market: Market,
) -> None:
    hindsight = hindsight_claims(long_market)

    for session in long_market.sessions[[400, 1_100, 1_503, 1_749]]:
        then = {claim.key: claim for claim in made_that_evening(long_market.until(session))}
        rows = hindsight[hindsight["session"] == session].set_index("key")
        assert set(rows.index) == set(then)
        for key, claim in then.items():
            assert rows["probability"][key] == claim.probability
            assert rows["base_rate"][key] == claim.base_rate
            assert (rows["low"][key], rows["high"][key]) == claim.interval
            assert rows["n"][key] == claim.n


Rows = Callable[[Market, Question], pd.DataFrame]


def knows_tomorrow(rows_of: Rows, market: Market, question: Question) -> bool:
    """Say whether some evening's claim changes once later closes are known."""
    whole = rows_of(market, question)
    large = market.sessions[:-6][market.day_return.abs().to_numpy()[:-6] > 0.01]
    evenings = [*large[[300, 400, 500, -1]], market.sessions[-2]]
    return any(
        not rows_of(market.until(evening), question).iloc[-1].equals(whole.loc[:evening].iloc[-1])
        for evening in evenings
    )


def cheating_rows(market: Market, question: Question) -> pd.DataFrame:
    """Claim what will happen, where it is already known."""
    outcome = question.outcome(market.closes(INDEX))
    sheet = claim_rows(market, question)
    asked = outcome.notna() & sheet["probability"].notna()
    return sheet.assign(probability=sheet["probability"].where(~asked, 0.1 + 0.8 * outcome))


@pytest.mark.parametrize("question", CLAIMED, ids=lambda question: question.key)
def test_no_claim_knows_tomorrow_and_a_cheat_is_caught(
    question: Question, long_market: Market
) -> None:
    assert not knows_tomorrow(claim_rows, long_market, question)
    assert knows_tomorrow(cheating_rows, long_market, question)


def test_a_cheat_would_otherwise_look_brilliant(long_market: Market) -> None:
    question = next(question for question in CLAIMED if question.key == "next_sign")
    sheet = cheating_rows(long_market, question).dropna(subset="probability")
    outcome = question.outcome(long_market.closes(INDEX)).reindex(sheet.index)

    assert brier_skill(sheet["probability"], sheet["base_rate"], outcome).low > 0.9


def test_where_volatility_clusters_the_gate_opens_for_the_size_of_the_next_move_alone(
    long_market: Market,
) -> None:
    hindsight = hindsight_claims(long_market)
    moved = hindsight[hindsight["probability"] != hindsight["base_rate"]]

    assert set(moved["key"]) == {"next_abs_band"}
    assert moved["session"].min() > pd.Timestamp("2013-06-01")


def test_a_claim_is_settled_by_the_closes_it_named() -> None:
    market = index_market([100.0, 102.0, 101.0, 104.0, 105.0, 106.0, 107.0, 108.0])
    day = market.sessions[1]

    assert settle(market, "next_sign", day) is True
    assert settle(market, "half_back_5", day) is True
    assert settle(market, "next_abs_band", day) is False
    assert settle(market.until(market.sessions[5]), "half_back_5", day) is None


@pytest.mark.slow
def test_no_claim_of_fifteen_years_lacks_its_cases_and_interval(market_folder: Path) -> None:
    claims = hindsight_claims(FolderSource(market_folder).fetch())

    assert len(claims) > 8_000
    assert (claims["n"] >= 30).all()
    assert (claims["low"] <= claims["probability"]).all()
    assert (claims["probability"] <= claims["high"]).all()
    assert (claims["low"] >= 0.0).all()
    assert (claims["high"] <= 1.0).all()
    assert claims[["low", "high", "base_rate"]].notna().all(axis=None)
