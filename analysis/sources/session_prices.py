"""Which prices of a running session can be used: of today, recent, and on yesterday's close.

A return so far is a price of now over the same source's close of yesterday. That close must be
the one in the archive, or the price is of another scale, another day or another thing. Each price
is held against the same rules, whoever made it, and one that breaks a rule is left out and named
with what was seen.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.into_close import SessionPrices
from analysis.sessions import close_utc, open_utc
from analysis.sources import guard

NEW_YORK = "America/New_York"

OLDEST = pd.Timedelta(minutes=30)
"""A price made longer ago says too little of now."""

AHEAD = pd.Timedelta(minutes=1)
"""Clocks of two machines differ by no more."""

PRIOR_TOLERANCE = 0.01
"""How far a prior close may lie from the one in the archive [fraction]; a judgement.

The return is taken within one source, so this only tells whether both speak of the same thing.
An index has one close; a stock's last trade and its closing auction differed by 0.6 % on
8 April 2025, and a history may be adjusted for dividends.
"""


def checked(
    rows: pd.DataFrame, session: pd.Timestamp, at: pd.Timestamp, closes: pd.Series, source: str
) -> SessionPrices:
    """Return the prices that can be used, and name the others.

    A symbol that has no row is no problem here: the estimate names underlyings without a price.

    Parameters
    ----------
    rows : index symbol
        ``price`` and ``prior_close`` [points or USD], ``made``, when the price was made [UTC].
        What is not known is missing.
    session
        The session that runs.
    at
        Now [UTC].
    closes : index symbol
        What must be priced, and its close on the session before in the archive.
    source
        Where the prices are from, in a reader's words.
    """
    told = rows[rows.index.isin(closes.index)]
    wrong = _wrong(told, session, at, closes[told.index])
    used = told[wrong == ""].rename(columns={"made": "at"})[["price", "prior_close", "at"]]
    return SessionPrices(
        session=session,
        rows=used,
        source=source,
        problems=tuple(f"{symbol}: {words}" for symbol, words in wrong[wrong != ""].items()),
    )


def _wrong(
    told: pd.DataFrame, session: pd.Timestamp, at: pd.Timestamp, closes: pd.Series
) -> pd.Series:
    """Return what is wrong with each price, "" where nothing is; the first rule broken speaks."""
    price, prior = told["price"].to_numpy(float), told["prior_close"].to_numpy(float)
    made = pd.DatetimeIndex(told["made"])
    local, age = made.tz_convert(NEW_YORK), at - made
    apart = np.abs(prior / closes.to_numpy(float) - 1.0)
    days = local.strftime("%Y-%m-%d")
    clock = local.strftime("%H:%M")
    rules = [
        (~(price > 0.0), lambda at: "no price"),
        (made.isna(), lambda at: "its price has no time"),
        (days != f"{session:%Y-%m-%d}", lambda at: f"its price is of {days[at]}"),
        (
            (made < open_utc(session)) | (made > close_utc(session)),
            lambda at: f"its price of {clock[at]} is from outside the session",
        ),
        (age < -AHEAD, lambda at: f"its price of {clock[at]} has not come yet"),
        (age > OLDEST, lambda at: f"its price of {clock[at]} is too old"),
        (
            (price > guard.SPLIT_JUMP * prior) | (guard.SPLIT_JUMP * price < prior),
            lambda at: f"its price of {price[at]:g} is no move from {prior[at]:g}",
        ),
        (~(prior > 0.0), lambda at: "no prior close to check it by"),
        (
            apart > guard.SPLIT_SHARE,
            lambda at: f"prior close {prior[at]:g} here, {closes.iloc[at]:g} kept: a split",
        ),
        (
            apart > PRIOR_TOLERANCE,
            lambda at: f"prior close {prior[at]:g} here, {closes.iloc[at]:g} kept",
        ),
    ]
    broken = np.array([np.asarray(mask, dtype=bool) for mask, _ in rules])
    first = np.where(broken.any(axis=0), broken.argmax(axis=0), -1)
    words = [rules[rule][1](place) if rule >= 0 else "" for place, rule in enumerate(first)]
    return pd.Series(words, index=told.index, dtype=object)
