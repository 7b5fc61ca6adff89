"""What is planted can be found again from what everybody sees, by formulas worked out here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.market import INDEX, VIX
from analysis.simulate.plants import SLUGS, Plant
from analysis.simulate.simulation import Simulation, simulate

FROM = 300


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(8)


def log_of(series: pd.Series) -> pd.Series:
    return pd.Series(np.log(series.to_numpy()), series.index)


def agreement(planted: pd.Series, seen: pd.Series) -> float:
    """Spearman's rank correlation from the second year on."""
    return float(planted.iloc[FROM:].rank().corr(seen.iloc[FROM:].rank()))


def test_rebalancing_follows_from_assets_leverage_and_returns(simulation: Simulation) -> None:
    """Cheng and Madhavan: L (L - 1) A r; holders of long funds cancel about a tenth."""
    market = simulation.market
    funds = market.leveraged_funds
    closes = market.close[list(funds["underlying"])].to_numpy()
    returns = closes[1:] / closes[:-1] - 1.0
    leverage = funds["leverage"].to_numpy()
    prior = market.fund_assets_usd[list(funds.index)].to_numpy()[:-1]
    identity = pd.Series(
        (leverage * (leverage - 1.0) * prior * returns).sum(axis=1), market.sessions[1:]
    )
    planted = simulation.planted["leveraged_etf"].iloc[1:]

    assert agreement(planted, identity) > 0.95
    assert np.polyfit(identity, planted, 1)[0] == pytest.approx(0.8, abs=0.15)


def test_fund_assets_roll_with_returns_and_flows(simulation: Simulation) -> None:
    """A[t] = shares[t] * price[t], as the share counts published the next session say."""
    market = simulation.market
    counts = market.fund_shares[market.fund_shares["symbol"] == "TQQQ"].set_index("date")["shares"]
    assets = (counts * market.closes("TQQQ")).dropna()

    told = market.fund_assets_usd["TQQQ"].loc[assets.index]

    assert assets.to_numpy() == pytest.approx(told.to_numpy(), rel=1e-5)


def test_dealers_sell_a_rise_when_the_chains_show_long_gamma(simulation: Simulation) -> None:
    market = simulation.market
    naive = market.gamma.groupby("date")["naive_usd_per_pct"].sum().reindex(market.sessions)
    seen = -100.0 * market.day_return * (naive + naive.shift(1)) / 2.0

    assert agreement(simulation.planted["dealer_gamma"], seen) > 0.95


def test_volatility_control_follows_realised_volatility(simulation: Simulation) -> None:
    squares = log_of(simulation.market.closes(INDEX)).diff() ** 2
    windows = pd.DataFrame({days: squares.rolling(days).mean() for days in (21, 63)})
    exposure = (0.10 / (252.0 * windows.max(axis="columns", skipna=False)) ** 0.5).clip(upper=1.5)

    assert agreement(simulation.planted["vol_control"], exposure.diff()) > 0.85


def test_trend_followers_follow_the_mean_of_four_trends(simulation: Simulation) -> None:
    log_close = log_of(simulation.market.closes(INDEX))
    sigma = (log_close.diff() ** 2).rolling(63).mean() ** 0.5
    trends = pd.DataFrame(
        {h: np.tanh((log_close.diff(h) / (sigma * h**0.5)).to_numpy()) for h in (21, 63, 126, 252)},
        index=log_close.index,
    )
    signal = trends.mean(axis="columns", skipna=False)
    position = (signal * 0.10 / (sigma * 252**0.5)).clip(-1.5, 1.5)

    assert agreement(simulation.planted["trend_following"], position.diff()) > 0.9


def test_covering_lifts_the_shorted_names_and_shrinks_the_short_interest(
    simulation: Simulation,
) -> None:
    market = simulation.market
    basket = market.close[list(market.most_shorted["symbol"])].pct_change().mean(axis="columns")
    excess = basket - 1.3 * market.returns("^RUT")
    planted = simulation.planted["short_covering"]
    held = market.short_interest.groupby("date")["shares"].sum()
    covered = planted.cumsum().reindex(held.index).diff()

    assert agreement(planted, excess) > 0.7
    assert covered.corr(log_of(held).diff()) < -0.2


def test_hedges_closed_press_the_vix_and_leave_the_inverse_funds(simulation: Simulation) -> None:
    market = simulation.market
    change, log_return = np.diff(np.log(market.close[[VIX, INDEX]].to_numpy()), axis=0).T
    slope, start = np.polyfit(log_return, change, 1)
    pressed = pd.Series(start + slope * log_return - change, market.sessions[1:])
    counts = market.fund_shares.pivot(index="date", columns="symbol", values="shares")
    inverse = counts[["SH", "SDS", "SPXU", "PSQ", "SQQQ"]].pct_change()
    left = -inverse.sum(axis="columns")
    planted = simulation.planted["hedge_unwinding"]

    assert agreement(planted.iloc[1:], pressed) > 0.6
    assert agreement(planted.reindex(left.index), left) > 0.9


def test_patient_buyers_show_in_volume_breadth_and_creations(simulation: Simulation) -> None:
    market = simulation.market
    returns = market.member_close.pct_change()
    traded = market.member_close * market.member_volume
    up_share = traded.where(returns > 0).sum(axis=1) / traded.sum(axis=1)
    created = market.fund_flows_usd.groupby("date")["flow_usd"].sum()
    planted = simulation.planted["real_money"]

    assert agreement(planted, up_share) > 0.5
    assert agreement(planted.reindex(created.index), created) > 0.85


@pytest.mark.parametrize("slug", SLUGS)
def test_a_planted_flow_usually_beats_nineteen_days_in_twenty(slug: str) -> None:
    days = [simulate(seed, plants=(Plant(slug, -1, 5.0),)).planted[slug] for seed in range(5, 10)]
    size = [day.iloc[-1] / day.iloc[FROM:-1].abs().quantile(0.95) for day in days]

    assert np.median(size) > 1.0
