"""The same gamma by other people's means: textbook NumPy, QuantLib, vollib."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from analysis.options.kernel import Bells
from benchmarks.gamma_books import DIVIDEND, RATE, SPOT, Book, Floats


def textbook(book: Book, prices: Floats) -> Floats:
    """Sum Black-Scholes gamma as the textbook writes it, all contracts by all prices at once."""
    spot = prices[:, None]
    deviation = book.iv * np.sqrt(book.years)
    d1 = (
        np.log(spot / book.strike) + (RATE - DIVIDEND + 0.5 * book.iv**2) * book.years
    ) / deviation
    density = np.exp(-0.5 * d1**2) / np.sqrt(2.0 * np.pi)
    gamma = np.exp(-DIVIDEND * book.years) * density / (spot * deviation)
    return np.asarray((gamma * book.held).sum(axis=1) * prices**2)


def folded(bells: Bells, logs: Floats, starts: np.ndarray | None = None) -> Floats:
    """Sum with logarithm, root and division taken out, an exponential for every level."""
    u = np.empty_like(bells.centre)
    levels = []
    for level in logs:
        np.subtract(level, bells.centre, out=u)
        u *= bells.sharpness
        u *= u
        u *= -0.5
        np.exp(u, out=u)
        if starts is None:
            levels.append(bells.weight @ u)
        else:
            u *= bells.weight
            levels.append(np.add.reduceat(u, starts))
    return np.array(levels).T


def scalar_engines() -> dict[str, Callable[[float, float, float], float]]:
    """Return gamma of one contract (strike, years, iv) by each engine that is installed."""
    found: dict[str, Callable[[float, float, float], float]] = {}
    if find_spec("vollib"):
        gamma = import_module("vollib.black_scholes_merton.greeks.analytical").gamma
        found["vollib"] = lambda k, t, v: float(gamma("c", SPOT, k, t, RATE, v, DIVIDEND))
    if find_spec("QuantLib"):
        found["QuantLib BlackCalculator"] = _black_calculator
        found["QuantLib AnalyticEuropeanEngine"] = _european_engine()
    return found


def _black_calculator(strike: float, years: float, iv: float) -> float:
    import QuantLib

    forward = SPOT * math.exp((RATE - DIVIDEND) * years)
    payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call, strike)
    return float(
        QuantLib.BlackCalculator(
            payoff, forward, iv * math.sqrt(years), math.exp(-RATE * years)
        ).gamma(SPOT)
    )


def _european_engine() -> Callable[[float, float, float], float]:
    """Return a pricer on whole days, as that engine counts time."""
    import QuantLib as Ql

    today = Ql.Date(5, 1, 2024)
    Ql.Settings.instance().evaluationDate = today
    count = Ql.Actual365Fixed()
    volatility = Ql.SimpleQuote(0.2)
    process = Ql.BlackScholesMertonProcess(
        Ql.QuoteHandle(Ql.SimpleQuote(SPOT)),
        Ql.YieldTermStructureHandle(Ql.FlatForward(today, DIVIDEND, count)),
        Ql.YieldTermStructureHandle(Ql.FlatForward(today, RATE, count)),
        Ql.BlackVolTermStructureHandle(
            Ql.BlackConstantVol(today, Ql.NullCalendar(), Ql.QuoteHandle(volatility), count)
        ),
    )
    engine = Ql.AnalyticEuropeanEngine(process)

    def price(strike: float, years: float, iv: float) -> float:
        volatility.setValue(iv)
        option = Ql.VanillaOption(
            Ql.PlainVanillaPayoff(Ql.Option.Call, strike),
            Ql.EuropeanExercise(today + max(1, round(years * 365.0))),
        )
        option.setPricingEngine(engine)
        return float(option.gamma())

    return price
