"""The whole demo market: one seed in, one market and its planted flows out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.sessions import sessions_between
from analysis.simulate import book, desks, funds, members, panels, systematic
from analysis.simulate.arrays import Floats
from analysis.simulate.plants import SLUGS, Plant
from analysis.simulate.world import World, grow

LAST_SESSION = pd.Timestamp("2026-06-30")
"""The demo market ends here, whatever the clock says."""

SESSIONS = 1008
"""Four years."""


@dataclass(frozen=True)
class Simulation:
    """A market and what is hidden in it.

    ``planted`` holds what each driver's traders really bought (above zero) or sold [USD], one
    row a session, one column a slug. ``gamma_usd_per_pct`` is the dealers' book at each close.
    """

    market: Market
    planted: pd.DataFrame
    gamma_usd_per_pct: pd.Series


def simulate(
    seed: int,
    *,
    sessions: int = SESSIONS,
    plants: tuple[Plant, ...] = (),
    last: pd.Timestamp = LAST_SESSION,
) -> Simulation:
    """Return the market of that seed, with ``plants`` set into it.

    Parameters
    ----------
    seed
        The same seed and plants give the same bytes.
    sessions
        How many sessions of the exchange, ``last`` included.
    plants
        Flows to make large, each on one session.
    last
        The last session.

    Raises
    ------
    ValueError
        If a plant names no driver or no session of the simulation.
    """
    first = last - pd.Timedelta(days=sessions * 3 // 2 + 15)
    world = grow(seed, sessions_between(first, last)[-sessions:], plants)
    listed = members.trade(seed, world.commons, world.desks, world.level)
    plain = panels.underlying_bars(world, listed)
    leveraged = funds.leveraged(seed, panels.fund_returns(plain), world.desks)
    return Simulation(
        market=panels.lay_out(world, listed, plain, leveraged),
        planted=_planted(world, leveraged.rebalancing_usd),
        gamma_usd_per_pct=pd.Series(world.gamma, index=world.sessions),
    )


def _planted(world: World, rebalancing_usd: Floats) -> pd.DataFrame:
    path = world.path.log_return
    flows = {
        "leveraged_etf": rebalancing_usd,
        "dealer_gamma": book.hedging_usd(world.gamma, np.expm1(path)),
        "vol_control": systematic.vol_control_usd(world.seed, path),
        "trend_following": systematic.trend_usd(world.seed, path),
        **{slug: world.desks.usd(slug) for slug in desks.USUAL_USD},
    }
    return pd.DataFrame(flows, index=world.sessions)[list(SLUGS)]
