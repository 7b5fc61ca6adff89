"""What holds of every driver, whoever adds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.drivers import all_drivers
from analysis.market import Market
from analysis.reading import Driver
from analysis.sources.folder import FolderSource

EVERY = pytest.mark.parametrize("driver", all_drivers(), ids=lambda driver: driver.slug)


def a_few(sessions: pd.DatetimeIndex, count: int, seed: int) -> pd.DatetimeIndex:
    """Return some of the sessions, the same ones in every run."""
    return pd.DatetimeIndex(np.random.default_rng(seed).choice(sessions, count, replace=False))


def assert_looks_back_only(driver: Driver, market: Market, sessions: pd.DatetimeIndex) -> None:
    """Compare the measure of a market cut short with the same row of the whole one."""
    whole = driver.measure(market)
    for session in sessions:
        then = driver.measure(market.until(session)).iloc[-1:]
        now = whole.loc[[session]]
        pd.testing.assert_frame_equal(then, now, check_exact=True, check_freq=False)


@EVERY
def test_no_driver_knows_tomorrow(driver: Driver, simulated_market: Market) -> None:
    sessions = a_few(simulated_market.sessions[300:], 6, seed=1)

    assert_looks_back_only(driver, simulated_market, sessions)


@pytest.mark.slow
@EVERY
def test_no_driver_knows_tomorrow_in_a_real_market(driver: Driver, market_folder: Path) -> None:
    market = FolderSource(market_folder).fetch()
    sessions = a_few(market.sessions[1700:], 6, seed=2)

    assert_looks_back_only(driver, market, sessions)


@EVERY
def test_a_measure_has_one_row_a_session_and_every_column_it_promises(
    driver: Driver, simulated_market: Market
) -> None:
    measure = driver.measure(simulated_market)

    assert measure.index.equals(simulated_market.sessions)
    assert {f"has_{needed.key}" for needed in driver.inputs} <= set(measure.columns)
    assert {fact.key for fact in driver.facts} <= set(measure.columns)
    assert not driver.witness or driver.witness in measure


@EVERY
def test_what_is_known_lies_between_nothing_and_everything(
    driver: Driver, simulated_market: Market
) -> None:
    measure = driver.measure(simulated_market)
    known = measure[[f"has_{needed.key}" for needed in driver.inputs]].fillna(0.0)

    assert known.to_numpy().min() >= 0.0
    assert known.to_numpy().max() <= 1.0


@EVERY
def test_a_range_is_in_order_whatever_its_sign(driver: Driver, simulated_market: Market) -> None:
    measure = driver.measure(simulated_market)
    if "flow_mid_usd" in measure:
        flow = measure[["flow_low_usd", "flow_mid_usd", "flow_high_usd"]].dropna()
        assert (flow.flow_low_usd <= flow.flow_mid_usd).all()
        assert (flow.flow_mid_usd <= flow.flow_high_usd).all()


@EVERY
def test_a_market_with_nothing_but_the_index_is_measured_or_declined_without_a_fuss(
    driver: Driver, simulated_market: Market
) -> None:
    bare = Market(sessions=simulated_market.sessions, close=simulated_market.close[["^GSPC"]])

    assert driver.measure(bare).index.equals(bare.sessions)
