"""Hedge unwinding, by hand and on made markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.hedge_unwinding import hedge_unwinding, measure, spot_vol_residual
from analysis.market import Market
from tests.analysis.drivers.small_markets import (
    assert_looks_back_only,
    closes_from,
    market_of,
    noise,
    sessions,
    with_value,
    without,
)

COUNT = 400
SLOPE = -6.0


def paced_day(
    last_return: float, last_change: float, noise_size: float = 0.01
) -> tuple[pd.Series, pd.Series]:
    """Return 252 sessions of +-1 % with a VIX that obeys the slope, then one day to judge.

    The noise is ``noise_size``, zero or minus it, in an order the return does not see.
    """
    returns = np.tile([0.01, -0.01, 0.005, -0.005], 63)
    scatter = np.tile([1.0] * 4 + [0.0] * 4 + [-1.0] * 4, 21) * noise_size
    change = SLOPE * returns + scatter
    index = sessions(253)
    return (
        pd.Series([*returns, last_return], index=index),
        pd.Series([*change, last_change], index=index),
    )


def vix_market(count: int = COUNT, last_extra: float = 0.0) -> Market:
    """Return an index and a VIX that falls six times as far as it rises, and some noise."""
    index_returns = noise(count, 0.01)
    change = SLOPE * index_returns + noise(count, 0.03, seed=1)
    change[-1] += last_extra
    close = closes_from({"^GSPC": index_returns, "^VIX": np.expm1(change)})
    return market_of(close)


def test_the_fit_finds_the_slope_of_the_vix_on_the_index() -> None:
    day_return, change = paced_day(0.01, -0.06)

    assert spot_vol_residual(day_return, change)["slope"].iloc[-1] == pytest.approx(-6.0, abs=1e-3)


def test_a_vix_three_points_below_the_fit_reads_as_worked_by_hand() -> None:
    # On a day without a move the fit says zero, so a change of -0.03 is all residual. A third
    # of the past residuals are zero and the others 0.01 in size: their median size is 0.01,
    # and -0.03 / (1.4826 * 0.01) = -2.0235.
    day_return, change = paced_day(0.0, -0.03)

    row = spot_vol_residual(day_return, change).iloc[-1]

    assert row["residual"] == pytest.approx(-0.03)
    assert row["residual_z"] == pytest.approx(-2.0235, abs=1e-3)


def test_a_vix_that_falls_more_than_the_rally_explains_is_buying() -> None:
    assert measure(vix_market(last_extra=-0.12))["z"].iloc[-1] > 1.5


def test_a_vix_that_rises_more_than_the_fall_explains_is_selling() -> None:
    assert measure(vix_market(last_extra=+0.12))["z"].iloc[-1] < -1.5


def test_no_crash_is_panic_by_the_bend_of_the_fit_alone() -> None:
    # A year in which the VIX follows -6 r + 40 r^2, then a fall of eight root mean squares
    # on which it follows the straight part only and the bend of a three-fold move.
    returns = noise(252, 0.01, seed=3)
    usual = float(np.sqrt(np.mean(returns**2)))
    scatter = noise(252, 0.02, seed=4)
    change = SLOPE * returns + 40.0 * np.minimum(np.abs(returns), 3.0 * usual) ** 2 + scatter
    fall = -8.0 * usual
    last = SLOPE * fall + 40.0 * (3.0 * usual) ** 2
    index = sessions(253)

    answer = spot_vol_residual(
        pd.Series([*returns, fall], index=index), pd.Series([*change, last], index=index)
    )

    assert abs(answer["residual_z"].iloc[-1]) < 1.0


def test_a_year_of_history_is_needed() -> None:
    z = measure(vix_market(count=254))["z"]

    assert z.iloc[:253].isna().all()
    assert np.isfinite(z.iloc[253])


def test_a_market_that_never_moved_explains_nothing() -> None:
    still = pd.Series(0.0, index=sessions(300))

    assert spot_vol_residual(still, still)["residual_z"].isna().all()


def test_without_the_vix_the_driver_has_neither_reading_nor_coverage() -> None:
    sheet = measure(without(vix_market(), "^VIX"))

    assert sheet["z"].isna().all()
    assert (sheet["has_vix"] == 0.0).all()


def test_a_day_without_its_vix_is_passed_over_and_the_next_one_is_read() -> None:
    z = measure(with_value(vix_market(), "^VIX", -3, np.nan))["z"]

    assert z.iloc[[-3, -2]].isna().all()
    assert np.isfinite(z.iloc[-1])


def test_the_reading_of_a_day_never_changes_afterwards() -> None:
    market = with_funds(vix_market())

    assert_looks_back_only(measure, market, [0, 1, 252, 253, 300, COUNT - 2])


def with_funds(market: Market) -> Market:
    """Add an inverse fund whose shares go from 100 to 90 on the last session."""
    counts = pd.Series(100.0, index=market.sessions)
    counts.iloc[-1] = 90.0
    rows = pd.DataFrame(
        {"date": market.sessions, "known": market.sessions, "symbol": "SH", "shares": counts}
    )
    listed = pd.DataFrame(
        {"leverage": [-1.0, 3.0], "underlying": "^GSPC", "bucket": "SPX", "proxy": ""},
        index=["SH", "UPRO"],
    )
    return replace(
        market,
        close=market.close.assign(SH=20.0),
        fund_shares=rows.reset_index(drop=True),
        leveraged_funds=listed,
    )


def test_ten_shares_redeemed_from_a_double_inverse_fund_at_20_close_400_dollars_of_hedges() -> None:
    market = with_funds(vix_market())
    funds = market.leveraged_funds.assign(leverage=[-2.0, 3.0])

    row = measure(replace(market, leveraged_funds=funds)).iloc[-1]

    assert row["flow_mid_usd"] == pytest.approx(400.0)
    assert row["flow_low_usd"] == pytest.approx(360.0)
    assert row["flow_high_usd"] == pytest.approx(440.0)


def test_shares_created_in_an_inverse_fund_are_selling_with_the_range_in_order() -> None:
    market = with_funds(vix_market())
    counts = market.fund_shares.assign(shares=200.0 - market.fund_shares["shares"])

    row = measure(replace(market, fund_shares=counts)).iloc[-1]

    assert row["flow_low_usd"] == pytest.approx(-220.0)
    assert row["flow_high_usd"] == pytest.approx(-180.0)


def test_counts_that_come_a_day_late_are_evidence_with_their_own_date_and_no_dollars() -> None:
    market = with_funds(vix_market())
    later = market.fund_shares["known"].shift(-1)
    late = market.fund_shares.assign(known=later).dropna(subset=["known"])
    late.loc[late.index[-1], "shares"] = 90.0

    row = measure(replace(market, fund_shares=late)).iloc[-1]

    assert np.isnan(row["flow_mid_usd"])
    assert row["inverse_redemptions_usd"] == pytest.approx(200.0)
    assert row["inverse_redemptions_date"] == market.sessions[-2]
    assert row["age_fund_shares"] >= 1.0


def test_a_count_without_the_one_before_gives_no_dollars() -> None:
    market = with_funds(vix_market())
    gap = market.fund_shares.drop(index=len(market.sessions) - 2)

    assert np.isnan(measure(replace(market, fund_shares=gap))["flow_mid_usd"].iloc[-1])


def test_a_jump_of_the_vix_warns_of_wider_quotes() -> None:
    assert "quotes" in measure(vix_market(last_extra=0.5))["caveat"].iloc[-1].split(".")[-2]


def test_the_weights_of_the_inputs_add_up_to_one() -> None:
    assert sum(needed.weight for needed in hedge_unwinding.inputs) == pytest.approx(1.0)
