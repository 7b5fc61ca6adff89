"""Dealers' dollar gamma at any price of the underlying, and its profile over a range of prices.

Dollar gamma per 1 %: the dollars of the underlying dealers must trade when it
moves one per cent,

    sum of sign * open interest * 100 * gamma(S) * S**2 * 0.01,

above zero when dealers are long gamma and so trade against the move. Gamma is
recomputed from each contract's volatility, which stays with its strike as the
price moves; vendors' rounded gammas are not used.

References
----------
Perfiliev, S. (2022). How to Calculate Gamma Exposure and Zero Gamma Level.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.options.chain import Chain
from analysis.options.conventions import NAIVE, dealer_sign
from analysis.options.kernel import Bells, bell_sum, bell_sums

Floats = NDArray[np.float64]

CONTRACT_SHARES = 100.0
ONE_PERCENT = 0.01
PROFILE_RANGE = (0.8, 1.2)
"""Lowest and highest price of a profile [multiples of spot]."""
PROFILE_LEVELS = 201
"""An odd number: spot itself lies near, not on, the middle level of a log-even grid."""


class Profile(NamedTuple):
    """Dollar gamma over a log-even range of prices; shape (n_levels,) each.

    Attributes
    ----------
    spot
        Prices [same unit as strikes].
    gamma_usd
        Dealers' gamma at each [USD per 1 %].
    """

    spot: Floats
    gamma_usd: Floats


def fold(chain: Chain, convention: str = NAIVE) -> Bells:
    """Fold the measurable contracts of a chain into bell curves over log spot."""
    live = chain.measurable
    sign = dealer_sign(convention, chain.is_call[live])
    years, iv, carry = chain.years[live], chain.iv[live], chain.carry[live]
    deviation = iv * np.sqrt(years)
    held = np.exp((carry - chain.rate) * years)
    return Bells(
        weight=sign * chain.open_interest[live] * held / (deviation * math.sqrt(2.0 * math.pi)),
        centre=np.log(chain.strike[live]) - (carry + 0.5 * iv * iv) * years,
        sharpness=1.0 / deviation,
    )


def gamma_usd(bells: Bells, spot: float) -> float:
    """Return dollar gamma per 1 % at one price [USD], evaluated there, never interpolated."""
    return CONTRACT_SHARES * ONE_PERCENT * spot * bell_sum(bells, math.log(spot))


def net_gamma_at(chain: Chain, spot: float, convention: str = NAIVE) -> float:
    """Return what dealers' gamma would be with the underlying at another price [USD per 1 %].

    Volatilities stay with their strikes. Prior close and close of a session give
    the two ends over which a hedge flow is averaged.
    """
    return gamma_usd(fold(chain, convention), spot)


def gamma_profile(
    bells: Bells,
    spot: float,
    bounds: tuple[float, float] = PROFILE_RANGE,
    levels: int = PROFILE_LEVELS,
) -> Profile:
    """Return dollar gamma over a log-even grid of prices around spot.

    Parameters
    ----------
    bells
        A folded chain.
    spot
        Price of the underlying.
    bounds
        Range of the grid [multiples of spot].
    levels
        Number of prices.
    """
    logs = np.linspace(math.log(spot * bounds[0]), math.log(spot * bounds[1]), levels)
    prices = np.exp(logs)
    return Profile(prices, CONTRACT_SHARES * ONE_PERCENT * prices * bell_sums(bells, logs))
