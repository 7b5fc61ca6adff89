"""What the demo market must be, whatever its seed."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.market import DATED, INDEX, PANELS, VIX, Market
from analysis.simulate.plants import SLUGS, Plant
from analysis.simulate.simulation import LAST_SESSION, Simulation, simulate

SHORT = 330
"""Sessions of the smaller markets in these tests."""

OWN = ["member_weights"]


@pytest.fixture(scope="module")
def four_years() -> Simulation:
    return simulate(3)


def digest(market: Market) -> str:
    """One hash over every figure and label of a market."""
    total = hashlib.sha256()
    for part in fields(market):
        value = getattr(market, part.name)
        if isinstance(value, pd.DataFrame) and not value.empty:
            total.update(value.to_csv().encode())
    return total.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, again, other = (digest(simulate(seed, sessions=90).market) for seed in (5, 5, 6))

    assert first == again
    assert first != other


def test_the_market_ends_on_its_fixed_session_and_knows_the_exchanges_holidays() -> None:
    sessions = simulate(1, sessions=300).market.sessions

    assert len(sessions) == 300
    assert sessions[-1] == LAST_SESSION
    assert pd.Timestamp("2025-12-25") not in sessions
    assert pd.Timestamp("2026-06-19") not in sessions
    assert (sessions.day_of_week < 5).all()


def test_every_panel_and_table_is_there(four_years: Simulation) -> None:
    market = four_years.market

    assert market.simulated
    # Weights come only from a file of the operator's own.
    assert [name for name in (*PANELS, *DATED) if getattr(market, name).empty] == OWN
    assert list(four_years.planted.columns) == list(SLUGS)
    assert four_years.planted.notna().all(axis=None)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_bars_hold_together_and_volumes_are_above_zero(seed: int) -> None:
    market = simulate(seed, sessions=120).market

    assert (market.low <= market.open).all(axis=None)
    assert (market.low <= market.close).all(axis=None)
    assert (market.open <= market.high).all(axis=None)
    assert (market.close <= market.high).all(axis=None)
    assert (market.low > 0.0).all(axis=None)
    assert (market.volume > 0.0).all(axis=None)
    assert (market.member_volume > 0.0).all(axis=None)
    assert (market.fund_assets_usd > 0.0).all(axis=None)
    assert (market.fund_shares["shares"] > 0.0).all()


def test_storms_cluster_and_falls_bring_them() -> None:
    returns = [simulate(seed).market.day_return.dropna() for seed in range(1, 7)]
    clustering = np.mean([each.abs().autocorr(1) for each in returns])
    leverage = np.mean([each.corr(each.abs().shift(-1)) for each in returns])
    yearly = np.mean([each.std() * 252**0.5 for each in returns])
    tails = np.mean([each.kurt() for each in returns])

    assert clustering > 0.1
    assert leverage < -0.05
    assert 0.10 < yearly < 0.20
    assert tails > 1.5


def test_the_vix_answers_the_index_with_noise(four_years: Simulation) -> None:
    market = four_years.market
    change = np.diff(np.log(market.closes(VIX).to_numpy()))
    log_return = np.diff(np.log(market.closes(INDEX).to_numpy()))
    slope = np.polyfit(log_return, change, 1)[0]

    assert -8.0 < slope < -4.0
    assert -0.95 < np.corrcoef(change, log_return)[0, 1] < -0.6
    assert market.closes(VIX).between(8.0, 110.0).all()


def test_the_members_returns_add_up_to_the_index(four_years: Simulation) -> None:
    """With the weights 1 / (rank + 2)^0.85, put together again from the closes alone."""
    size = 1.0 / (np.arange(120) + 2.0) ** 0.85
    log_returns = np.diff(np.log(four_years.market.member_close.to_numpy()), axis=0)
    index = np.diff(np.log(four_years.market.closes(INDEX).to_numpy()))

    assert log_returns @ (size / size.sum()) == pytest.approx(index, abs=1e-5)


def test_nothing_is_known_before_it_could_be(four_years: Simulation) -> None:
    market = four_years.market
    for name in set(DATED) - set(OWN):
        table = getattr(market, name)
        assert (table["date"] <= table["known"]).all(), name
        assert table["known"].isin(market.sessions).all(), name
    assert (market.fund_shares["date"] < market.fund_shares["known"]).all()
    assert (market.fund_flows_usd["date"] < market.fund_flows_usd["known"]).all()
    assert (market.dix["date"] < market.dix["known"]).all()


def test_short_interest_comes_out_nine_sessions_after_it_settled(four_years: Simulation) -> None:
    table, sessions = four_years.market.short_interest, four_years.market.sessions
    settled, published = (
        sessions.get_indexer(pd.DatetimeIndex(table[name])) for name in ("date", "known")
    )

    assert set(published - settled) == {9}
    assert table["date"].dt.to_period("M").value_counts().max() == 2 * table["symbol"].nunique()


def test_a_cot_row_speaks_of_tuesday_and_is_known_by_friday(four_years: Simulation) -> None:
    cot = four_years.market.cot

    assert (cot["date"].dt.day_of_week == 1).all()
    assert ((cot["known"] - cot["date"]).dt.days >= 3).all()


def test_a_longer_history_is_cut_the_same_way_by_until(four_years: Simulation) -> None:
    session = four_years.market.sessions[700]
    then = four_years.market.until(session)

    assert then.close.index[-1] == session
    assert (then.short_interest["known"] <= session).all()
    assert then.close.equals(four_years.market.close.loc[:session])


def test_a_plant_on_an_unknown_driver_or_session_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot plant 'moonshot'"):
        simulate(1, sessions=SHORT, plants=(Plant("moonshot"),))
    with pytest.raises(ValueError, match="session 330 of 330"):
        simulate(1, sessions=SHORT, plants=(Plant("real_money", session=SHORT),))


def test_a_plant_leaves_the_past_as_it_was() -> None:
    """Plants of a desk's own decision touch nothing before their session."""
    plain = simulate(4, sessions=SHORT).market
    planted = simulate(4, sessions=SHORT, plants=(Plant("short_covering", -3, 6.0),)).market
    before = plain.sessions[-4]

    assert planted.until(before).member_close.equals(plain.until(before).member_close)
    assert planted.closes(INDEX).iloc[-3] != plain.closes(INDEX).iloc[-3]
