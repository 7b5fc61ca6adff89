"""Decisions that no rule forces: shorts covered, hedges closed, shares bought to hold.

Each desk's daily flow is partly the market's mood and mostly its own business, with fat
tails. Shorts and hedges that were closed are slowly put on again, and that counts as flow too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.simulate.arrays import Floats, fat_tailed, stream
from analysis.simulate.plants import Levers

USUAL_USD = {"short_covering": 0.8e9, "hedge_unwinding": 1.2e9, "real_money": 4.0e9}
"""The usual size of each desk's flow on one day [USD]."""

MOOD = {"short_covering": 0.35, "hedge_unwinding": 0.45, "real_money": 0.55}
"""How far each desk's flow shares the sign and size of the day's news [correlation]."""

RETURN_TO_BOOK = {"short_covering": 0.04, "hedge_unwinding": 0.05, "real_money": 0.0}
"""The part of a closed position that is put on again each day [fraction]."""


@dataclass(frozen=True, slots=True)
class Desks:
    """Flows of the desks' own decisions by session, in their usual sizes; above zero buys."""

    short_covering: Floats
    hedge_unwinding: Floats
    real_money: Floats

    def usd(self, slug: str) -> Floats:
        """Return one desk's flow [USD]."""
        flow: Floats = getattr(self, slug)
        return USUAL_USD[slug] * flow

    @property
    def net_usd(self) -> Floats:
        """What the three desks bought together [USD]."""
        return self.usd("short_covering") + self.usd("hedge_unwinding") + self.usd("real_money")


def decide(seed: int, news: Floats, levers: Levers) -> Desks:
    """Return what the desks did, given the day's ``news`` in standard deviations."""
    return Desks(*(_desk(seed, slug, news, levers) for slug in USUAL_USD))


def _desk(seed: int, slug: str, news: Floats, levers: Levers) -> Floats:
    own = fat_tailed(stream(seed, slug), len(news))
    mood = MOOD[slug]
    wish = levers.calm * (mood * news + np.sqrt(1.0 - mood**2) * own)
    wish = wish + getattr(levers, slug)
    closed, flows = 0.0, []
    for flow in wish.tolist():
        done = flow - RETURN_TO_BOOK[slug] * closed
        closed += done
        flows.append(done)
    return np.array(flows)
