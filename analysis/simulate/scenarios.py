"""Days worth having at hand: a rally, a sell-off, forces that meet, a quiet day, poor data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.market import Market, SourceNote
from analysis.simulate.chain import summed_up
from analysis.simulate.plants import Plant
from analysis.simulate.simulation import SESSIONS, Simulation, simulate

DEMO_SEED = 29

RALLY = (
    Plant("short_covering", size=5.0),
    Plant("leveraged_etf", size=2.5),
    Plant("dealer_gamma", size=3.0, move=2.6),
)
"""Shorts cover, technology leads, dealers are short of gamma: the index rises 2.6 deviations."""

SELL_OFF = (
    Plant("hedge_unwinding", size=-7.0),
    Plant("leveraged_etf", size=-2.5),
    Plant("real_money", size=1.0),
    Plant("dealer_gamma", size=-3.0, move=-3.0),
)
"""Hedges are bought, technology leads down, dealers are short of gamma, patient money waits."""

MIXED = (
    Plant("short_covering", size=3.0),
    Plant("hedge_unwinding", size=-2.5),
    Plant("real_money", size=0.5, move=0.9),
)
"""Shorts buy back while others buy hedges, and some patient money goes along."""

CONVICTION = (Plant("real_money", size=5.0, move=1.6),)
"""Patient buyers lift the whole list; nobody has to do much."""

LIQUIDATION = (Plant("real_money", size=-5.0, move=-1.6),)
"""Patient holders sell the whole list; nobody has to do much."""

QUIET = (Plant("real_money", size=0.0, move=0.1),)
"""No news, and no desk with anything to do."""

OPTIONAL = (
    *("volume", "relative_volume", "member_close", "member_volume", "breadth"),
    *("fund_assets_usd", "fund_assets_quality", "fund_shares", "fund_flows_usd"),
    *("short_interest", "dix", "cot", "put_call", "gamma"),
    *("leveraged_sensitivity", "most_shorted"),
)
"""The panels and tables that a poor day lacks."""


def demo() -> Simulation:
    """Return the demo market: four years that end in a rally with much forced buying.

    Its last session has an option chain, and that session's levels are measured from it.
    """
    drawn = simulate(DEMO_SEED, plants=RALLY)
    return replace(drawn, market=summed_up(drawn.market))


def rally(seed: int = 1, sessions: int = SESSIONS) -> Simulation:
    """Return a market that ends in a rally made mostly of forced buying."""
    return simulate(seed, sessions=sessions, plants=RALLY)


def sell_off(seed: int = 1, sessions: int = SESSIONS) -> Simulation:
    """Return a market that ends in a fall with much forced selling."""
    return simulate(seed, sessions=sessions, plants=SELL_OFF)


def mixed(seed: int = 1, sessions: int = SESSIONS) -> Simulation:
    """Return a market that ends on a day when large flows met and cancelled."""
    return simulate(seed, sessions=sessions, plants=MIXED)


def conviction(seed: int = 1, sessions: int = SESSIONS) -> Simulation:
    """Return a market that ends in a broad rise on patient buying."""
    return simulate(seed, sessions=sessions, plants=CONVICTION)


def liquidation(seed: int = 1, sessions: int = SESSIONS) -> Simulation:
    """Return a market that ends in a broad fall on patient selling."""
    return simulate(seed, sessions=sessions, plants=LIQUIDATION)


def quiet(seed: int = 1, sessions: int = SESSIONS) -> Simulation:
    """Return a market that ends on a day when nothing much happened."""
    return simulate(seed, sessions=sessions, plants=QUIET)


def poor_data(seed: int = 1, sessions: int = SESSIONS) -> Simulation:
    """Return the rally with nothing to see it by but the prices of indices and funds."""
    full = rally(seed, sessions)
    return replace(full, market=without(full.market, *OPTIONAL))


def without(market: Market, *names: str) -> Market:
    """Return the market with those panels and tables missing, and a note that says so."""
    gone = SourceNote(
        name="demo tables",
        as_of=None,
        stale_days=1,
        problem=f"left out of this market: {', '.join(names)}",
    )
    empty: dict[str, Any] = {name: pd.DataFrame() for name in names}
    return replace(market, notes=(*market.notes, gone), **empty)


def mirrored(market: Market) -> Market:
    """Return the market with every price's last log return negated.

    A close that rose by a factor fell by it instead, the high becomes the low, and nothing
    before the last session changes. Volumes stay: they have no sign.
    """
    before = market.close.iloc[-2]
    swapped = {"open": "open", "high": "low", "low": "high", "close": "close"}
    flipped: dict[str, Any] = {
        name: _last_row(getattr(market, name), before**2 / getattr(market, other).iloc[-1])
        for name, other in swapped.items()
    }
    members = market.member_close
    if not members.empty:
        flipped["member_close"] = _last_row(members, members.iloc[-2] ** 2 / members.iloc[-1])
    if not market.breadth.empty:
        last = market.breadth.iloc[-1]
        turned = last.rename({"advancers": "decliners", "decliners": "advancers"})
        flipped["breadth"] = _last_row(market.breadth, turned)
    return replace(market, **flipped)


def _last_row(panel: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    turned = panel.copy()
    turned.iloc[-1] = row.reindex(panel.columns)
    return turned
