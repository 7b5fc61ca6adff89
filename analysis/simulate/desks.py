"""Decisions that no rule forces: shorts covered, hedges closed, shares bought to hold.

Each desk's daily flow is partly the market's mood and mostly its own business, with fat
tails and more of it on days that move. Shorts and hedges that were closed are slowly put on
again, and that counts as flow too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.simulate.arrays import Floats, fat_tailed, reverting, stream
from analysis.simulate.plants import Levers

SHORT_USD = 40e9
"""Usual value of the heavily shorted names' short interest, made up [USD]."""

USUAL_USD = {"short_covering": 0.8e9, "hedge_unwinding": 1.2e9, "real_money": 4.0e9}
"""The usual size of each desk's flow on one day [USD]."""

MOOD = {"short_covering": 0.35, "hedge_unwinding": 0.45, "real_money": 0.55}
"""How far each desk's flow shares the sign and size of the day's news [correlation]."""

COVERED_PER_UNIT = 0.02
"""Part of the short positions that a usual day of covering closes [fraction]."""

RETURN_TO_BOOK = {"short_covering": 0.04, "hedge_unwinding": 0.05, "real_money": 0.0}
"""The part of a closed position that is put on again each day [fraction]."""


@dataclass(frozen=True, slots=True)
class Desks:
    """Flows of the desks' own decisions by session, in their usual sizes; above zero buys.

    ``short_usd`` is what the heavily shorted names' short positions are worth [USD]: the
    dollars of a day's covering are a share of them.
    """

    short_covering: Floats
    hedge_unwinding: Floats
    real_money: Floats
    short_usd: Floats

    def usd(self, slug: str) -> Floats:
        """Return one desk's flow [USD]."""
        flow: Floats = getattr(self, slug)
        size = self.short_usd / SHORT_USD if slug == "short_covering" else 1.0
        return USUAL_USD[slug] * flow * size

    @property
    def net_usd(self) -> Floats:
        """What the three desks bought together [USD]."""
        return self.usd("short_covering") + self.usd("hedge_unwinding") + self.usd("real_money")


def decide(seed: int, news: Floats, levers: Levers) -> Desks:
    """Return what the desks did, given the day's ``news`` in standard deviations."""
    flows = {slug: _desk(seed, slug, news, levers) for slug in USUAL_USD}
    wander = reverting(0.02 * stream(seed, "shorts").standard_normal(len(news)), 0.99)
    closed = COVERED_PER_UNIT * np.cumsum(flows["short_covering"])
    return Desks(short_usd=SHORT_USD * np.exp(wander - closed), **flows)


def _desk(seed: int, slug: str, news: Floats, levers: Levers) -> Floats:
    own = fat_tailed(stream(seed, slug), len(news))
    mood = MOOD[slug]
    stir = np.sqrt(0.5 * (1.0 + np.minimum(news**2, 9.0)))
    wish = levers.calm * (mood * news + np.sqrt(1.0 - mood**2) * stir * own)
    wish = wish + getattr(levers, slug)
    closed, flows = 0.0, []
    for flow in wish.tolist():
        done = flow - RETURN_TO_BOOK[slug] * closed
        closed += done
        flows.append(done)
    return np.array(flows)
