"""What trend followers trade, and where their signal turns."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.drivers.trend_following import trend_following
from analysis.market import Market
from analysis.sources.folder import FolderSource
from tests.markets import (
    ANSWERS,
    MARKET,
    assert_knows_nothing_of_tomorrow,
    index_market,
    random_closes,
)

PUBLISHED = pd.read_csv(ANSWERS / "trend_following_changes.csv")

CLIMB = [-0.008, 0.012] * 140
"""Two steps up and one back, ending on a step up."""

SIGNED = [
    "flow_mid_usd",
    "signal",
    "position",
    "position_prior",
    "position_change",
    "trend_21d",
    "trend_63d",
    "trend_126d",
    "trend_252d",
]


def closes_of(log_returns: list[float]) -> list[float]:
    return [100.0 * math.exp(math.fsum(log_returns[:at])) for at in range(len(log_returns) + 1)]


def measured(closes: list[float]) -> pd.DataFrame:
    return trend_following.measure(index_market(closes))


def test_a_steady_climb_gives_the_trends_worked_out_by_hand() -> None:
    row = measured(closes_of(CLIMB)).iloc[-1]

    # Of 63 returns 32 are +0.012 and 31 are -0.008: sigma = sqrt(0.006592 / 63) = 0.01022912.
    # ln(P/P_-h) is 0.052, 0.136, 0.252 and 0.504; over sigma * sqrt(h): 1.10932, 1.67506,
    # 2.19471 and 3.10379.
    assert row.trend_21d == pytest.approx(0.803821, abs=2e-6)
    assert row.trend_63d == pytest.approx(0.932218, abs=2e-6)
    assert row.trend_126d == pytest.approx(0.975488, abs=2e-6)
    assert row.trend_252d == pytest.approx(0.995980, abs=2e-6)
    assert row.signal == pytest.approx(0.926877, abs=2e-6)
    # Position: 0.926877 * 0.10 / (0.01022912 * sqrt(252)).
    assert row.position == pytest.approx(0.570799, abs=2e-6)


def test_a_calm_climb_is_held_no_larger_than_the_cap() -> None:
    assert measured(closes_of([0.001] * 260)).position.iloc[-1] == 1.5


def test_a_unit_of_position_is_worth_100_billion_dollars() -> None:
    row = measured(closes_of([*CLIMB, -0.05])).iloc[-1]

    assert row.position_change < 0.0
    assert row.flow_mid_usd == pytest.approx(100e9 * row.position_change)
    assert row.flow_low_usd == pytest.approx(200e9 * row.position_change)
    assert row.flow_high_usd == pytest.approx(50e9 * row.position_change)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_market_turned_upside_down_is_held_the_other_way_round(seed: int) -> None:
    closes = random_closes(330, seed)
    upright, mirrored = measured(closes), measured([1.0 / close for close in closes])

    pd.testing.assert_frame_equal(upright[SIGNED], -mirrored[SIGNED], rtol=1e-9, atol=1e-9)
    pd.testing.assert_series_equal(
        upright.turning_level, 1.0 / mirrored.turning_level, rtol=1e-9, check_names=False
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_signal_is_zero_if_the_next_close_is_the_turning_level(seed: int) -> None:
    closes = random_closes(280, seed)
    level = measured(closes).turning_level.iloc[-1]

    assert measured([*closes, level]).signal.iloc[-1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("horizon", [21, 63, 126, 252])
def test_a_horizons_trend_is_zero_if_the_next_close_is_its_flip(horizon: int) -> None:
    closes = random_closes(280, 11)
    level = measured(closes)[f"flip_{horizon}d"].iloc[-1]

    assert level == pytest.approx(closes[-horizon])
    assert measured([*closes, level])[f"trend_{horizon}d"].iloc[-1] == pytest.approx(0.0, abs=1e-9)


def test_the_turning_level_lies_between_the_closes_the_horizons_look_back_to() -> None:
    rows = measured(random_closes(400, 3)).iloc[260:]
    flips = rows.filter(like="flip_")

    assert (rows.turning_level >= flips.min(axis="columns") * (1.0 - 1e-12)).all()
    assert (rows.turning_level <= flips.max(axis="columns") * (1.0 + 1e-12)).all()


def test_the_first_year_has_no_signal() -> None:
    rows = measured(random_closes(260, 2))

    assert rows.signal.iloc[:252].isna().all()
    assert rows.flow_mid_usd.iloc[:253].isna().all()
    assert (rows.has_index.iloc[:253] == 0.0).all()
    assert (rows.has_index.iloc[253:] == 1.0).all()


def test_a_session_without_a_close_has_no_signal_but_later_ones_look_past_it() -> None:
    closes = random_closes(300, 2)
    closes[270] = np.nan

    rows = measured(closes)

    assert np.isnan(rows.signal.iloc[270])
    assert rows.flow_mid_usd.iloc[270:272].isna().all()
    assert np.isfinite(rows.flow_mid_usd.iloc[272:]).all()


def test_a_market_that_never_moves_has_no_trend_to_measure() -> None:
    assert measured([100.0] * 300).signal.isna().all()


def test_without_an_index_there_is_no_flow() -> None:
    sessions = pd.bdate_range("2024-01-02", periods=3)

    assert trend_following.measure(Market(sessions=sessions)).flow_mid_usd.isna().all()


def test_no_session_knows_a_later_close() -> None:
    days = index_market(random_closes(330, 5), traded_usd=1e9)
    some = [days.sessions[at] for at in (0, 62, 251, 252, 253, 300, 329)]

    assert_knows_nothing_of_tomorrow(trend_following, days, some)


@pytest.mark.skipif(not MARKET.exists(), reason=f"no market folder at {MARKET}")
def test_on_three_famous_days_the_position_changes_as_published() -> None:
    rows = trend_following.measure(FolderSource(MARKET).fetch(pd.Timestamp("2025-04-30")))

    for published in PUBLISHED.itertuples():
        change = rows.position_change[str(published.session)]
        assert change == pytest.approx(published.position_change, abs=0.03)
