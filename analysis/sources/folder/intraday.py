"""Prices while a session ran, from a folder's bars of five minutes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from analysis.into_close import SessionPrices
from analysis.sessions import previous_session
from analysis.sources import guard
from analysis.sources.folder import columns
from analysis.sources.folder.errors import NoPricesError, TableError
from analysis.sources.session_prices import NEW_YORK, checked

BARS = "intraday/bars_5m"
"""Files whose names begin so, Parquet or CSV; several are read as one."""

WANTED = ["ts", "symbol", "close"]

ZONE = r"\d(?:Z|[+-]\d\d:?\d\d)$"
"""How a written time ends that names its zone."""

BAR = pd.Timedelta(minutes=5)
"""A bar is stamped with its beginning, and its close is known when it is over."""


def intraday_bars(folder: Path) -> pd.DataFrame:
    """Return every bar: ``ended`` [New York, without a zone], ``symbol``, ``close``.

    Raises
    ------
    NoPricesError
        The folder has no such file.
    TableError
        A file cannot be read, lacks a column, or contradicts itself.
    """
    paths = sorted(folder.glob(f"{BARS}*.parquet")) + sorted(folder.glob(f"{BARS}*.csv"))
    if not paths:
        raise NoPricesError(
            BARS,
            "not in this folder, so it has no prices during the session; see docs/data-format.md",
        )
    rows = pd.concat([_read(folder, path) for path in paths], ignore_index=True)
    try:
        again = guard.repeats(rows, ["ended", "symbol"])
    except guard.ConflictError as error:
        ended, symbol = rows["ended"][error.row], rows["symbol"][error.row]
        problem = f"bars contradict each other ({symbol} {ended}), so none is used"
        raise TableError(BARS, problem) from error
    return rows[~again]


def latest_session(bars: pd.DataFrame) -> pd.Timestamp:
    """Return the last day that has a bar."""
    return pd.Timestamp(bars["ended"].max()).normalize()


def session_prices(
    bars: pd.DataFrame, session: pd.Timestamp, at: pd.Timestamp, closes: pd.Series
) -> SessionPrices:
    """Return the prices known at a moment of a session, each checked.

    A price is the close of the symbol's last bar that was over by ``at`` [UTC]; its prior close
    is that of the last bar of the session before.

    Raises
    ------
    NoPricesError
        No bar of the session was over by then.
    """
    now = at.tz_convert(NEW_YORK).tz_localize(None)
    today = bars[bars["ended"].between(session, now)]
    if today.empty:
        raise NoPricesError(BARS, f"no bar of {session.date()} was over by {now:%H:%M} New York")
    last, prior = _last(today), _last(_on(bars, previous_session(session)))
    made = last["ended"].dt.tz_localize(NEW_YORK).dt.tz_convert("UTC")
    rows = pd.DataFrame({"price": last["close"], "prior_close": prior["close"], "made": made})
    return checked(rows, session, at, closes, "bars of five minutes")


def _on(bars: pd.DataFrame, session: pd.Timestamp) -> pd.DataFrame:
    return bars[bars["ended"].between(session, session + pd.Timedelta(days=1))]


def _last(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.sort_values("ended").drop_duplicates("symbol", keep="last").set_index("symbol")


def _read(folder: Path, path: Path) -> pd.DataFrame:
    name = path.relative_to(folder).as_posix()
    raw = columns.read_columns(path, name, WANTED)
    absent = [column for column in WANTED if column not in raw.column_names]
    if absent:
        raise TableError(name, f"the column {absent[0]!r} is missing")
    if _names_zone(raw.column("ts")):
        raise TableError(name, "its times name a zone; write New York's time without one")
    closes, _ = columns.numbers(raw.column("close"))
    rows = pd.DataFrame(
        {
            "ended": columns.times(raw.column("ts")) + BAR.to_numpy(),
            "symbol": pd.Series(columns.texts(raw.column("symbol"))).astype(object),
            "close": closes,
        }
    )
    return rows[rows["ended"].notna() & rows["symbol"].notna() & (rows["close"] > 0.0)]


def _names_zone(column: pa.ChunkedArray) -> bool:
    """Say whether times carry a zone: taken for New York's they would be hours off."""
    if pa.types.is_temporal(column.type):
        return bool(pa.types.is_timestamp(column.type) and column.type.tz)
    labels = columns.texts(column).categories.astype(str)
    return bool(labels.str.contains(ZONE, regex=True).any())
