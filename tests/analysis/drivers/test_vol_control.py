"""What funds that hold their volatility steady trade."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.drivers.vol_control import vol_control
from analysis.market import Market
from analysis.sources.folder import FolderSource
from tests.markets import (
    ANSWERS,
    MARKET,
    assert_knows_nothing_of_tomorrow,
    index_market,
    random_closes,
)

PUBLISHED = pd.read_csv(ANSWERS / "vol_control_changes.csv")

CALM = [0.01, -0.01] * 40
"""Eighty sessions of 1 % either way: realised volatility is 1 % times the root of 252."""


def closes_of(log_returns: list[float]) -> list[float]:
    return [100.0 * math.exp(math.fsum(log_returns[:at])) for at in range(len(log_returns) + 1)]


def last(log_returns: list[float]) -> pd.Series:
    return vol_control.measure(index_market(closes_of(log_returns))).iloc[-1]


def test_a_market_of_one_percent_days_is_held_at_63_percent() -> None:
    row = last(CALM)

    assert row.realised_vol_21d == pytest.approx(0.158745, abs=1e-6)
    assert row.realised_vol_63d == pytest.approx(0.158745, abs=1e-6)
    assert row.exposure == pytest.approx(0.629941, abs=1e-6)
    assert row.flow_mid_usd == pytest.approx(0.0, abs=1.0)


def test_a_market_that_does_not_move_is_held_at_the_cap() -> None:
    assert last([0.0] * 70).exposure == 1.5


def test_one_4_percent_day_after_calm_sells_about_37_billion() -> None:
    row = last([*CALM, -0.04])

    # RV21 = sqrt(252 * (20 * 1e-4 + 16e-4) / 21) = 0.2078461, e = 0.4811252, change = -0.1488156
    assert row.exposure_change == pytest.approx(-0.1488156, abs=1e-6)
    assert row.flow_mid_usd == pytest.approx(-37.2039e9, rel=1e-5)
    assert row.flow_low_usd == pytest.approx(-52.0855e9, rel=1e-5)
    assert row.flow_high_usd == pytest.approx(-22.3223e9, rel=1e-5)


def test_a_large_rise_makes_the_same_sale_as_a_large_fall() -> None:
    assert last([*CALM, 0.04]).flow_mid_usd == pytest.approx(last([*CALM, -0.04]).flow_mid_usd)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_market_turned_upside_down_is_held_the_same(seed: int) -> None:
    closes = random_closes(130, seed)
    upright = vol_control.measure(index_market(closes))
    mirrored = vol_control.measure(index_market([1.0 / close for close in closes]))

    pd.testing.assert_frame_equal(upright, mirrored, check_exact=False, rtol=1e-9, atol=1e-3)


@pytest.mark.parametrize(
    ("move", "row"),
    [
        (0.0, "scenario_flat_usd"),
        (0.01, "scenario_1pct_usd"),
        (-0.01, "scenario_1pct_usd"),
        (0.02, "scenario_2pct_usd"),
        (-0.02, "scenario_2pct_usd"),
    ],
)
def test_tomorrows_scenario_is_what_happens_if_it_comes_true(move: float, row: str) -> None:
    past = [*CALM, 0.03, -0.02, 0.005]

    assert last([*past, move]).flow_mid_usd == pytest.approx(last(past)[row], abs=1.0)


def test_a_missing_close_leaves_its_session_and_the_two_after_without_a_change() -> None:
    closes = closes_of(CALM)
    closes[70] = np.nan

    rows = vol_control.measure(index_market(closes))

    assert rows.exposure_change.iloc[70:73].isna().all()
    assert (rows.has_index.iloc[70:73] == 0.0).all()
    assert np.isfinite(rows.exposure_change.iloc[73:]).all()
    assert rows.has_index.iloc[73] == pytest.approx(61.0 / 63.0)


def test_before_three_months_of_returns_nothing_is_claimed() -> None:
    rows = vol_control.measure(index_market(closes_of(CALM)))

    assert rows.exposure.iloc[:54].isna().all()
    assert (rows.has_index.iloc[:55] == 0.0).all()


def test_without_an_index_there_is_no_flow() -> None:
    sessions = pd.bdate_range("2024-01-02", periods=3)

    assert vol_control.measure(Market(sessions=sessions)).flow_mid_usd.isna().all()


def test_no_session_knows_a_later_close() -> None:
    days = index_market(random_closes(200, 5), traded_usd=1e9)
    some = [days.sessions[at] for at in (0, 54, 55, 63, 120, 199)]

    assert_knows_nothing_of_tomorrow(vol_control, days, some)


@pytest.mark.skipif(not MARKET.exists(), reason=f"no market folder at {MARKET}")
def test_in_february_2020_the_change_and_the_dollars_are_near_the_published_ones() -> None:
    rows = vol_control.measure(FolderSource(MARKET).fetch(pd.Timestamp("2020-03-31")))

    for published in PUBLISHED.itertuples():
        row = rows.loc[str(published.session)]
        assert row.exposure_change == pytest.approx(published.exposure_change, abs=0.015)
        assert row.flow_low_usd <= published.desk_high_usd
        assert row.flow_high_usd >= published.desk_low_usd
