"""How a European option answers to spot, volatility and time, with carry.

All functions take arrays that broadcast together: spot and strike [same unit],
years to settlement [years], iv [fraction per year to the half], rate and
dividend yield [continuously compounded, per year]. Gamma is the same for call
and put; so is vanna; delta and charm differ by what parity says.

References
----------
Black, F. and Scholes, M. (1973). The Pricing of Options and Corporate Liabilities.
Merton, R. (1973). Theory of Rational Option Pricing.
Haug, E. (2007). The Complete Guide to Option Pricing Formulas, chapter 2.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_erfc = np.frompyfunc(math.erfc, 1, 1)


class Option(NamedTuple):
    """One contract, or many at once: fields broadcast against each other."""

    spot: Floats | float
    strike: Floats | float
    years: Floats | float
    iv: Floats | float
    rate: Floats | float = 0.0
    dividend: Floats | float = 0.0


def normal_density(x: Floats) -> Floats:
    """Return the standard normal density φ(x)."""
    return np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def normal_cdf(x: Floats | float) -> Floats:
    """Return the standard normal distribution N(x), exact in both tails."""
    return np.asarray(0.5 * _erfc(np.negative(x) / math.sqrt(2.0)), dtype=np.float64)


def moneyness(option: Option) -> tuple[Floats, Floats]:
    """Return d1 and d2 of Black and Scholes [standard deviations]."""
    years = np.asarray(option.years, dtype=np.float64)
    deviation = option.iv * np.sqrt(years)
    forward_log = np.log(option.spot / np.asarray(option.strike, dtype=np.float64)) + (
        (option.rate - option.dividend) * years
    )
    d1 = forward_log / deviation + 0.5 * deviation
    return d1, d1 - deviation


def gamma(option: Option) -> Floats:
    """Return the change of delta for one unit of spot [1 / spot unit]; calls and puts alike."""
    d1, _ = moneyness(option)
    scale = option.spot * option.iv * np.sqrt(option.years)
    return _carry_discount(option) * normal_density(d1) / scale


def delta(option: Option, is_call: NDArray[np.bool_] | bool) -> Floats:
    """Return the units of spot one option is worth holding [fraction]; puts below zero."""
    d1, _ = moneyness(option)
    side = np.where(is_call, 1.0, -1.0)
    return _carry_discount(option) * side * normal_cdf(side * d1)


def vanna(option: Option) -> Floats:
    """Return the change of delta for 1.00 of volatility [1 / vol]; calls and puts alike."""
    d1, d2 = moneyness(option)
    return -_carry_discount(option) * normal_density(d1) * d2 / option.iv


def charm(option: Option, is_call: NDArray[np.bool_] | bool) -> Floats:
    """Return the change of delta as one year passes, spot unmoved [1 / year]."""
    d1, d2 = moneyness(option)
    side = np.where(is_call, 1.0, -1.0)
    deviation = option.iv * np.sqrt(option.years)
    drift = 2.0 * (option.rate - option.dividend) * option.years - d2 * deviation
    passing = normal_density(d1) * drift / (2.0 * option.years * deviation)
    held = side * option.dividend * normal_cdf(side * d1)
    return _carry_discount(option) * (held - passing)


def _carry_discount(option: Option) -> Floats:
    return np.exp(-np.asarray(option.dividend, dtype=np.float64) * option.years)
