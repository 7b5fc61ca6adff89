"""Real money, by hand and on made markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.real_money import conviction, measure, real_money
from analysis.market import Market
from analysis.participation import fund_marks, member_marks, odd_volume, tape_marks
from analysis.scoring import coverage_of
from tests.analysis.drivers.small_markets import (
    assert_looks_back_only,
    closes_from,
    market_of,
    noise,
    sessions,
    without,
)

COUNT = 500
MEMBERS = 40


def day_of(members: dict[str, tuple[float, float, float]]) -> Market:
    """Return two sessions of members, each (close before, close, shares traded)."""
    index = sessions(2)
    close = pd.DataFrame({name: [a, b] for name, (a, b, _) in members.items()}, index=index)
    volume = pd.DataFrame({name: [v, v] for name, (_, _, v) in members.items()}, index=index)
    level = pd.DataFrame({"^GSPC": [100.0, 101.0]}, index=index)
    return replace(market_of(level), member_close=close, member_volume=volume)


def tape(breadth_of_last_day: float = 0.5, count: int = COUNT) -> Market:
    """Return a market whose members follow the index, and whose last day is up 1 %.

    On that day the given part of the members rises.
    """
    broad = noise(count, 0.01)
    broad[-1] = 0.01
    funds = {
        "SPY": broad,
        "RSP": broad + noise(count, 0.002, seed=1),
        "IWM": 1.2 * broad + noise(count, 0.004, seed=2),
        "HYG": 0.3 * broad + noise(count, 0.001, seed=3),
        "LQD": noise(count, 0.003, seed=4),
        "IEF": noise(count, 0.003, seed=5),
        "XLU": 0.4 * broad + noise(count, 0.005, seed=6),
        "XLP": 0.5 * broad + noise(count, 0.004, seed=7),
    }
    close = closes_from({"^GSPC": broad, **funds})
    own = np.stack([broad + noise(count, 0.012, seed=100 + i) for i in range(MEMBERS)], axis=1)
    risers = round(breadth_of_last_day * MEMBERS)
    own[-1] = np.where(np.arange(MEMBERS) < risers, 0.01, -0.01)
    members = pd.DataFrame(
        50.0 * np.cumprod(1.0 + own, axis=0),
        index=close.index,
        columns=[f"M{i:02d}" for i in range(MEMBERS)],
    )
    return replace(
        market_of(close),
        open=close.shift(1).bfill() * 1.0005,
        high=close * 1.004,
        low=close * 0.996,
        volume=pd.DataFrame({"SPY": 1e6 * np.exp(noise(count, 0.2, seed=8))}, index=close.index),
        member_close=members,
        member_volume=pd.DataFrame(1e4, index=close.index, columns=members.columns),
    )


def test_up_volume_counts_dollars_and_breadth_counts_names() -> None:
    # Rising: 11 * 100 and 21 * 50 dollars, together 2,150. Falling: 9 * 50 = 450. Unchanged: out.
    day = day_of(
        {
            "UP": (10.0, 11.0, 100.0),
            "UP2": (20.0, 21.0, 50.0),
            "DOWN": (10.0, 9.0, 50.0),
            "FLAT": (10.0, 10.0, 1000.0),
        }
    )

    marks = member_marks(day).iloc[-1]

    assert marks["up_volume_share"] == pytest.approx(2150 / 2600)
    assert marks["breadth"] == pytest.approx(2 / 3)


def test_breadth_counted_by_others_stands_in_and_up_volume_does_not() -> None:
    index = sessions(2)
    counted = pd.DataFrame({"advancers": [300.0, 100.0], "decliners": [100.0, 300.0]}, index=index)
    market = replace(
        market_of(pd.DataFrame({"^GSPC": [100.0, 99.0]}, index=index)), breadth=counted
    )

    marks = member_marks(market).iloc[-1]

    assert marks["breadth"] == pytest.approx(0.25)
    assert np.isnan(marks["up_volume_share"])


def test_a_day_on_which_most_members_are_missing_has_no_breadth_of_its_own() -> None:
    market = tape()
    close = market.member_close.copy()
    close.iloc[-1, : MEMBERS // 2] = np.nan

    assert np.isnan(member_marks(replace(market, member_close=close))["breadth"].iloc[-1])


def test_a_close_at_the_high_is_one_and_at_the_low_minus_one() -> None:
    index = sessions(3)
    market = replace(
        market_of(pd.DataFrame({"^GSPC": [110.0, 90.0, 105.0]}, index=index)),
        high=pd.DataFrame({"^GSPC": 110.0}, index=index),
        low=pd.DataFrame({"^GSPC": 90.0}, index=index),
    )

    assert tape_marks(market)["close_location"].tolist() == pytest.approx([1.0, -1.0, 0.5])


def test_a_gap_up_that_is_sold_off_is_intraday_selling() -> None:
    # Overnight 100 to 103, then 103 to 101: -1.94 % of 3 % + 1.94 %.
    index = sessions(2)
    market = replace(
        market_of(pd.DataFrame({"SPY": [100.0, 101.0]}, index=index)),
        open=pd.DataFrame({"SPY": [100.0, 103.0]}, index=index),
    )

    assert tape_marks(market)["intraday_share"].iloc[-1] == pytest.approx(-0.3929, abs=1e-4)


def test_credit_is_read_beyond_its_usual_share_of_the_move() -> None:
    spy = np.tile([0.01, -0.01], 130)
    paths = {"SPY": spy, "HYG": 0.4 * spy}
    paths["HYG"][-1] = 0.4 * spy[-1] + 0.002

    residual = fund_marks(market_of(closes_from(paths)))["high_yield_residual_return"].iloc[-1]

    assert residual == pytest.approx(0.002, abs=1e-9)


def test_a_month_of_twice_the_years_volume_is_twice_the_usual() -> None:
    days = pd.bdate_range("2024-01-02", periods=273)
    volume = pd.DataFrame({"SPY": [1e6] * 252 + [2e6] * 21}, index=days)
    close = pd.DataFrame({"SPY": 400.0, "^GSPC": 4000.0}, index=days)
    market = Market(sessions=days, close=close, volume=volume)

    # The 20 sessions before the last traded two million each, most of the year one million.
    assert tape_marks(market)["month_volume"].iloc[-1] == pytest.approx(2.0)


def test_the_third_friday_of_a_quarter_and_half_days_have_odd_volume() -> None:
    days = pd.DatetimeIndex(["2024-03-15", "2024-03-18", "2024-06-28", "2024-11-29", "2024-12-24"])

    assert odd_volume(days).tolist() == [True, False, True, True, True]


def test_a_broad_rally_is_real_money_buying_and_a_narrow_one_is_not() -> None:
    broad, narrow = measure(tape(1.0)).iloc[-1], measure(tape(0.2)).iloc[-1]

    assert broad["z"] > narrow["z"]
    assert broad["participation"] > narrow["participation"]


def test_participation_lies_between_zero_and_one_and_is_uniform_on_the_whole() -> None:
    participation = measure(tape())["participation"].dropna()

    assert participation.between(0.0, 1.0).all()
    assert participation.mean() == pytest.approx(0.5, abs=0.08)


def test_turning_every_mark_over_turns_the_conviction_over() -> None:
    marks = pd.DataFrame(
        {name: noise(300, 1.0, seed=i) for i, name in enumerate("abcde")}, index=sessions(300)
    )

    pd.testing.assert_series_equal(conviction(-marks), -conviction(marks))


def test_three_marks_describe_no_market() -> None:
    marks = pd.DataFrame(
        {name: noise(300, 1.0, seed=i) for i, name in enumerate("abc")}, index=sessions(300)
    )

    assert conviction(marks).isna().all()


def creations(market: Market, lag: int) -> Market:
    """Add creations of SPY, 2 bn on the last known date, published ``lag`` sessions later."""
    count = len(market.sessions) - lag
    rows = pd.DataFrame(
        {
            "date": market.sessions[:count],
            "known": market.sessions[lag:],
            "symbol": "SPY",
            "flow_usd": 1e9,
        }
    )
    rows.loc[count - 1, "flow_usd"] = 2e9
    return replace(market, fund_flows_usd=rows)


def test_creations_known_the_same_evening_are_the_dollars() -> None:
    row = measure(creations(tape(), lag=0)).iloc[-1]

    assert row["flow_low_usd"] == pytest.approx(1e9)
    assert row["flow_mid_usd"] == pytest.approx(2e9)
    assert row["flow_high_usd"] == pytest.approx(3e9)


def test_creations_published_a_day_late_are_evidence_and_no_dollars() -> None:
    market = creations(tape(), lag=1)

    row = measure(market).iloc[-1]

    assert np.isnan(row["flow_mid_usd"])
    assert row["creations_usd"] == pytest.approx(2e9)
    assert row["creations_date"] == market.sessions[-2]


def test_what_is_missing_costs_its_part_of_the_coverage_and_no_more() -> None:
    market = replace(tape(), member_close=pd.DataFrame(), member_volume=pd.DataFrame())

    sheet = measure(market)

    assert coverage_of(real_money, sheet).iloc[-1] == pytest.approx(0.55)
    assert np.isfinite(sheet["z"].iloc[-1])


def test_without_funds_and_members_there_is_no_reading() -> None:
    market = market_of(tape().close[["^GSPC"]])

    assert measure(market)["z"].isna().all()


def test_the_reading_of_a_day_never_changes_afterwards() -> None:
    market = creations(tape(), lag=1)
    late = market.member_close.copy()
    late.loc[: market.sessions[250], "M07"] = np.nan
    market = replace(market, member_close=late)

    assert_looks_back_only(measure, market, [0, 1, 64, 200, 251, 320, COUNT - 2])


def test_losing_one_fund_leaves_the_other_marks() -> None:
    sheet = measure(without(tape(), "HYG"))

    assert sheet["high_yield_residual_return"].isna().all()
    assert sheet["has_credit"].iloc[-1] == pytest.approx(0.5)
    assert np.isfinite(sheet["z"].iloc[-1])
