"""The VIX family: it answers the index, and hedges that are closed or opened.

A fall of 1 % lifts the VIX by about 5 % of itself; longer maturities answer less; all return
to what volatility has been. Hedges closed on top of that press the VIX below what the day's
return asks for.
"""

from __future__ import annotations

import numpy as np

from analysis.simulate.arrays import Floats, compounded, reverting, stream
from analysis.simulate.desks import Desks
from analysis.simulate.path import Path

SPOT_SLOPE = -4.2
"""Log change of the VIX per unit of log return (about -5 in the data since 1990)."""

UNWIND_SLOPE = -0.035
"""Log change of the VIX per usual day of hedges closed."""

QUOTE_NOISE = 0.016

MATURITIES = {
    "^VIX9D": (16.5, 1.25, 0.12),
    "^VIX": (17.5, 1.0, 0.06),
    "^VIX3M": (20.0, 0.60, 0.035),
    "^VIX6M": (21.5, 0.42, 0.025),
}
"""Usual level [points], answer to a shock [x of the VIX's], daily return to the level."""

FLOOR = 9.0
FIRST_FUND_PRICE = 60.0


def shocks(seed: int, path: Path, desks: Desks) -> Floats:
    """Return each session's log shock to the VIX, shape (n_sessions,)."""
    noise = stream(seed, "vix").standard_normal(len(path.sigma))
    return SPOT_SLOPE * path.log_return + UNWIND_SLOPE * desks.hedge_unwinding + QUOTE_NOISE * noise


def family(seed: int, path: Path, shock: Floats) -> dict[str, Floats]:
    """Return closes of the volatility indices [points], shape (n_sessions,) each."""
    random = stream(seed, "vix family")
    expected = np.log(100.0 * path.sigma * np.sqrt(252.0) + 4.5)
    calm = np.log(MATURITIES["^VIX"][0])
    indices = {}
    for symbol, (level, answer, pull) in MATURITIES.items():
        wish = np.log(level) - calm + answer * (expected - calm)
        noise = 0.0 if symbol == "^VIX" else 0.006 * random.standard_normal(len(shock))
        away = reverting(pull * wish + answer * shock, 1.0 - pull)
        indices[symbol] = np.maximum(FLOOR, np.exp(calm + away + noise))
    wing = reverting(0.02 * random.standard_normal(len(shock)), 0.93)
    tail = reverting(0.012 * random.standard_normal(len(shock)), 0.95)
    indices["^VVIX"] = 92.0 * np.exp(0.55 * reverting(shock, 0.92) + wing)
    indices["^SKEW"] = 138.0 * np.exp(tail)
    return indices


def futures_return(seed: int, shock: Floats) -> Floats:
    """Return the daily return of a one-month position in VIX futures [fraction]."""
    noise = stream(seed, "vix futures").standard_normal(len(shock))
    return np.clip(np.expm1(0.45 * shock - 0.0015 + 0.006 * noise), -0.3, 0.45)


def fund_prices(futures: Floats, leverage: Floats) -> Floats:
    """Return prices of funds on VIX futures [USD], shape (n_sessions, n_funds)."""
    return compounded(FIRST_FUND_PRICE, np.log1p(leverage * futures[:, None]))
