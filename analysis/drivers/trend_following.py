"""Trend followers hold what has risen, sell what has fallen, and trade as their signal turns.

The signal is the mean of four trends, each a log return over h sessions in units of its own
usual size, squeezed into (-1, 1):

    s   = mean over h in {21, 63, 126, 252} of tanh( ln(P / P_-h) / (sigma * sqrt(h)) )
    pos = clip( s * 10 % / (sigma * sqrt(252)), -1.5, 1.5 )
    trade = 100 bn USD * (pos_t - pos_{t-1})          [USD, above zero = buying]

with sigma the daily volatility of the last 63 sessions up to t (root mean square of log
returns) and 50 to 200 bn USD for a whole unit of position as the range. A calm uptrend is held
large, a wild one small. In a market turned upside down (P to 1/P) signal, position and trade
are exactly the opposite.

**Trigger levels**, all for the next close: a horizon's trend changes sign where the index
stands on its close of h - 1 sessions ago, exactly; the whole signal changes sign at the level
that solves s = 0 with the next close's own return already in sigma. That level lies between the
lowest and the highest of the four closes, where all trends agree, and is found by bisection.

**Whose day is it?** As with volatility control, the flow of session t is the change that its
close calls for, known that evening; it is traded into the close and over the next days.

**Missing data.** All four trends are needed, else the signal is missing, as it is on a session
without a close and in the first year. An old close that is missing is replaced by the last one
within the five sessions before it; sigma needs 85 % of its window.

Pitfalls
--------
A replica: a bottom-up model of this kind has followed published trend indices with a correlation
of about 0.6. Funds trade futures of many markets, so what they buy in stocks depends on the rest
of the book. The dollars per unit rest on press figures (24 and 25 February 2020 and 9 April 2025),
which disagree by a factor of two. A trend may turn because an old day drops out of it.

References
----------
Moskowitz, T., Ooi, Y. H. and Pedersen, L. H. (2012). Time Series Momentum. Journal of Financial
Economics 104(2).
Hurst, B., Ooi, Y. H. and Pedersen, L. H. (2017). A Century of Evidence on Trend-Following
Investing. Journal of Portfolio Management 44(1).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.reading import INDEX_VOLUME, Driver, Fact, Grade, Input, Kind
from analysis.realised import YEAR_SESSIONS, log_closes, mean_square
from analysis.scoring import robust_z

HORIZONS = (21, 63, 126, 252)
"""One month, three, six and a year [sessions]."""

SIGMA_SESSIONS = 63
"""Memory of the volatility that trends are measured in [sessions]."""

TARGET_VOLATILITY = 0.10
"""The volatility a full trend is held at [fraction a year]."""

POSITION_CAP = 1.5
"""The most that is held either way [x of a unit]."""

USD_PER_UNIT = (50e9, 100e9, 200e9)
"""Dollars behind one unit of position: low, mid, high [USD]; calibrated on press figures."""

FILL_SESSIONS = 5
"""An old close may be this stale."""

BISECTIONS = 50
"""Halvings of the bracket: from a factor of ten down to the last digit of a level."""


def trends(log_close: pd.Series, sigma: pd.Series) -> pd.DataFrame:
    """Return the four trends of each session.

    Parameters
    ----------
    log_close : shape (n_sessions,)
        ln P of the index.
    sigma : shape (n_sessions,)
        Its daily volatility [fraction], above zero.

    Returns
    -------
    shape (n_sessions, 4)
        Columns ``trend_<h>d`` in (-1, 1), above zero rising; missing where either close is.
    """
    anchor = log_close.ffill(limit=FILL_SESSIONS)
    width = sigma.to_numpy(float)
    return pd.DataFrame(
        {
            f"trend_{h}d": np.tanh(
                (log_close - anchor.shift(h)).to_numpy(float) / width / math.sqrt(h)
            )
            for h in HORIZONS
        },
        index=log_close.index,
    )


def position_of(signal: pd.Series, sigma: pd.Series) -> pd.Series:
    """Return the position that a signal in [-1, 1] calls for at a daily volatility [units]."""
    annual = sigma * math.sqrt(YEAR_SESSIONS)
    return (signal * TARGET_VOLATILITY / annual).clip(-POSITION_CAP, POSITION_CAP)


def flip_levels(log_close: pd.Series) -> pd.DataFrame:
    """Return the next close at which each horizon's trend changes sign [index points].

    Columns ``flip_<h>d``: the close of h - 1 sessions ago, which will be h sessions ago then.
    """
    anchor = log_close.ffill(limit=FILL_SESSIONS)
    return pd.DataFrame(
        {f"flip_{h}d": np.exp(anchor.shift(h - 1).to_numpy(float)) for h in HORIZONS},
        index=log_close.index,
    )


def turning_level(log_close: pd.Series) -> pd.Series:
    """Return the next close at which the whole signal is zero [index points].

    The move to that level counts in the volatility of that close. Missing where a close or
    the volatility is.
    """
    anchor = log_close.ffill(limit=FILL_SESSIONS)
    old = [anchor.shift(h - 1).to_numpy(float) for h in HORIZONS]
    today = log_close.to_numpy(float)
    kept = mean_square(log_close.diff(), SIGMA_SESSIONS - 1).to_numpy(float)
    kept = np.where(kept > 0.0, kept, np.nan) * (SIGMA_SESSIONS - 1)
    low, high = np.minimum.reduce(old), np.maximum.reduce(old)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        sigma = np.sqrt((kept + (middle - today) ** 2) / SIGMA_SESSIONS)
        pulls = [
            np.tanh((middle - at) / sigma / math.sqrt(h))
            for at, h in zip(old, HORIZONS, strict=True)
        ]
        rising = sum(pulls[1:], pulls[0]) > 0.0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    solved = np.exp(0.5 * (low + high))
    return pd.Series(np.where(np.isnan(kept + today), np.nan, solved), log_close.index)


def measure(market: Market) -> pd.DataFrame:
    """Say, session by session, what the turn of the trend makes these funds trade."""
    log_close = log_closes(market)
    log_return = log_close.diff()
    square = mean_square(log_return, SIGMA_SESSIONS)
    sigma = pd.Series(np.sqrt(square.where(square > 0.0).to_numpy(float)), market.sessions)
    by_horizon = trends(log_close, sigma)
    signal = _mean(by_horizon)
    position = position_of(signal, sigma)
    level = turning_level(log_close)
    adv_usd = market.adv_usd()
    low, mid, high = (position.diff() * per_unit for per_unit in USD_PER_UNIT)
    return pd.DataFrame(
        {
            "flow_low_usd": np.minimum(low, high),
            "flow_mid_usd": mid,
            "flow_high_usd": np.maximum(low, high),
            "share_of_adv": mid / adv_usd,
            "z": robust_z(mid),
            "signal": signal,
            "position": position,
            "position_prior": position.shift(1),
            "position_change": position.diff(),
            **by_horizon,
            "turning_level": level,
            "turning_distance": level / np.exp(log_close.to_numpy(float)) - 1.0,
            **flip_levels(log_close),
            "has_index": position.diff().notna().astype(float),
            "has_volume": adv_usd.notna().astype(float),
            "age_volume": market.volume_age_days,
        }
    )


def _mean(by_horizon: pd.DataFrame) -> pd.Series:
    """Average the trends one after the other, missing unless all are known."""
    first, *others = (by_horizon[name] for name in by_horizon)
    return sum(others, first) / len(HORIZONS)


def _fact(key: str, label: str, unit: str) -> Fact:
    return Fact(key=key, label=label, unit=unit, source="closes of the index")


trend_following = Driver(
    slug="trend_following",
    title="Trend followers",
    kind=Kind.MECHANICAL,
    grade=Grade.C,
    measure=measure,
    inputs=(
        Input(key="index", weight=0.85, missing="a year and a day of index closes"),
        INDEX_VOLUME,
    ),
    facts=(
        _fact("signal", "Trend signal, from -1 to 1", "x"),
        _fact("position", "Position after today", "x"),
        _fact("position_prior", "Position before today", "x"),
        _fact("position_change", "Change that today calls for", "x"),
        _fact("trend_21d", "Trend over 21 sessions", "x"),
        _fact("trend_63d", "Trend over 63 sessions", "x"),
        _fact("trend_126d", "Trend over 126 sessions", "x"),
        _fact("trend_252d", "Trend over 252 sessions", "x"),
        _fact("turning_level", "Next close at which the whole signal turns", "index points"),
        _fact("turning_distance", "Distance to that level", "fraction"),
        _fact("flip_21d", "Next close at which the 21-session trend turns", "index points"),
        _fact("flip_63d", "Next close at which the 63-session trend turns", "index points"),
        _fact("flip_126d", "Next close at which the 126-session trend turns", "index points"),
        _fact("flip_252d", "Next close at which the 252-session trend turns", "index points"),
    ),
    caveat=(
        "A replica of a common rule; real trend followers trade many markets, at their own "
        "pace, and agree with it only in part."
    ),
)
