"""The files of a market folder as tables that grow: which rows are the same, how types are kept.

Later rows win over earlier ones of the same key. So the same answers, taken in the same
order, always give the same folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.sources.folder import funds, positions, prices, standing
from analysis.sources.folder.table import Layout
from analysis.sources.vendor import Facts

SHORT_VOLUME = Layout(
    path="positioning/finra_short_volume.parquet",
    stale_days=1,
    key=("date", "symbol"),
    texts={"symbol": "symbol"},
    numbers={"short_volume": "short_volume", "total_volume": "total_volume"},
)
"""Off-exchange volume marked short; kept for readers of the folder, no driver uses it."""

CHAIN_TOTALS = Layout(
    path="chains/totals.csv",
    stale_days=1,
    key=("date", "symbol"),
    texts={"symbol": "symbol"},
    numbers={name: name for name in ("contracts", "open_interest", "volume")},
)
"""Size of each chain kept, by which a repeated one is known."""

CBOE_INDICES = Layout(
    path="prices/cboe_indices.parquet",
    stale_days=1,
    key=("date", "symbol"),
    texts={"symbol": "symbol"},
    numbers={"close": "close"},
)
"""Closes of volatility indices from their publisher, beside those in the price file."""

LAYOUTS = (
    *(prices.PRICES, prices.MEMBERS, prices.BREADTH, prices.BROAD_BREADTH, CBOE_INDICES),
    prices.WEIGHTS,
    *(funds.ASSETS, funds.ISSUER_ASSETS, funds.SHARES, funds.FLOWS, funds.QQQ_FLOWS),
    *(funds.FUNDS, funds.SENSITIVITY, positions.SHORT_INTEREST, positions.DIX, SHORT_VOLUME),
    *(positions.PUT_CALL, positions.COT, positions.SP500_COT, positions.MOST_SHORTED),
    *(CHAIN_TOTALS, standing.STANDING),
)


@cache
def layout_of(path: str) -> Layout:
    """Return the layout of a file of the market folder by its path."""
    return next(layout for layout in LAYOUTS if layout.path == path)


def known_paths() -> frozenset[str]:
    """Return the paths of every table that an archive keeps."""
    return frozenset(layout.path for layout in LAYOUTS)


def empty(path: str) -> pd.DataFrame:
    """Return a file's columns without rows."""
    return normal(path, pd.DataFrame())


def normal(path: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with exactly the file's columns, each of its one type.

    Days are midnights without a zone, texts are texts, numbers are floats; a column that is
    not there is missing throughout.
    """
    layout = layout_of(path)
    typed: dict[str, pd.Series] = {}
    for own, theirs in layout.columns.items():
        column = rows.get(theirs, pd.Series(index=rows.index, dtype=object))
        if own in layout.dates:
            days = pd.to_datetime(column, utc=True).dt.tz_localize(None)
            typed[theirs] = days.dt.normalize().astype("datetime64[us]")
        elif own in layout.texts:
            typed[theirs] = column.astype("str").where(column.notna())
        else:
            typed[theirs] = pd.to_numeric(column, errors="coerce").astype("float64")
    return pd.DataFrame(typed).reset_index(drop=True)


def grown(path: str, before: pd.DataFrame, news: Iterable[Facts]) -> pd.DataFrame:
    """Return a table with news taken in, one after the other.

    Parameters
    ----------
    before
        The table as `normal` returns it.
    news
        Facts for this file in the order they were learnt.
    """
    layout = layout_of(path)
    key = [layout.columns[name] for name in layout.key]
    parts = [before]
    for facts in news:
        if facts.replaces:
            parts = [_without(pd.concat(parts, ignore_index=True), layout, facts.replaces)]
        parts.append(facts.rows)
    filled = [part for part in parts if len(part)]
    if not filled:
        return before
    rows = pd.concat(filled, ignore_index=True).drop_duplicates(key, keep="last")
    return rows.sort_values(key[::-1], ignore_index=True)


def _without(rows: pd.DataFrame, layout: Layout, symbols: tuple[str, ...]) -> pd.DataFrame:
    column = layout.columns["symbol" if "symbol" in layout.texts else next(iter(layout.texts))]
    return rows[~rows[column].isin(symbols)]


def to_bytes(path: str, rows: pd.DataFrame) -> bytes:
    """Return a table as the bytes of its file, Parquet or CSV by the path's ending."""
    if path.endswith(".csv"):
        return rows.to_csv(index=False, date_format="%Y-%m-%d").encode()
    return to_parquet(rows)


def to_parquet(rows: pd.DataFrame) -> bytes:
    """Return rows as Parquet: the same rows give the same bytes."""
    sink = BytesIO()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), sink, compression="zstd")
    return sink.getvalue()


def from_bytes(suffix: str, content: bytes, path: str) -> pd.DataFrame:
    """Return the table that bytes hold, Parquet or CSV by ``suffix``, as the file ``path``."""
    if suffix == ".csv":
        return normal(path, pd.read_csv(BytesIO(content), dtype="str"))
    return normal(path, pq.read_table(BytesIO(content)).to_pandas())
