"""What followed days like this one: base rates with their intervals, and nothing cleverer.

A note may state a probability only with the number of past cases behind it and an
interval. Every rate is counted on what was known that evening: a past day enters once all
the closes it needs are in.

References
----------
Wilson, E. B. (1927). Probable Inference, the Law of Succession, and Statistical Inference.
Journal of the American Statistical Association 22(158).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np
import pandas as pd

from analysis.market import INDEX, Market
from analysis.sessions import next_sessions

BEGIN = pd.Timestamp("2011-05-02")
"""The desk's history begins here: every base rate counts sessions from this one on."""

LARGE_RETURN = 0.01
"""A day beyond one per cent is a large one, in either direction [fraction]."""

HALF_BACK_SESSIONS = 5

Z_95 = 1.959964
"""Two-sided 95 % point of the normal distribution."""

LEAST_CASES = 30
"""A rate from fewer past cases is not printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement the next sessions will mark right or wrong."""

    key: str
    claim: str
    probability: float
    base_rate: float
    interval: tuple[float, float]
    n: int
    horizon_sessions: int
    resolves_on: date


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a rate.

    >>> [round(bound, 3) for bound in wilson(46, 100)]
    [0.366, 0.557]
    """
    rate = hits / n
    middle = rate + Z_95**2 / (2 * n)
    spread = Z_95 * sqrt(rate * (1 - rate) / n + Z_95**2 / (4 * n * n))
    scale = 1 + Z_95**2 / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def half_back(close: pd.Series, sessions: int = HALF_BACK_SESSIONS) -> pd.Series:
    """Say of each session whether half its move was undone by a close soon after.

    Returns
    -------
    shape (n_sessions,)
        1.0 where one of the next ``sessions`` closes lay at or beyond the middle of the
        day's move, else 0.0; missing where one of those closes is not known, even if an
        earlier one has settled it, so that every case has had the same time.
    """
    middle = (close + close.shift(1)) / 2.0
    later = pd.DataFrame({step: close.shift(-step) for step in range(1, sessions + 1)})
    back = np.where(close > close.shift(1), later.min(axis="columns") <= middle, False)
    back |= np.where(close < close.shift(1), later.max(axis="columns") >= middle, False)
    complete = later.notna().all(axis="columns") & middle.notna()
    return pd.Series(back.astype(float), close.index).where(complete)


def claims(market: Market) -> tuple[Claim, ...]:
    """Return what the record says of days like the market's last one.

    Empty where the last return is not known or too few past cases are.
    """
    returns = market.day_return
    today = float(returns.iloc[-1])
    if not np.isfinite(today):
        return ()
    past = returns.index >= BEGIN
    alike = pd.Series(past, returns.index) & _alike(returns, today)
    tomorrow = returns.shift(-1)
    made = [
        _claim(market, "next_sign", _next_sign_words(today), alike, _opposite(tomorrow, today), 1),
        _claim(
            market,
            "next_abs_band",
            "The S&P 500 moves by more than 1 % in the next session",
            alike,
            (tomorrow.abs() > LARGE_RETURN).astype(float).where(tomorrow.notna()),
            1,
        ),
    ]
    if abs(today) > LARGE_RETURN:
        back = half_back(market.closes(INDEX))
        made.insert(0, _claim(market, "half_back_5", _half_back_words(today), alike, back, 5))
    return tuple(claim for claim in made if claim is not None)


def _alike(returns: pd.Series, today: float) -> pd.Series:
    """Days of the same sign beyond one per cent; inside it, all days inside it."""
    if abs(today) <= LARGE_RETURN:
        return returns.abs() <= LARGE_RETURN
    return returns > LARGE_RETURN if today > 0.0 else returns < -LARGE_RETURN


def _opposite(tomorrow: pd.Series, today: float) -> pd.Series:
    turned = tomorrow < 0.0 if today > 0.0 else tomorrow > 0.0
    return turned.astype(float).where(tomorrow.notna())


def _next_sign_words(today: float) -> str:
    way = "lower" if today > 0.0 else "higher"
    return f"The S&P 500 closes {way} in the next session"


def _half_back_words(today: float) -> str:
    what = "gain is given back" if today > 0.0 else "loss is recovered"
    return f"Half or more of the day's {what} by a close within five sessions"


def _claim(
    market: Market, key: str, words: str, alike: pd.Series, outcome: pd.Series, horizon: int
) -> Claim | None:
    cases = outcome[alike].dropna()
    if len(cases) < LEAST_CASES:
        return None
    rate = float(cases.mean())
    return Claim(
        key=key,
        claim=words,
        probability=rate,
        base_rate=rate,
        interval=wilson(int(cases.sum()), len(cases)),
        n=len(cases),
        horizon_sessions=horizon,
        resolves_on=next_sessions(market.sessions[-1], horizon)[-1].date(),
    )
