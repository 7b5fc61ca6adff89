"""Bars as they came from Yahoo, and which of them can be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.sessions import close_utc, sessions_between
from analysis.sources import guard
from analysis.sources.vendor import Raw

PRICES = ["open", "high", "low", "close"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """One symbol's bars: date, symbol, open, high, low, close, volume; and the answer behind them.

    ``traded_at`` is when the symbol last traded [UTC], None where the answer does not say.
    """

    bars: pd.DataFrame
    raw: Raw
    traded_at: pd.Timestamp | None


def checked_bars(
    symbol: str, found: Bars, session: pd.Timestamp, last_known: float | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the bars that can be kept, with a quality, and what was wrong with the others.

    Parameters
    ----------
    last_known
        The close in the archive before the first of these bars [points or USD], so that a
        jump between the two shows; None where there is none or it was rescaled.
    """
    rows = found.bars.sort_values("date", ignore_index=True)
    problems: list[str] = []

    def drop(bad: np.ndarray[Any, np.dtype[np.bool_]], why: str) -> pd.DataFrame:
        if bad.any():
            problems.append(f"{int(bad.sum())} {'bar' if bad.sum() == 1 else 'bars'} {why}")
        return rows[~bad].reset_index(drop=True)

    if rows.empty:
        return rows.assign(quality="full"), ()
    closed = ~rows["date"].isin(sessions_between(rows["date"].min(), session)).to_numpy()
    rows = drop(closed, "on days without a session")
    rows = drop(~(rows["close"] > 0.0).to_numpy(), "without a price")
    negative = (rows["volume"] < 0.0).to_numpy()
    if negative.any():
        problems.append(f"{int(negative.sum())} negative volumes")
        rows = rows.assign(volume=rows["volume"].mask(negative))
    rows = drop(partial_bar(rows, found.traded_at, session), "of a session still running")
    rows = drop(repeated_bar(rows, session), "repeating the one before in every figure")
    rows = drop(jumps(rows, last_known), "with a jump like an unadjusted split")
    index = symbol.startswith("^")
    volume = rows["volume"].mask(rows["volume"] == 0.0) if not index else float("nan")
    return rows.assign(volume=volume, quality="no_volume" if index else "full"), tuple(problems)


def partial_bar(
    rows: pd.DataFrame, traded_at: pd.Timestamp | None, session: pd.Timestamp
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which bar is the session's own while the answer is from before its close."""
    running = traded_at is not None and traded_at < close_utc(session) - guard.CLOSING_MINUTES
    same_day = traded_at is not None and (
        traded_at.tz_convert("America/New_York").date() == session.date()
    )
    return np.asarray((rows["date"] == session).to_numpy() & running & same_day)


def repeated_bar(rows: pd.DataFrame, session: pd.Timestamp) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return whether the session's bar says again what the bar before said.

    A flat bar, one price throughout, may repeat; one with a range never does by chance.
    """
    figures = rows[PRICES]
    same = (figures == figures.shift(1)).all(axis="columns") & (rows["high"] > rows["low"])
    return np.asarray((same & (rows["date"] == session)).to_numpy())


def jumps(rows: pd.DataFrame, last_known: float | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which closes jump like a split nobody adjusted for."""
    if rows.empty:
        return np.zeros(0, dtype=bool)
    closes = rows["close"].to_numpy(float)
    start = closes[0] if last_known is None else last_known
    change = np.abs(np.diff(np.log(closes), prepend=np.log(start)))
    return np.asarray(change > np.log(guard.SPLIT_JUMP))
