"""Solve the volatility a quoted price implies.

Only the price above intrinsic value knows about volatility, so each option is
first turned into the one out of the money at the same strike; a safeguarded
Newton search then finds the volatility, all contracts at once.

References
----------
Black, F. (1976). The Pricing of Commodity Contracts.
Manaster, S. and Koehler, G. (1982). The Calculation of Implied Variances.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.options.greeks import normal_cdf, normal_density

Floats = NDArray[np.float64]

DEVIATION_BOUNDS = (1e-4, 8.0)
"""Total standard deviation searched, iv times root of time."""

ROUNDS = 60


class Quote(NamedTuple):
    """Undiscounted view of a quote; fields have shape (n,)."""

    forward: Floats
    strike: Floats
    years: Floats
    discount: Floats
    bid: Floats
    ask: Floats
    is_call: NDArray[np.bool_]


def black_price(forward: Floats, strike: Floats, deviation: Floats) -> Floats:
    """Price the out-of-the-money option on a forward, undiscounted."""
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    side = np.where(strike >= forward, 1.0, -1.0)
    near, far = normal_cdf(side * d1), normal_cdf(side * (d1 - deviation))
    return side * (forward * near - strike * far)


def implied_volatility(quote: Quote) -> Floats:
    """Return the volatility behind each mid price; NaN where bid and ask do not allow one.

    A quote allows one when it has two sides, bid at most ask, and its bid is worth
    more than exercising the option on the forward: else the mid is all spread.
    """
    intrinsic = np.where(
        quote.is_call, quote.forward - quote.strike, quote.strike - quote.forward
    ).clip(min=0.0)
    two_sided = (quote.bid > 0.0) & (quote.ask >= quote.bid)
    with np.errstate(invalid="ignore"):
        floor = quote.bid / quote.discount - intrinsic
        value = 0.5 * (quote.bid + quote.ask) / quote.discount - intrinsic
        ceiling = np.minimum(quote.forward, quote.strike)
        solvable = np.flatnonzero(two_sided & (floor > 0.0) & (value < ceiling))
    volatility = np.full(len(quote.strike), np.nan)
    if solvable.size:
        deviation = _solve(quote.forward[solvable], quote.strike[solvable], value[solvable])
        volatility[solvable] = deviation / np.sqrt(quote.years[solvable])
    return volatility


def _solve(forward: Floats, strike: Floats, value: Floats) -> Floats:
    low = np.full(len(value), DEVIATION_BOUNDS[0])
    high = np.full(len(value), DEVIATION_BOUNDS[1])
    # The price bends from hollow to bulging at this deviation: Newton from there converges.
    guess = np.sqrt(2.0 * np.abs(np.log(forward / strike))).clip(0.05, 4.0)
    for _ in range(ROUNDS):
        error = black_price(forward, strike, guess) - value
        high = np.where(error > 0.0, np.minimum(high, guess), high)
        low = np.where(error > 0.0, low, np.maximum(low, guess))
        d1 = np.log(forward / strike) / guess + 0.5 * guess
        slope = forward * normal_density(d1)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = guess - error / slope
        inside = np.isfinite(step) & (step > low) & (step < high)
        moved = np.where(inside, step, 0.5 * (low + high))
        if np.max(np.abs(moved - guess)) < 1e-13:
            break
        guess = moved
    stuck = (guess <= 2.0 * DEVIATION_BOUNDS[0]) | (guess >= 0.99 * DEVIATION_BOUNDS[1])
    return np.where(stuck, np.nan, guess)
