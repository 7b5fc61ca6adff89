"""The option chain of the demo market's last session, as a chain file would tell it.

Volatilities follow the VIX family over time and a common smile over strikes. Open interest
clusters at round strikes and monthly expiries, calls above the index and puts below it, and
is scaled so that its gamma adds up to the session's row in `Market.gamma`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.market import INDEX, Market
from analysis.sessions import next_sessions
from analysis.simulate.arrays import Floats

DAILY_EXPIRIES = 10
WEEKLY_EXPIRIES = 9
EXPIRY_SESSIONS = 260
REACH = 0.22
"""Strikes lie within this part of the index on either side [fraction]."""

STRIKE_STEP = 10.0
MATURITY_DAYS = {"^VIX9D": 9.0, "^VIX": 30.0, "^VIX3M": 93.0, "^VIX6M": 184.0}
CALL_OVER, PUT_UNDER = 0.02, -0.04
"""Where open interest of calls and puts is largest, from the index [log]."""


@dataclass(frozen=True, slots=True, eq=False)
class OptionChain:
    """Contracts on the index alive after the session, shape (n_contracts,) each.

    ``iv`` is a fraction per year to the half, ``open_interest`` counts contracts of 100 after
    the clearing of the night before, ``years`` run from the close to settlement.
    """

    session: pd.Timestamp
    spot: float
    expiry: NDArray[np.datetime64]
    years: Floats
    strike: Floats
    is_call: NDArray[np.bool_]
    iv: Floats
    open_interest: Floats


def option_chain(market: Market) -> OptionChain:
    """Return the index's chain at the market's last session.

    Raises
    ------
    ValueError
        If the market has no gamma row for that session.
    """
    session = market.sessions[-1]
    spot = float(market.closes(INDEX).iloc[-1])
    naive, unsigned = _sums(market, session)
    expiries = _expiries(session)
    strikes = np.arange(
        np.ceil(spot * (1.0 - REACH) / STRIKE_STEP), np.floor(spot * (1.0 + REACH) / STRIKE_STEP)
    )
    when, at, side = (
        part.ravel()
        for part in np.meshgrid(
            np.arange(len(expiries)), strikes * STRIKE_STEP, [True, False], indexing="ij"
        )
    )
    is_call = side.astype(bool)
    years = ((expiries - np.datetime64(session, "D")).astype(float) / 365.0)[when]
    moneyness = np.log(at / spot)
    iv = _volatility(market, years, moneyness)
    wish = _interest(session, expiries, when, at, np.where(is_call, CALL_OVER, PUT_UNDER), spot)
    per_contract = gamma_usd_per_pct(spot, at, iv, years)
    total = np.where(is_call, 0.5 * (unsigned + naive), 0.5 * (unsigned - naive))
    held = np.where(
        is_call, (wish * per_contract)[is_call].sum(), (wish * per_contract)[~is_call].sum()
    )
    return OptionChain(
        session=session,
        spot=spot,
        expiry=expiries[when],
        years=years,
        strike=at,
        is_call=is_call,
        iv=iv,
        open_interest=np.round(wish * total / held),
    )


def gamma_usd_per_pct(spot: float, strike: Floats, iv: Floats, years: Floats) -> Floats:
    """Return the Black-Scholes gamma of one contract of 100 [USD per 1 %], without carry.

    Gamma is phi(d1) / (S * sigma * sqrt(T)); times 100 shares, S squared and one per cent.
    """
    width = iv * np.sqrt(years)
    d1 = np.log(spot / strike) / width + 0.5 * width
    density = np.exp(-0.5 * d1**2) / np.sqrt(2.0 * np.pi)
    gamma: Floats = density * spot / width
    return gamma


def _sums(market: Market, session: pd.Timestamp) -> tuple[float, float]:
    table = market.gamma
    if not table.empty:
        row = table[(table["date"] == session) & (table["symbol"] == "SPX")]
        if len(row):
            naive, all_short = row[["naive_usd_per_pct", "all_short_usd_per_pct"]].iloc[0]
            return float(naive), -float(all_short)
    raise ValueError(
        f"the market has no gamma of the index's options for {session.date()}; "
        "a chain is made for the last session of a simulated market"
    )


def _expiries(session: pd.Timestamp) -> NDArray[np.datetime64]:
    """Return the next daily expiries, then weekly, then monthly ones of the year ahead."""
    days = next_sessions(session, EXPIRY_SESSIONS)
    week = pd.Series(days, index=days).groupby(days.to_period("W")).last()
    third = week[(week.dt.day >= 14) & (week.dt.day <= 21)]
    kept = {*days[:DAILY_EXPIRIES], *week[:WEEKLY_EXPIRIES], *third}
    return np.array(sorted(kept), dtype="datetime64[D]")


def _volatility(market: Market, years: Floats, moneyness: Floats) -> Floats:
    """Return implied volatility: the VIX family over time, a skew and a smile over strikes."""
    level = np.array([float(market.closes(name).iloc[-1]) for name in MATURITY_DAYS]) / 100.0
    middle = np.interp(years * 365.0, list(MATURITY_DAYS.values()), 0.9 * level)
    width = np.sqrt(np.maximum(years, 5.0 / 365.0))
    steep = np.clip(-0.35 * moneyness / np.sqrt(width), -0.25, 0.9)
    wing = np.minimum(1.2 * moneyness**2 / width, 0.8)
    iv: Floats = middle * (1.0 + steep + wing)
    return iv


def _interest(
    session: pd.Timestamp,
    expiries: NDArray[np.datetime64],
    when: NDArray[np.int64],
    strike: Floats,
    favourite: Floats,
    spot: float,
) -> Floats:
    """Return open interest before scaling [contracts]: round strikes, months and noise."""
    random = np.random.default_rng(session.toordinal())
    days = pd.DatetimeIndex(expiries)
    monthly = (days.day_of_week == 4) & (days.day >= 15) & (days.day <= 21)
    ahead = np.arange(len(expiries))
    weight = (np.where(monthly, 5.0, 1.0) * np.exp(-0.03 * ahead))[when]
    spread = 0.03 + 0.01 * np.sqrt(ahead[when] + 1.0)
    near = np.exp(-0.5 * ((np.log(strike / spot) - favourite) / spread) ** 2)
    roundness = 1.0 + 1.5 * (strike % 50.0 == 0.0) + 3.0 * (strike % 100.0 == 0.0)
    noise = np.exp(0.6 * random.standard_normal(len(strike)))
    interest: Floats = 800.0 * weight * (near + 0.002) * roundness * noise
    return interest
