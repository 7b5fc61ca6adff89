"""Is a forecast better than the base rate, and would luck alone have looked as good?

The Brier score is the mean squared distance of a probability from what happened, and skill
is the part of the base rate's score that a forecast saves:

    skill = 1 - Brier(forecast) / Brier(base rate)

Forecasts of neighbouring days err together, so the bounds come from a bootstrap of whole
blocks. Whoever tries m variants and keeps the best must ask m times as much of it: the
counted bound shares the tail among the variants (Bonferroni).

References
----------
Brier, G. W. (1950). Verification of Forecasts Expressed in Terms of Probability. Monthly
Weather Review 78(1).
White, H. (2000). A Reality Check for Data Snooping. Econometrica 68(5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.intervals import block_means

LEVEL = 0.90
"""Two-sided level of the bounds: a twentieth lies below the lower one."""

LEAST_EVENTS = 300
"""Forecasts out of sample that a judgement needs."""

DRAWS = 5000
"""Enough that the bound shared among fifty variants still rests on five draws."""

CLIP = 1e-6
"""A logarithmic loss is taken of probabilities this far from certainty [0 to 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """A forecast held against a reference over the events both spoke of.

    ``low`` and ``high`` bound the skill at 90 %; ``low_counted`` is the lower bound after
    counting the variants tried. With fewer than two events everything but ``n`` is missing.
    """

    n: int
    brier: float
    reference_brier: float
    skill: float
    low: float
    high: float
    low_counted: float

    @property
    def passes(self) -> bool:
        """Whether the forecast may replace its reference."""
        return self.n >= LEAST_EVENTS and self.low_counted > 0.0


def brier_skill(
    forecast: pd.Series, reference: pd.Series, outcome: pd.Series, *, variants: int = 1
) -> Skill:
    """Judge a forecast by its Brier skill over a reference.

    Parameters
    ----------
    forecast, reference : shape (n_sessions,)
        Probabilities [0 to 1] in order of time.
    outcome : shape (n_sessions,)
        1.0 or 0.0; rows on which any of the three is missing are no events.
    variants
        Forecasts of this kind that were tried, this one included.
    """
    table = pd.DataFrame({"f": forecast, "r": reference, "o": outcome}).dropna()
    if len(table) < 2:
        none = float("nan")
        return Skill(
            n=len(table),
            brier=none,
            reference_brier=none,
            skill=none,
            low=none,
            high=none,
            low_counted=none,
        )
    losses = np.square(table[["f", "r"]].to_numpy(float) - table[["o"]].to_numpy(float))
    drawn = block_means(losses, draws=DRAWS)
    skills = 1.0 - drawn[:, 0] / np.where(drawn[:, 1] > 0.0, drawn[:, 1], np.nan)
    tail = (1.0 - LEVEL) / 2.0
    low, high, counted = np.nanquantile(skills, (tail, 1.0 - tail, tail / variants))
    own, other = losses.mean(axis=0)
    return Skill(
        n=len(table),
        brier=float(own),
        reference_brier=float(other),
        skill=float(1.0 - own / other) if other > 0.0 else 0.0,
        low=float(low),
        high=float(high),
        low_counted=float(counted),
    )


def log_losses(
    probability: NDArray[np.float64], outcome: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the logarithmic loss of each forecast [nats]; certainty in error costs about 14."""
    sure = np.clip(probability, CLIP, 1.0 - CLIP)
    return np.asarray(-np.log(np.where(outcome > 0.5, sure, 1.0 - sure)), dtype=np.float64)
