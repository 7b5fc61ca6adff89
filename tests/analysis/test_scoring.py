"""Scores compare a session with its own past, and say how much of it could be seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.market import Market
from analysis.reading import Driver, Grade, Input, Kind
from analysis.scoring import coverage_of, past_rank, robust_z, score_history

SESSIONS = pd.date_range("2020-01-01", periods=400, freq="B", unit="us")


def series(values: list[float]) -> pd.Series:
    """Return values on the first sessions."""
    return pd.Series(values, SESSIONS[: len(values)])


def a_driver(grade: Grade = Grade.A) -> Driver:
    """Return a driver whose measure the test provides itself."""
    return Driver(
        slug="made_up",
        title="Made up",
        kind=Kind.MECHANICAL,
        grade=grade,
        measure=lambda market: pd.DataFrame(index=market.sessions),
        inputs=(
            Input(key="prices", weight=0.75, missing="prices"),
            Input(key="assets", weight=0.25, missing="assets", half_life_days=10.0),
        ),
        facts=(),
        caveat="Made up.",
    )


def a_market(sessions: pd.DatetimeIndex = SESSIONS) -> Market:
    """Return a market whose index swings by one per cent, up and down by turns."""
    steps = np.where(np.arange(len(sessions)) % 2 == 0, 1.01, 1 / 1.01)
    close = pd.DataFrame({"^GSPC": 1000.0 * np.cumprod(steps)}, index=sessions)
    return Market(sessions=sessions, close=close)


def test_a_rank_is_the_share_of_past_values_that_are_no_larger() -> None:
    rank = past_rank(series([1.0, 2.0, 3.0, 2.0]), window=3, least=3)

    assert np.isnan(rank.iloc[:3]).all()
    assert rank.iloc[3] == pytest.approx(2 / 3)


def test_a_rank_forgets_what_lies_behind_its_window() -> None:
    rank = past_rank(series([9.0, 1.0, 1.0, 2.0]), window=2, least=2)

    assert rank.iloc[3] == 1.0


def test_a_flow_is_standardised_by_the_median_size_of_past_ones() -> None:
    z = robust_z(series([2.0, -2.0] * 30 + [-3.0]))

    assert z.iloc[-1] == pytest.approx(-3.0 / (1.4826 * 2.0))


def test_coverage_counts_what_is_known_and_halves_with_age() -> None:
    measure = pd.DataFrame(
        {
            "has_prices": [1.0, 1.0, 0.0],
            "has_assets": [1.0, 0.5, 1.0],
            "age_assets": [0.0, 10.0, 20.0],
        },
        index=SESSIONS[:3],
    )

    assert coverage_of(a_driver(), measure).tolist() == pytest.approx([1.0, 0.8125, 0.0625])


def figures_of(measure: pd.DataFrame, grade: Grade = Grade.A) -> pd.DataFrame:
    """Score a measure in which every input is known."""
    full = measure.assign(has_prices=1.0, has_assets=1.0)
    return score_history(a_driver(grade), full, a_market(), SESSIONS)


def test_a_sale_larger_than_all_of_the_past_scores_minus_one() -> None:
    share = pd.Series(np.linspace(0.001, 0.01, 400), SESSIONS)
    share.iloc[-1] = -0.02
    last = figures_of(pd.DataFrame({"share_of_adv": share})).iloc[-1]

    assert (last.score, last.percentile) == (-1.0, 1.0)


def test_a_flow_in_the_middle_of_its_past_scores_nothing() -> None:
    share = pd.Series(np.tile([0.001, 0.003], 200), SESSIONS)
    share.iloc[-1] = 0.002
    last = figures_of(pd.DataFrame({"share_of_adv": share})).iloc[-1]

    assert last.score == pytest.approx(0.0, abs=0.01)


def test_without_a_year_of_dollars_the_standardised_reading_speaks() -> None:
    last = figures_of(pd.DataFrame({"z": 1.0}, index=SESSIONS)).iloc[-1]

    assert last.score == pytest.approx(0.46212, abs=1e-5), "tanh(1/2)"


def test_with_neither_dollars_nor_a_reading_there_is_no_measurement() -> None:
    last = figures_of(pd.DataFrame(index=SESSIONS)).iloc[-1]

    assert not last.measured
    assert (last.score, last.confidence) == (0.0, 0.0)


def test_below_half_coverage_a_driver_is_not_measured_and_keeps_no_dollars() -> None:
    measure = pd.DataFrame(
        {"share_of_adv": 0.01, "flow_mid_usd": 1e9, "z": 1.0, "has_assets": 1.0}, index=SESSIONS
    )
    last = score_history(a_driver(), measure, a_market(), SESSIONS).iloc[-1]

    assert not last.measured
    assert np.isnan(last.flow_mid_usd)
    assert np.isnan(last.surprise)


@pytest.mark.parametrize(("grade", "cap"), [(Grade.A, 1.0), (Grade.B, 0.75), (Grade.C, 0.5)])
def test_confidence_never_exceeds_what_the_method_can_claim(grade: Grade, cap: float) -> None:
    last = figures_of(pd.DataFrame({"z": 1.0}, index=SESSIONS), grade).iloc[-1]

    assert last.confidence == cap


def test_two_series_are_never_ranked_against_each_other() -> None:
    share = pd.Series([0.001] * 399 + [0.5], SESSIONS)
    series_of = pd.Series(["fallback"] * 399 + ["chain"], SESSIONS)
    measure = pd.DataFrame({"share_of_adv": share, "series": series_of, "z": 0.0})

    assert figures_of(measure).iloc[-1].score == 0.0


@given(arrays(float, 400, elements=st.floats(-0.05, 0.05)))
def test_negated_flows_have_negated_scores(values: np.ndarray) -> None:
    share = pd.Series(values, SESSIONS)
    there = figures_of(pd.DataFrame({"share_of_adv": share}))
    back = figures_of(pd.DataFrame({"share_of_adv": -share}))

    assert there.score.tolist() == (-back.score).tolist()
    assert there.score.between(-1.0, 1.0).all()


@given(st.integers(260, 399))
def test_no_score_knows_tomorrow(last: int) -> None:
    share = pd.Series(np.sin(np.arange(400.0)) / 100.0, SESSIONS)
    measure = pd.DataFrame({"share_of_adv": share, "has_prices": 1.0, "has_assets": 1.0})
    market = a_market()
    then = market.until(SESSIONS[last])

    whole = score_history(a_driver(), measure, market, SESSIONS)
    cut = score_history(a_driver(), measure.loc[: SESSIONS[last]], then, then.sessions)

    pd.testing.assert_series_equal(cut.iloc[-1], whole.iloc[last], check_exact=True)
