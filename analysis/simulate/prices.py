"""Closes of indices and funds, and the day's open, high, low and volume around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.simulate.arrays import Floats, compounded, reverting, stream
from analysis.simulate.commons import Commons
from analysis.simulate.desks import Desks
from analysis.simulate.universe import BASKET, TRADED

CROWDED = {"GVIP": -0.0012, "MTUM": -0.0015}
"""What a usual day of short covering takes from the longs held against the shorts [fraction]."""

BASKET_LIFT = 0.014
"""What a usual day of covering adds to the most-shorted names [fraction]."""

BASKET_BETA = 1.3
BASKET_IDIO = 0.030


@dataclass(frozen=True, slots=True)
class Bars:
    """Open, high, low and close, shape (n_sessions, n_symbols) each, and the symbols."""

    symbols: tuple[str, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats


def traded_returns(seed: int, commons: Commons, desks: Desks) -> Floats:
    """Return log returns of the list `TRADED`, shape (n_sessions, n_symbols)."""
    loadings = np.array([[one.beta, one.tech, one.small, one.broad, one.rates] for one in TRADED])
    moves = np.column_stack(
        [commons.index, commons.tech, commons.small, commons.broad, commons.rates]
    )
    idio = np.array([one.idio for one in TRADED])
    noise = stream(seed, "traded").standard_normal((len(moves), len(TRADED)))
    returns = moves @ loadings.T + idio * commons.heat[:, None] * noise
    for column, one in enumerate(TRADED):
        if one.symbol in CROWDED:
            returns[:, column] += CROWDED[one.symbol] * desks.short_covering
    result: Floats = returns
    return result


def basket_returns(seed: int, small_companies: Floats, desks: Desks, heat: Floats) -> Floats:
    """Return log returns of the most-shorted names, shape (n_sessions, n_names)."""
    random = stream(seed, "basket")
    betas = BASKET_BETA + 0.2 * random.standard_normal(len(BASKET))
    noise = random.standard_normal((len(heat), len(BASKET)))
    lift = BASKET_LIFT * desks.short_covering - 0.0005
    return small_companies[:, None] * betas + lift[:, None] + BASKET_IDIO * heat[:, None] * noise


def first_basket_prices(seed: int) -> Floats:
    """Return made-up first prices of the basket's names [USD]."""
    prices: Floats = np.exp(stream(seed, "basket_prices").uniform(1.8, 4.4, len(BASKET)))
    return prices


def bars(seed: int, symbols: tuple[str, ...], first: Floats, returns: Floats, desks: Desks) -> Bars:
    """Return bars whose closes follow ``returns``.

    About a third of a day's return is there at the open. Patient buyers trade inside the
    session and leave the close near the high, patient sellers near the low.
    """
    close = compounded(first, returns)
    random = stream(seed, "bars")
    usual = np.maximum(returns.std(axis=0), 1e-4)
    shared = random.standard_normal((3, len(returns), 1))
    own = random.standard_normal((3, *returns.shape))
    gap, up, down = 0.9 * shared + 0.44 * own
    push = np.clip(desks.real_money, -4.0, 4.0)[:, None]
    gaps = returns * (0.33 - 0.05 * np.abs(push)) + 0.2 * usual * gap
    opens = np.vstack([close[:1], close[:-1]]) * np.exp(gaps)
    top = np.exp(0.4 * usual * np.abs(up) * np.exp(-0.45 * push))
    bottom = np.exp(-0.4 * usual * np.abs(down) * np.exp(0.45 * push))
    high, low = np.maximum(opens, close) * top, np.minimum(opens, close) * bottom
    return Bars(symbols, opens, high, low, close)


def trading(seed: int, sessions: pd.DatetimeIndex, commons: Commons, desks: Desks) -> Floats:
    """Return the whole market's volume against its usual day [x], shape (n_sessions,).

    Volume is persistent, rises with the size of the move and with patient buying or selling,
    and jumps on the four quarterly expiries.
    """
    wander = reverting(0.09 * stream(seed, "trading").standard_normal(len(sessions)), 0.7)
    move = np.abs(commons.index / commons.sigma)
    third_friday = (sessions.day_of_week == 4) & (sessions.day >= 15) & (sessions.day <= 21)
    quarterly = third_friday & (sessions.month % 3 == 0)
    size = 0.08 * (np.minimum(move, 5.0) - 0.8) + 0.07 * np.minimum(np.abs(desks.real_money), 5.0)
    level: Floats = np.exp(wander + size + 0.35 * quarterly + 0.3 * np.log(commons.heat))
    return level


def volumes(seed: int, close: Floats, usual_usd: Floats, returns: Floats, level: Floats) -> Floats:
    """Return shares traded, shape (n_sessions, n_symbols): more where a price moved more."""
    noise = stream(seed, f"volumes {close.shape[1]}").standard_normal(close.shape)
    unusual = np.minimum(np.abs(returns) / np.maximum(returns.std(axis=0), 1e-4), 5.0)
    traded = usual_usd / close * level[:, None] * np.exp(0.10 * noise + 0.1 * unusual)
    whole: Floats = np.round(traded) + 1.0
    return whole


def over_median(volume: Floats, sessions: int = 20) -> Floats:
    """Return volume over its own median of the ``sessions`` before [x]; missing at first."""
    windows = np.lib.stride_tricks.sliding_window_view(volume, sessions, axis=0)[:-1]
    result = np.full_like(volume, np.nan)
    result[sessions:] = volume[sessions:] / np.median(windows, axis=-1)
    return result
