"""The option chain of the demo market's last session, as a chain file would tell it.

Volatilities follow the VIX family over time and a common smile over strikes. Open interest
clusters at round strikes and monthly expiries, calls above the index and puts below it, and
is scaled so that its gamma adds up to the session's row in `Market.gamma`. The row's flip zone,
large strikes and expiring shares are then measured from the chain, as with a real one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.market import INDEX, Market
from analysis.options.chain import Chain
from analysis.options.levels import levels
from analysis.sessions import close_utc, next_sessions
from analysis.simulate.arrays import Floats

SYMBOL = "SPX"
POINT = {"SPX": 1.0, "SPY": 0.1}
"""What a point of the index is worth in the prices of each chain."""

DAILY_EXPIRIES = 10
WEEKLY_EXPIRIES = 9
EXPIRY_SESSIONS = 260
REACH = 0.22
"""Strikes lie within this part of the index on either side [fraction]."""

STRIKE_STEP = 10.0
MATURITY_DAYS = {"^VIX9D": 9.0, "^VIX": 30.0, "^VIX3M": 93.0, "^VIX6M": 184.0}
CALL_OVER, PUT_UNDER = 0.02, -0.04
"""Where open interest of calls and puts is largest, from the index [log]."""


def option_chain(market: Market) -> Chain:
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
    when, at, is_call = _contracts(len(expiries), spot)
    years = ((expiries - np.datetime64(session, "D")).astype(float) / 365.0)[when]
    moneyness = np.log(at / spot)
    iv = _volatility(market, years, moneyness)
    wish = _interest(session, expiries, when, at, np.where(is_call, CALL_OVER, PUT_UNDER), spot)
    per_contract = gamma_usd_per_pct(spot, at, iv, years)
    total = np.where(is_call, 0.5 * (unsigned + naive), 0.5 * (unsigned - naive))
    wished = wish * per_contract
    held = np.where(is_call, wished[is_call].sum(), wished[~is_call].sum())
    return _chain(
        session,
        spot,
        expiry=expiries[when],
        years=years,
        strike=at,
        is_call=is_call,
        iv=iv,
        open_interest=np.round(wish * total / held),
        gamma=np.round(per_contract / spot**2, 4),
    )


def summed_up(market: Market) -> Market:
    """Return the market with its last session's levels measured from that session's chain.

    Drawn levels would contradict the picture of the chain. Sums of gamma stay as they are: the
    chain was made to add up to them.
    """
    measured = levels(option_chain(market))
    table = market.gamma.copy()
    for symbol, point in POINT.items():
        mine = (table["date"] == market.sessions[-1]) & (table["symbol"] == symbol)
        for name, value in measured.items():
            known = float("nan") if value is None else value
            is_share = name.startswith("expiring")
            table.loc[mine, name] = round(known, 4) if is_share else round(known * point, 2)
    return replace(market, gamma=table)


def _contracts(expiries: int, spot: float) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Return place of expiry, strike and right of every contract."""
    lowest, highest = (np.round(spot * side / STRIKE_STEP) for side in (1.0 - REACH, 1.0 + REACH))
    strikes = STRIKE_STEP * np.arange(lowest, highest + 1.0)
    when, at, right = np.meshgrid(np.arange(expiries), strikes, [1, 0], indexing="ij")
    return when.ravel(), at.ravel(), right.ravel() == 1


def _chain(session: pd.Timestamp, spot: float, **columns: NDArray[Any]) -> Chain:
    """Fill in what a simulated chain has no news of: quotes, carry and rates."""
    count = len(columns["strike"])
    unknown, zero = np.full(count, np.nan), np.zeros(count)
    return Chain(
        symbol=SYMBOL,
        spot=spot,
        session=session.date(),
        as_of=close_utc(session).strftime("%Y-%m-%dT%H:%M:%SZ"),
        source="simulated",
        bid=unknown,
        ask=unknown,
        root=np.full(count, "SPXW"),
        underlying=np.full(count, SYMBOL),
        carry=zero,
        rate=0.0,
        left_out={},
        oi_covered=1.0,
        notes=("This chain is simulated: no figure in it is real.",),
        expiries_share=1.0,
        **columns,
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
        row = table[(table["date"] == session) & (table["symbol"] == SYMBOL)]
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
    weight = (np.where(monthly, 4.0, 1.0) * np.exp(-0.15 * ahead))[when]
    spread = 0.025 + 0.005 * np.sqrt(ahead[when] + 1.0)
    near = np.exp(-0.5 * ((np.log(strike / spot) - favourite) / spread) ** 2)
    roundness = 1.0 + 1.5 * (strike % 50.0 == 0.0) + 3.0 * (strike % 100.0 == 0.0)
    noise = np.exp(0.6 * random.standard_normal(len(strike)))
    interest: Floats = 800.0 * weight * (near + 0.002) * roundness * noise
    return interest
