"""Which readings turn over when the day does: one table, checked on the simulated market.

A day is turned over by giving every price the opposite return. What follows from the
return alone must turn over with it; what measures the size of moves must not; the other
drivers weigh evidence that has no mirror image (the VIX, breadth, credit) and are exempt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from analysis.drivers import all_drivers
from analysis.market import Market
from analysis.reading import Driver


def with_opposite_returns(market: Market) -> Market:
    """Return the market with every last return negated: 3 % up becomes 3 % down."""
    return replace(
        market,
        close=_turned(market.close, lambda last, before: 2.0 * before - last),
        member_close=_turned(market.member_close, lambda last, before: 2.0 * before - last),
    )


def inverted(market: Market) -> Market:
    """Return the market with every price path turned over: P becomes 1 / P."""
    return replace(market, close=1.0 / market.close, member_close=1.0 / market.member_close)


def _turned(panel: pd.DataFrame, turn: Callable[[pd.Series, pd.Series], pd.Series]) -> pd.DataFrame:
    whole = panel.copy()
    whole.iloc[-1] = turn(panel.iloc[-1], panel.iloc[-2])
    return whole


PARITY: dict[str, tuple[str, float, Callable[[Market], Market]] | None] = {
    "leveraged_etf": ("identity_usd", -1.0, with_opposite_returns),
    "dealer_gamma": ("hedge_naive_usd", -1.0, with_opposite_returns),
    "short_covering": ("basket_excess_return", -1.0, with_opposite_returns),
    "trend_following": ("position_change", -1.0, inverted),
    "vol_control": ("exposure_change", +1.0, inverted),
    "hedge_unwinding": None,
    "real_money": None,
}
"""For each driver: the column, +1 for even and -1 for odd, and how the market is turned over."""


def test_the_table_knows_every_driver() -> None:
    assert set(PARITY) == {driver.slug for driver in all_drivers()}


@pytest.mark.parametrize("driver", all_drivers(), ids=lambda driver: driver.slug)
def test_a_reading_turns_over_with_the_day_as_the_table_says(
    driver: Driver, simulated_market: Market
) -> None:
    rule = PARITY[driver.slug]
    if rule is None:
        return
    column, sign, turn = rule
    upright = driver.measure(simulated_market)[column].iloc[-1]
    turned = driver.measure(turn(simulated_market))[column].iloc[-1]

    assert turned == pytest.approx(sign * upright, rel=1e-9)
    assert upright != 0.0
