"""The moves that many prices share on one day, beside the index's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.simulate.arrays import Floats, stream
from analysis.simulate.desks import Desks
from analysis.simulate.path import MEAN_SIGMA, Path
from analysis.simulate.plants import Levers

TECH_SIGMA = 0.0042
SMALL_SIGMA = 0.0055
RATES_SIGMA = 0.0042
BROAD_NOISE = 0.0012
BROAD_PER_UNIT = 0.0020
"""How far a usual day of patient buying lifts the average name over the giants [fraction]."""


@dataclass(frozen=True, slots=True)
class Commons:
    """Common moves by session [fraction], shape (n_sessions,) each."""

    index: Floats
    tech: Floats
    small: Floats
    broad: Floats
    rates: Floats
    sigma: Floats

    @property
    def heat(self) -> Floats:
        """How stormy each session is, one in the middle of the years [x]."""
        return np.sqrt(self.sigma / MEAN_SIGMA)


def share_out(seed: int, path: Path, desks: Desks, levers: Levers) -> Commons:
    """Return the common moves of technology, small companies, bonds and the average name."""
    heat = np.sqrt(path.sigma / MEAN_SIGMA)
    drawn = stream(seed, "commons").standard_normal((4, len(heat)))
    return Commons(
        index=path.log_return,
        tech=TECH_SIGMA * heat * (levers.calm * drawn[0] + levers.tech),
        small=SMALL_SIGMA * heat * drawn[1],
        broad=BROAD_PER_UNIT * desks.real_money + BROAD_NOISE * heat * drawn[2],
        rates=RATES_SIGMA * drawn[3],
        sigma=path.sigma,
    )
