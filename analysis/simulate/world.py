"""The causes of the demo market, in their order.

News moves the index, desks decide to trade and move it a little more, rules follow, holders
of funds react; prices, volumes and tables then show all of it with noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.simulate import book, commons, desks, path, prices, volatility
from analysis.simulate.arrays import Floats
from analysis.simulate.plants import Plant, levers


@dataclass(frozen=True, slots=True)
class World:
    """What all parts of one simulation look at."""

    seed: int
    sessions: pd.DatetimeIndex
    path: path.Path
    desks: desks.Desks
    commons: commons.Commons
    vix: dict[str, Floats]
    vix_shock: Floats
    gamma: Floats
    level: Floats


def grow(seed: int, sessions: pd.DatetimeIndex, plants: tuple[Plant, ...]) -> World:
    """Return the world of a seed with ``plants`` set into it."""
    pulled = levers(plants, len(sessions))
    surprise = path.news(seed, len(sessions))
    decided = desks.decide(seed, surprise, pulled)
    walked = path.walk(surprise, decided.net_usd, pulled)
    shared = commons.share_out(seed, walked, decided, pulled)
    shock = volatility.shocks(seed, walked, decided)
    vix = volatility.family(seed, walked, shock)
    return World(
        seed=seed,
        sessions=sessions,
        path=walked,
        desks=decided,
        commons=shared,
        vix=vix,
        vix_shock=shock,
        gamma=book.gamma_usd_per_pct(seed, vix["^VIX"], pulled),
        level=prices.trading(seed, sessions, shared, decided),
    )
