"""The dealers' option book: long gamma in calm markets, short of it when fear is bought.

What dealers really hold is planted; what a chain shows of it is its own table. Open interest
tells nobody who holds what, so the published (naive) sum is near the truth and not equal to it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.simulate.arrays import Floats, lagged, reverting, stream
from analysis.simulate.plants import Levers

USUAL_USD_PER_PCT = 5.0e9
FEAR_USD_PER_PCT = 6.5e9
"""Gamma lost for each e-fold of the VIX [USD per 1 %]."""

UNSIGNED_USD_PER_PCT = 16.0e9
"""Usual gamma of all contracts with no regard to who holds them [USD per 1 %]."""

CHAINS = {"SPX": 0.85, "SPY": 0.15}
"""How the book divides between the index's options and its fund's [fraction]."""

PUBLISHED_ERROR = 0.8e9
"""How far the published sum wanders from what dealers hold [USD per 1 %]."""


def gamma_usd_per_pct(seed: int, vix: Floats, levers: Levers) -> Floats:
    """Return the dealers' gamma at each close [USD per 1 % of the index], shape (n_sessions,)."""
    mood = reverting(0.19 * stream(seed, "book").standard_normal(len(vix)), 0.94)
    calm: Floats = USUAL_USD_PER_PCT * (1.0 + mood) - FEAR_USD_PER_PCT * np.log(vix / 17.5)
    return calm + levers.book


def hedging_usd(gamma: Floats, day_return: Floats) -> Floats:
    """Return what hedging the book took [USD]: gamma held at the open and the close, averaged."""
    return -0.5 * (lagged(gamma) + gamma) * day_return * 100.0


def chain_summaries(
    seed: int, sessions: pd.DatetimeIndex, gamma: Floats, close: Floats
) -> pd.DataFrame:
    """Return what the chains of each session would sum up to, in the form of `Market.gamma`."""
    random = stream(seed, "chains")
    error = PUBLISHED_ERROR * reverting(0.3 * random.standard_normal(len(gamma)), 0.95)
    naive = gamma * np.exp(0.08 * random.standard_normal(len(gamma))) + error
    swell = np.exp(reverting(0.05 * random.standard_normal(len(gamma)), 0.9))
    unsigned = np.maximum(UNSIGNED_USD_PER_PCT * swell, 1.4 * np.abs(naive))
    conventions = {
        "naive": naive,
        "short_calls": -0.5 * (unsigned + naive),
        "all_short": -unsigned,
    }
    levels = _levels(random, sessions, naive, close)
    return pd.concat(
        [_summary(symbol, sessions, conventions, levels) for symbol in CHAINS], ignore_index=True
    )


def _summary(
    symbol: str,
    sessions: pd.DatetimeIndex,
    conventions: dict[str, Floats],
    levels: dict[str, Floats],
) -> pd.DataFrame:
    part = CHAINS[symbol]
    scale = 1.0 if symbol == "SPX" else 0.1
    sums = {name: np.round(part * values) for name, values in conventions.items()}
    at_close = {f"{name}_usd_per_pct": usd for name, usd in sums.items()}
    at_open = {f"{name}_open_usd_per_pct": lagged(usd) for name, usd in sums.items()}
    told = {
        name: np.round(values * scale, 2) if name in PRICES else np.round(values, 4)
        for name, values in levels.items()
    }
    return pd.DataFrame(
        {"date": sessions, "known": sessions, "symbol": symbol, **at_close, **at_open, **told}
    )


PRICES = ("spot", "flip_low", "flip_mid", "flip_high", "call_strike", "put_strike")


def _levels(
    random: np.random.Generator, sessions: pd.DatetimeIndex, naive: Floats, close: Floats
) -> dict[str, Floats]:
    """Return the flip zone, the large strikes and the share that expires soon."""
    drawn = random.standard_normal((4, len(close)))
    middle = close * (1.0 - 0.004 * naive / 1e9 + 0.003 * drawn[0])
    half = close * 0.003 * np.exp(0.3 * drawn[1])
    week_ends = np.asarray(sessions.day_of_week == 3, dtype=float)
    third = np.asarray((sessions.day >= 12) & (sessions.day <= 18), dtype=float)
    one_day = 0.05 + 0.04 * week_ends + 0.10 * week_ends * third
    return {
        "expiring_le_1d": one_day * np.exp(0.15 * drawn[2]),
        "expiring_le_5d": (one_day + 0.14 + 0.08 * third) * np.exp(0.1 * drawn[3]),
        "spot": close,
        "flip_low": middle - half,
        "flip_mid": middle,
        "flip_high": middle + half,
        "call_strike": np.ceil(close * 1.004 / 25.0) * 25.0,
        "put_strike": np.floor(close * 0.992 / 25.0) * 25.0,
        "oi_covered": np.full(len(close), 0.97),
    }
