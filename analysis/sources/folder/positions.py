"""What traders hold: futures positions, short interest, put and call volume, dark pools."""

from __future__ import annotations

import pandas as pd

from analysis.sources import guard
from analysis.sources.folder.funds import dated
from analysis.sources.folder.lags import SHORT_INTEREST_SESSIONS, cot_known, sessions_after
from analysis.sources.folder.table import Layout, Table

SHORT_INTEREST = Layout(
    path="positioning/finra_latest_shares.parquet",
    stale_days=31,
    key=("date", "symbol"),
    texts={"symbol": "ticker"},
    numbers={"shares": "current"},
    dated=False,
)

DIX = Layout(
    path="positioning/squeezemetrics_dix_gex.csv",
    stale_days=5,
    key=("date",),
    numbers={"dix": "dix", "gex": "gex"},
    optional=frozenset({"dix", "gex"}),
)

PUT_CALL = Layout(
    path="positioning/put_call_ratio.csv",
    stale_days=5,
    key=("date",),
    numbers={"total": "pcr_total", "equity": "pcr_equity", "index": "pcr_index"},
    optional=frozenset({"equity", "index"}),
)

COT = Layout(
    path="positioning/cftc_tff_weekly.csv",
    stale_days=14,
    key=("date", "market"),
    texts={"market": "code"},
    numbers={
        "open_interest": "oi",
        "lev_long": "lev_long",
        "lev_short": "lev_short",
        "am_long": "asset_mgr_long",
        "am_short": "asset_mgr_short",
    },
)

SP500_COT = Layout(
    path="positioning/cftc_sp500_tff_weekly.csv",
    stale_days=14,
    key=("date",),
    numbers={
        "open_interest": "all",
        "lev_long": "lev_long",
        "lev_short": "lev_short",
        "am_long": "am_long",
        "am_short": "am_short",
    },
)

MOST_SHORTED = Layout(
    path="positioning/most_shorted.csv",
    stale_days=400,
    key=("symbol", "since"),
    dates={"since": "from", "until": "to"},
    texts={"symbol": "symbol"},
    optional=frozenset({"until"}),
    dated=False,
)

MARKETS = {"209742": "NQ", "NQ": "NQ", "ES": "ES", "RTY": "RTY", "VX": "VX"}
"""Codes in the file and the future they mean; of two for one future the first is taken."""

COT_COLUMNS = ["open_interest", "lev_long", "lev_short", "am_long", "am_short"]

LAST_PRINT_DAYS = 45
"""Symbols whose last print is older than the newest by more than this have left [days]."""


def short_interest(table: Table, sessions: pd.DatetimeIndex) -> tuple[Table, pd.DataFrame]:
    """Return the prints known by the last session, and the dated table of shares short.

    A file with one print a symbol is a list of latest prints: symbols that left the market
    long before its newest date are dropped, they would pass for an old print of the rest.
    """
    rows = table.rows
    ambiguous = rows["symbol"].isin(guard.AMBIGUOUS_TICKERS).to_numpy()
    table = table.without(ambiguous, "of a ticker that has named two companies dropped")
    table = table.without((table.rows["shares"] < 0.0).to_numpy(), "below zero dropped")
    rows = table.rows.dropna(subset="shares")
    if not rows["symbol"].duplicated().any():
        rows = rows[rows["date"] >= rows["date"].max() - pd.Timedelta(days=LAST_PRINT_DAYS)]
    known = sessions_after(rows["date"], sessions, SHORT_INTEREST_SESSIONS)
    prints = dated(rows, known, ["symbol", "shares"])
    if prints.empty and not rows.empty:
        table = table.but("no print was public by this session")
    return table, prints


def dix(table: Table, sessions: pd.DatetimeIndex) -> tuple[Table, pd.DataFrame]:
    """Return the usable rows and SqueezeMetrics' dated table, known the session after."""
    table = table.on_sessions(sessions)
    wrong = guard.outside(table.rows["dix"].to_numpy(), guard.DIX_RANGE)
    table = table.blanked("dix", wrong, "of DIX outside 0 to 1 dropped")
    table = table.without(table.rows[["dix", "gex"]].isna().all(axis="columns").to_numpy())
    known = sessions_after(table.rows["date"], sessions)
    return table, dated(table.rows, known, ["dix", "gex"])


def put_call(table: Table, sessions: pd.DatetimeIndex) -> tuple[Table, pd.DataFrame]:
    """Return the usable rows and the dated put-call ratios, known the session after."""
    table = table.on_sessions(sessions)
    for name in ("total", "equity", "index"):
        wrong = guard.outside(table.rows[name].to_numpy(), guard.PUT_CALL_RANGE)
        table = table.blanked(name, wrong, f"of the {name} ratio outside 0.1 to 4 dropped")
    nothing = table.rows[["total", "equity", "index"]].isna().all(axis="columns").to_numpy()
    table = table.without(nothing)
    known = sessions_after(table.rows["date"], sessions)
    return table, dated(table.rows, known, ["total", "equity", "index"])


def cot(weekly: Table, sp500: Table, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the dated table of futures positions [contracts], shorts above zero.

    The S&P 500 comes from its own file, which has the longer history; from the common file
    only where that one has nothing at all, for the two count different contracts.
    """
    known_market = weekly.rows["market"].isin(MARKETS)
    common = weekly.rows[known_market].astype({"market": "str"})
    rank = common["market"].map({code: place for place, code in enumerate(MARKETS)})
    common = common.assign(rank=rank, market=common["market"].map(MARKETS))
    common = common.sort_values("rank", kind="stable").drop_duplicates(["date", "market"])
    if not sp500.rows.empty:
        common = common[common["market"] != "ES"]
    rows = pd.concat([sp500.rows.assign(market="ES"), common], ignore_index=True)
    shorts = ["lev_short", "am_short"]
    rows = rows.assign(**rows[shorts].abs()).dropna(subset=COT_COLUMNS)
    rows = rows[rows["date"] >= sessions[0]]
    return dated(rows, cot_known(rows["date"], sessions), ["market", *COT_COLUMNS])


def most_shorted(table: Table) -> pd.DataFrame:
    """Return the basket: symbol, since, until (missing while it lasts)."""
    rows = table.rows.astype({"symbol": "str"})
    return rows[["symbol", "since", "until"]].reset_index(drop=True)
