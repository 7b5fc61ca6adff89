"""The demo's option chain agrees with the row that sums it up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.market import Market
from analysis.options.exposure import net_gamma_usd
from analysis.options.flip import flip_zone
from analysis.simulate.chain import gamma_usd_per_pct, option_chain
from analysis.simulate.scenarios import DEMO_SEED, RALLY, demo, without
from analysis.simulate.simulation import simulate


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate(2, sessions=80).market


def test_the_gamma_of_one_contract_is_the_textbooks() -> None:
    """Hull: S 49, K 50, r 5 %, sigma 20 %, T 0.3846 has gamma 0.066; without the rate 0.0650.

    d1 = (ln 0.98 + 0.02 * 0.3846) / 0.12403 = -0.10087, phi = 0.39692, over 49 * 0.12403.
    """
    gamma = gamma_usd_per_pct(49.0, np.array([50.0]), np.array([0.2]), np.array([0.3846]))

    assert gamma / 49.0**2 == pytest.approx(0.39692 / (49.0 * 0.124032), rel=1e-4)


def test_the_contracts_add_up_to_the_sessions_row(market: Market) -> None:
    chain = option_chain(market)
    row = market.gamma[market.gamma["symbol"] == "SPX"].iloc[-1]
    measured = net_gamma_usd(chain)

    assert measured["naive"] == pytest.approx(row["naive_usd_per_pct"], rel=0.01)
    assert measured["short_calls"] == pytest.approx(row["short_calls_usd_per_pct"], rel=0.01)
    assert measured["all_short"] == pytest.approx(row["all_short_usd_per_pct"], rel=0.01)


def test_every_expiry_is_a_later_session_and_no_contract_comes_twice(market: Market) -> None:
    chain = option_chain(market)
    expiries = pd.DatetimeIndex(np.unique(chain.expiry))
    contracts = list(zip(chain.expiry, chain.strike, chain.is_call, strict=True))

    assert expiries[0] == pd.Timestamp("2026-07-01")
    assert pd.Timestamp("2026-07-03") not in expiries
    assert len(set(contracts)) == len(contracts)
    assert (chain.iv > 0.03).all()
    assert (chain.open_interest >= 0.0).all()


def test_a_chain_can_be_made_for_any_session(market: Market) -> None:
    chain = option_chain(market.until(market.sessions[-20]))

    assert chain.session == market.sessions[-20].date()
    assert "simulated" in chain.notes[0]
    assert chain.spot == market.close["^GSPC"].iloc[-20]


def test_the_demos_last_evening_tells_the_levels_of_its_own_chain() -> None:
    market = demo().market
    zone = flip_zone(option_chain(market))
    evening = market.gamma[market.gamma["date"] == market.sessions[-1]]
    levels = evening.set_index("symbol")[["flip_low", "flip_mid", "flip_high"]]
    index, fund = (levels.T[symbol].to_numpy(float) for symbol in ("SPX", "SPY"))

    assert index == pytest.approx([zone.low, zone.mid, zone.high], abs=0.01)
    assert fund == pytest.approx(index / 10.0, abs=0.01)


def test_earlier_evenings_of_the_demo_stay_as_they_were_drawn() -> None:
    drawn, told = simulate(DEMO_SEED, plants=RALLY).market, demo().market

    pd.testing.assert_frame_equal(
        told.gamma[told.gamma["date"] < told.sessions[-1]],
        drawn.gamma[drawn.gamma["date"] < drawn.sessions[-1]],
    )


def test_without_a_gamma_row_there_is_no_chain(market: Market) -> None:
    with pytest.raises(ValueError, match="no gamma of the index's options for 2026-06-30"):
        option_chain(without(market, "gamma"))
