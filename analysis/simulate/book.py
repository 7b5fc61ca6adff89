"""The dealers' option book: long gamma in calm markets, short of it when fear is bought."""

from __future__ import annotations

import numpy as np

from analysis.simulate.arrays import Floats, lagged, reverting, stream
from analysis.simulate.plants import Levers

USUAL_USD_PER_PCT = 5.0e9
FEAR_USD_PER_PCT = 6.5e9
"""Gamma lost when the VIX doubles, in e-folds of the VIX [USD per 1 %]."""


def gamma_usd_per_pct(seed: int, vix: Floats, levers: Levers) -> Floats:
    """Return the dealers' gamma at each close [USD per 1 % of the index], shape (n_sessions,)."""
    mood = reverting(0.19 * stream(seed, "book").standard_normal(len(vix)), 0.94)
    return USUAL_USD_PER_PCT * (1.0 + mood) - FEAR_USD_PER_PCT * np.log(vix / 17.5) + levers.book


def hedging_usd(gamma: Floats, day_return: Floats) -> Floats:
    """Return what hedging the book took [USD]: gamma held at the open and the close, averaged."""
    return -0.5 * (lagged(gamma) + gamma) * day_return * 100.0
