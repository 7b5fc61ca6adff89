"""Bars of the index, of funds and stocks, of the index's members; advances and declines."""

from __future__ import annotations

import pandas as pd

from analysis.sources import guard
from analysis.sources.folder.funds import dated
from analysis.sources.folder.lags import sessions_from
from analysis.sources.folder.panels import spread
from analysis.sources.folder.table import Layout, Table, counted

PRICES = Layout(
    path="prices/funds_and_indices.parquet",
    stale_days=0,
    key=("date", "symbol"),
    texts={"symbol": "symbol", "quality": "quality"},
    numbers={name: name for name in ("close", "open", "high", "low", "volume")},
    optional=frozenset({"open", "high", "low", "volume", "quality"}),
)

MEMBERS = Layout(
    path="prices/sp500_members.parquet",
    stale_days=4,
    key=("date", "symbol"),
    texts={"symbol": "symbol"},
    numbers={"close": "close", "volume": "volume"},
    optional=frozenset({"volume"}),
)

WEIGHTS = Layout(
    path="positioning/member_weights.csv",
    stale_days=200,
    key=("date", "symbol"),
    texts={"symbol": "symbol"},
    numbers={"weight": "weight"},
    dated=False,
)

BREADTH = Layout(
    path="prices/breadth_sp500.csv",
    stale_days=4,
    key=("date",),
    numbers={"advancers": "adv", "decliners": "dec", "members": "n"},
    optional=frozenset({"members"}),
)

BROAD_BREADTH = Layout(
    path="prices/breadth_sp1500_advdec.csv",
    stale_days=4,
    key=("date",),
    numbers={"advancers": "advancers", "decliners": "decliners"},
)

COUNTED_IN_SHARES = "full"
"""The only quality whose volume counts shares; other feeds compare with themselves alone."""

USUAL_SESSIONS, FEWEST_SESSIONS = 20, 10
"""A symbol's usual volume is the median of the 20 sessions before, at least 10 of them known."""


def member_weights(table: Table, sessions: pd.DatetimeIndex) -> tuple[Table, pd.DataFrame]:
    """Return the usable rows and the dated table of weights, known from their list's day on."""
    wrong = ~(table.rows["weight"] >= 0.0).to_numpy()
    table = table.without(wrong, "without a weight, or below zero, dropped")
    rows = table.rows.astype({"symbol": "str"})
    known = sessions_from(rows["date"], sessions)
    return table, dated(rows, known, ["symbol", "weight"])


def bars(table: Table, sessions: pd.DatetimeIndex) -> Table:
    """Return the rows that are bars: priced above zero, on sessions, of one company a ticker.

    A close that jumps like a split makes its own row unusable, so that no return is taken
    across it.
    """
    ambiguous = table.rows["symbol"].isin(guard.AMBIGUOUS_TICKERS).to_numpy()
    table = table.without(ambiguous, "of a ticker that has named two companies dropped")
    for name in ("close", "open", "high", "low"):
        if name in table.rows:
            table = table.blanked(name, (table.rows[name] <= 0.0).to_numpy(), "of no price dropped")
    if "volume" in table.rows:
        negative = (table.rows["volume"] < 0.0).to_numpy()
        table = table.blanked("volume", negative, "of negative volume dropped")
    table = table.without(table.rows["close"].isna().to_numpy()).on_sessions(sessions)
    return _without_jumps(table)


def _without_jumps(table: Table) -> Table:
    bad = guard.split_jumps(table.rows)
    symbols = ", ".join(sorted(set(table.rows["symbol"][bad])))
    return table.without(bad, f"with a jump like an unadjusted split dropped ({symbols})")


def price_panels(table: Table, sessions: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    """Return the market's panels of prices and volumes."""
    names = ["open", "high", "low", "close", "volume"]
    rows = _with_feeds(table.rows)
    panels = dict(zip(names, spread(rows, names, sessions), strict=True))
    full = rows["feed"] == COUNTED_IN_SHARES
    shares = rows.assign(volume=rows["volume"].where(full))
    panels["relative_volume"] = relative_volume(rows, sessions)
    (panels["volume"],) = spread(shares, ["volume"], sessions)
    return panels


def _with_feeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Name each row's volume feed; zeros and indices' volumes are nobody's count.

    Without a quality column every volume is taken to count shares.
    """
    index = rows["symbol"].str.startswith("^")
    volume = rows["volume"].mask((rows["volume"] == 0.0) | index)
    feed = rows["quality"]
    if feed.isna().all():
        feed = pd.Series(COUNTED_IN_SHARES, index=rows.index, dtype="category")
    return rows.assign(volume=volume, feed=feed)


def relative_volume(rows: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Return volume over its own median of the 20 sessions before [x].

    Each feed is measured against itself only; missing where fewer than 10 of its sessions
    are known.
    """
    known = rows[rows["volume"].notna()]
    if known.empty:
        return pd.DataFrame()
    together, *others = (
        _over_median(spread(of_feed, ["volume"], sessions)[0])
        for _, of_feed in known.groupby("feed", observed=True)
    )
    for other in others:
        together, other = together.align(other, join="outer", axis="columns")
        together = together.where(together.notna(), other)
    return together


def _over_median(volume: pd.DataFrame) -> pd.DataFrame:
    usual = volume.shift(1).rolling(USUAL_SESSIONS, min_periods=FEWEST_SESSIONS).median()
    return volume / usual


def member_panels(table: Table, sessions: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    """Return the members' closes and volumes; a volume of zero is no count."""
    rows = table.rows.assign(volume=table.rows["volume"].mask(table.rows["volume"] == 0.0))
    close, volume = spread(rows, ["close", "volume"], sessions)
    return {"member_close": close, "member_volume": volume}


def breadth_panel(narrow: Table, broad: Table, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Return advancers, decliners and members: of the S&P 500, else of the S&P 1500.

    ``members`` tells which; where a file does not count them, it is the sum of the two.
    """
    parts = [_counts(table) for table in (narrow, broad)]
    rows = pd.concat(parts).drop_duplicates("date", keep="first").set_index("date")
    return pd.DataFrame() if rows.empty else rows.reindex(sessions)


def _counts(table: Table) -> pd.DataFrame:
    rows = table.rows
    moved = rows["advancers"] + rows["decliners"]
    members = rows["members"].fillna(moved) if "members" in rows else moved
    return rows.assign(members=members)[["date", "advancers", "decliners", "members"]]


def usable_breadth(table: Table, sessions: pd.DatetimeIndex) -> Table:
    """Return the rows in which anything moved and no count is negative."""
    table = table.on_sessions(sessions)
    up, down = table.rows["advancers"], table.rows["decliners"]
    empty = ((up < 0) | (down < 0) | (up + down <= 0) | (up + down).isna()).to_numpy()
    return table.without(empty, "without a count of movers dropped")


def repeated_bar(table: Table, symbol: str) -> Table:
    """Return the table, saying so where a symbol's last bar repeats the one before."""
    own = table.rows[table.rows["symbol"] == symbol]
    last_two = own.sort_values("date")[["open", "high", "low", "close"]].tail(2)
    if len(last_two) < 2 or last_two.isna().any(axis=None):
        return table
    if (last_two.iloc[0] != last_two.iloc[1]).any():
        return table
    return table.but(f"the last bar of {symbol} repeats the one before")


def without_bar(table: Table, session: pd.Timestamp) -> Table:
    """Return the table, saying how many of its symbols have no bar of the session."""
    symbols = table.rows["symbol"]
    there = symbols[table.rows["date"] == session].nunique()
    absent = symbols.nunique() - there
    if not absent:
        return table
    return table.but(f"{absent} of {counted(there + absent, 'symbol')} end before")
