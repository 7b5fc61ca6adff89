"""Leveraged funds, what funds hold, how many shares they have, and money in and out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.sources import guard
from analysis.sources.folder.lags import sessions_after
from analysis.sources.folder.panels import spread
from analysis.sources.folder.table import Layout, Table

ASSETS = Layout(
    path="positioning/fund_assets.parquet",
    stale_days=5,
    key=("date", "symbol"),
    texts={"symbol": "symbol", "quality": "quality"},
    numbers={"assets_usd": "assets_usd"},
    optional=frozenset({"quality"}),
)

ISSUER_ASSETS = Layout(
    path="positioning/proshares_sso_upro_assets.csv",
    stale_days=5,
    key=("date", "symbol"),
    texts={"symbol": "symbol"},
    numbers={"assets_usd": "aum"},
)

SHARES = Layout(
    path="positioning/etf_shares_outstanding_2026.parquet",
    stale_days=7,
    key=("date", "symbol"),
    dates={"date": "snapshot_date"},
    texts={"symbol": "ticker", "source": "source"},
    numbers={"shares": "shares_outstanding"},
    optional=frozenset({"source"}),
)

FLOWS = Layout(
    path="positioning/etf_flows_2026q1.csv",
    stale_days=5,
    key=("date", "symbol"),
    texts={"symbol": "ticker"},
    numbers={"flow_usd": "flow_usd"},
)

QQQ_FLOWS = Layout(
    path="positioning/qqq_assets_flows.csv",
    stale_days=5,
    key=("date", "symbol"),
    texts={"symbol": "symbol"},
    numbers={"flow_usd": "flow_usd"},
)

FUNDS = Layout(
    path="positioning/leveraged_funds.csv",
    stale_days=400,
    key=("ticker",),
    dates={"listed": "aum_date"},
    texts={
        "ticker": "ticker",
        "underlying": "underlying_yahoo",
        "bucket": "bucket",
        "proxy": "proxy",
    },
    numbers={"leverage": "L"},
    optional=frozenset({"listed", "proxy"}),
    dated=False,
)

SENSITIVITY = Layout(
    path="positioning/leveraged_sensitivity.csv",
    stale_days=400,
    key=("date",),
    numbers={"usd_bn_per_pct": "usd_bn_per_1pct_spx"},
    dated=False,
)

SLOW_FEEDS = ("yfinance", "info.sharesOutstanding")
"""Feeds that repeat an old count for weeks: only a change is an observation."""

BACKCAST, ISSUER = "backcast", "issuer"

TRUST = {BACKCAST: 0.0, "live": 1.0, ISSUER: 2.0}
"""Whose figure is taken where two are given; another word in the file counts as a backcast."""


def with_assets(table: Table, sessions: pd.DatetimeIndex) -> Table:
    """Return the rows with assets above zero on sessions."""
    table = table.on_sessions(sessions)
    table = table.without((table.rows["assets_usd"] <= 0.0).to_numpy(), "of no assets dropped")
    return table.without(table.rows["assets_usd"].isna().to_numpy())


def asset_panels(
    panel: Table, issuer: Table, sessions: pd.DatetimeIndex
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return net assets [USD] and their quality; an issuer's own figure beats a backcast.

    Returns
    -------
    two of shape (n_sessions, n_funds)
        Quality is ``issuer``, ``live`` or ``backcast``, missing where the assets are.
    """
    ranked = panel.rows.astype({"symbol": "str", "quality": "str"}).fillna({"quality": BACKCAST})
    own = issuer.rows.astype({"symbol": "str"}).assign(quality=ISSUER)
    rows = pd.concat([ranked, own], ignore_index=True)
    rows["rank"] = rows["quality"].map(TRUST).fillna(0.0)
    rows = rows.sort_values("rank", kind="stable").drop_duplicates(["date", "symbol"], keep="last")
    rows["symbol"] = rows["symbol"].astype("category")
    assets, rank = spread(rows, ["assets_usd", "rank"], sessions)
    names = np.array([*TRUST, np.nan], dtype=object)
    held = names[rank.fillna(len(TRUST)).to_numpy(int)]
    return assets, pd.DataFrame(held, index=rank.index, columns=rank.columns, dtype="str")


def share_counts(table: Table, sessions: pd.DatetimeIndex) -> tuple[Table, pd.DataFrame]:
    """Return the usable counts and the dated table of shares outstanding, known a session later.

    A feed that only repeats itself says nothing new: of those the first row of each figure
    stays, with its own date, so that age shows and no difference of zero is invented.
    """
    table = table.without(table.rows["shares"].isna().to_numpy())
    wrong = guard.no_share_counts(table.rows["shares"].to_numpy())
    table = table.without(wrong, "that are no share counts dropped")
    rows = table.rows.astype({"symbol": "str"}).sort_values(["symbol", "date"])
    same = rows["shares"].eq(rows.groupby("symbol")["shares"].shift())
    rows = rows[~(same & rows["source"].isin(SLOW_FEEDS))]
    return table, dated(rows, sessions_after(rows["date"], sessions), ["symbol", "shares"])


def flows(
    broad: Table, qqq: Table, sessions: pd.DatetimeIndex
) -> tuple[Table, Table, pd.DataFrame]:
    """Return both tables and the dated one of fund flows, known the session after.

    Where both files tell of QQQ, its own file is taken: it has the longer history.
    """
    broad, qqq = (
        table.without(table.rows["flow_usd"].isna().to_numpy()).on_sessions(sessions)
        for table in (broad, qqq)
    )
    rows = pd.concat([table.rows.astype({"symbol": "str"}) for table in (qqq, broad)])
    rows = rows.drop_duplicates(["date", "symbol"], keep="first").reset_index(drop=True)
    known = sessions_after(rows["date"], sessions)
    return broad, qqq, dated(rows, known, ["symbol", "flow_usd"])


def dated(rows: pd.DataFrame, known: pd.Series, columns: list[str]) -> pd.DataFrame:
    """Return a dated table: what was out by the last session, in the order it came out."""
    table = rows.assign(known=known)[["date", "known", *columns]]
    texts = [name for name in columns if isinstance(table[name].dtype, pd.CategoricalDtype)]
    table = table.astype(dict.fromkeys(texts, "str"))
    order = ["known", "date", *(name for name in columns if table[name].dtype == "str")]
    return table[table["known"].notna()].sort_values(order, kind="stable", ignore_index=True)


def leveraged_funds(table: Table) -> pd.DataFrame:
    """Return the funds by ticker: leverage [x], underlying, bucket and proxy."""
    rows = table.rows.astype(dict.fromkeys(("ticker", "underlying", "bucket", "proxy"), "str"))
    return rows.set_index("ticker")[["leverage", "underlying", "bucket", "proxy"]]


def sensitivity(table: Table) -> pd.DataFrame:
    """Return the published dollars per 1 % of the index [USD]."""
    rows = table.rows.sort_values("date", ignore_index=True)
    return pd.DataFrame({"date": rows["date"], "usd_per_pct": rows["usd_bn_per_pct"] * 1e9})
