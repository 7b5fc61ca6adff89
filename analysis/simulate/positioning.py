"""Tables that others publish later: share counts, short interest, COT, dark-pool rows.

Every row carries the session ``date`` it speaks of and the session ``known`` on whose evening
a reader could first have seen it. Rows not yet published by the last session are left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.simulate.arrays import Floats, reverting, stream
from analysis.simulate.desks import Desks
from analysis.simulate.universe import BASKET, CREATED

SHORT_INTEREST_LAG = 9
"""Sessions from settlement to publication of short interest (FINRA's schedule)."""

COT_MARKETS = {"ES": 2.2e6, "NQ": 0.28e6, "RTY": 0.5e6, "VX": 0.35e6}
"""Futures of the COT table and round open interest [contracts]."""


def long_table(
    sessions: pd.DatetimeIndex, symbols: tuple[str, ...], name: str, values: Floats, lag: int
) -> pd.DataFrame:
    """Lay out values by session and symbol as rows (date, known, symbol, ``name``)."""
    count = len(sessions) - lag
    return pd.DataFrame(
        {
            "date": np.repeat(sessions[:count], len(symbols)),
            "known": np.repeat(sessions[lag:], len(symbols)),
            "symbol": np.tile(np.array(symbols, dtype=object), count),
            name: values[:count].ravel(),
        }
    )


def creations(seed: int, sessions: pd.DatetimeIndex, desks: Desks) -> pd.DataFrame:
    """Return money created in the index's funds: half of what patient buyers bought."""
    shares = np.array([0.45, 0.15, 0.25, 0.15])
    noise = 0.35e9 * stream(seed, "creations").standard_normal((len(sessions), len(CREATED)))
    flows = 0.5 * desks.usd("real_money")[:, None] * shares + noise
    return long_table(sessions, CREATED, "flow_usd", np.round(flows), 1)


def short_interest(
    seed: int, sessions: pd.DatetimeIndex, prices: Floats, desks: Desks
) -> pd.DataFrame:
    """Return short interest of the basket at mid-month and month-end settlements [shares].

    ``prices`` are the basket's closes, shape (n_sessions, n_names) [USD].
    """
    random = stream(seed, "short interest")
    share = random.dirichlet(np.full(len(BASKET), 6.0))
    wander = 0.01 * random.standard_normal((len(sessions), len(BASKET)))
    held = np.round(desks.short_usd[:, None] * share / prices * np.exp(wander))
    halves = pd.Series((sessions.year * 12 + sessions.month) * 2 + (sessions.day > 15))
    settled = np.flatnonzero((halves != halves.shift(-1)).to_numpy())[:-1]
    settled = settled[settled + SHORT_INTEREST_LAG < len(sessions)]
    return pd.DataFrame(
        {
            "date": np.repeat(sessions[settled], len(BASKET)),
            "known": np.repeat(sessions[settled + SHORT_INTEREST_LAG], len(BASKET)),
            "symbol": np.tile(np.array(BASKET, dtype=object), len(settled)),
            "shares": held[settled].ravel(),
        }
    )


def dark_pool(seed: int, sessions: pd.DatetimeIndex, gamma: Floats) -> pd.DataFrame:
    """Return rows in the manner of SqueezeMetrics: DIX, and a GEX on a scale of its own."""
    random = stream(seed, "dark pool")
    dix = 0.44 + reverting(0.012 * random.standard_normal(len(sessions)), 0.8)
    gex = 0.8e9 + 0.75 * gamma + 0.8e9 * random.standard_normal(len(sessions))
    return pd.DataFrame(
        {
            "date": sessions[:-1],
            "known": sessions[1:],
            "dix": np.round(dix[:-1], 6),
            "gex": np.round(gex[:-1]),
        }
    )


def put_call(seed: int, sessions: pd.DatetimeIndex, move: Floats) -> pd.DataFrame:
    """Return put volume over call volume [x]: higher after a fall, known that evening."""
    noise = stream(seed, "put call").standard_normal((3, len(sessions)))
    lean = np.clip(-0.06 * move, -0.3, 0.3)
    total, equity, index = (
        np.round(level * np.exp(lean + 0.07 * drawn), 4)
        for level, drawn in zip((0.92, 0.66, 1.15), noise, strict=True)
    )
    return pd.DataFrame(
        {"date": sessions, "known": sessions, "total": total, "equity": equity, "index": index}
    )


def traders(seed: int, sessions: pd.DatetimeIndex, move: Floats) -> pd.DataFrame:
    """Return the weekly COT table: Tuesday's positions, known on Friday evening."""
    tuesdays = np.flatnonzero(sessions.day_of_week == 1)
    fridays = sessions.searchsorted(sessions[tuesdays] + pd.Timedelta(days=3))
    tuesdays, fridays = tuesdays[fridays < len(sessions)], fridays[fridays < len(sessions)]
    random = stream(seed, "traders")
    trend = reverting(0.05 * np.clip(move, -3.0, 3.0), 0.97)[tuesdays]
    return pd.concat(
        [
            _one_market(random, name, usual, trend).assign(
                date=sessions[tuesdays], known=sessions[fridays]
            )
            for name, usual in COT_MARKETS.items()
        ],
        ignore_index=True,
    )


def _one_market(
    random: np.random.Generator, name: str, usual: float, trend: Floats
) -> pd.DataFrame:
    weeks = len(trend)
    wander = np.stack([reverting(0.04 * random.standard_normal(weeks), 0.9) for _ in range(5)])
    interest = usual * np.exp(wander[0])
    parts = {"lev_long": 0.16, "lev_short": 0.30, "am_long": 0.52, "am_short": 0.17}
    lean = np.array([0.5, -0.5, 0.3, -0.3])[:, None] * trend
    held = {
        column: np.round(interest * share * np.exp(wander[row + 1] + lean[row]))
        for row, (column, share) in enumerate(parts.items())
    }
    return pd.DataFrame({"market": name, "open_interest": np.round(interest), **held})
