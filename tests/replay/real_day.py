"""2026-07-29 as the vendors would have told it, and the market folder that the same facts make.

Both come from the folder of real data beside a checkout, at test time; nothing of it is kept.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.sources.universe import desk_symbols, shorted_symbols
from tests.replay.server import Replay
from tests.replay.vendors import (
    cboe_json,
    cftc_route,
    chain_routes,
    cnms,
    dix_route,
    finra_routes,
    history_routes,
    proshares_route,
    ratio_route,
)
from tests.replay.yahoo import yahoo_routes

SESSION = pd.Timestamp("2026-07-29")
FIRST = pd.Timestamp("2021-01-04")
"""Where the vendors' histories begin: the desk asks for six years, this is five and a half."""

EVENING = "2026-07-29T21:30:00+00:00"
MEMBERS = ("AAPL", "MSFT", "NVDA")
"""An index of three: more would be fetched in the same way."""

CBOE_INDICES = ("VIX", "VIX9D", "VIX3M", "VIX6M", "VVIX", "SKEW")


@dataclass(frozen=True)
class RealDay:
    """The facts of the day, as frames in the market folder's columns."""

    folder: Path
    prices: pd.DataFrame
    dix: pd.DataFrame
    weekly: pd.DataFrame
    sp500: pd.DataFrame
    interest: pd.DataFrame
    assets: pd.DataFrame
    shorts: bytes


def read_real_day(folder: Path, symbols: frozenset[str] | None = None) -> RealDay:
    """Read the facts known by the evening; ``symbols`` leaves out the other bars."""
    prices = pd.read_parquet(folder / "prices/funds_and_indices.parquet")
    wanted = set(desk_symbols()) if symbols is None else symbols
    prices = prices[prices["symbol"].isin(wanted)]
    prices = prices[prices["date"].between(FIRST, SESSION)]
    index = prices["symbol"].str.startswith("^")
    # What Yahoo cannot say of a bar is left out on both sides: where a price came from.
    counted = (prices["quality"] == "full") & ~index & (prices["volume"] > 0.0)
    prices = prices.assign(
        volume=prices["volume"].where(counted),
        quality=index.map({True: "no_volume", False: "full"}),
    )
    for name in ("open", "high", "low"):
        prices[name] = prices[name].fillna(prices["close"])
    positions = folder / "positioning"
    weekly = pd.read_csv(positions / "cftc_tff_weekly.csv")
    weekly = weekly[weekly["code"].isin(["ES", "NQ", "RTY", "VX"])]
    interest = pd.read_parquet(positions / "finra_latest_shares.parquet")
    return RealDay(
        folder=folder,
        prices=_in_session_order(prices),
        dix=_until(pd.read_csv(positions / "squeezemetrics_dix_gex.csv")),
        weekly=_until(weekly),
        sp500=_until(pd.read_csv(positions / "cftc_sp500_tff_weekly.csv")),
        interest=interest[interest["ticker"].isin(shorted_symbols())],
        assets=pd.read_csv(positions / "proshares_sso_upro_assets.csv"),
        shorts=short_volume_file(positions),
    )


def _until(rows: pd.DataFrame) -> pd.DataFrame:
    days = pd.to_datetime(rows["date"])
    return rows[(days <= SESSION) & (days >= SESSION - pd.DateOffset(years=6))]


def _in_session_order(prices: pd.DataFrame) -> pd.DataFrame:
    """Keep sessions of the index alone, as a vendor's chart would, and no ticker with two names."""
    sessions = prices["date"][prices["symbol"] == "^GSPC"]
    return prices[prices["date"].isin(sessions)].sort_values(["symbol", "date"])


def short_volume_file(positions: Path) -> bytes:
    """Return the whole market's file of 2025-09-10 in FINRA's own shape."""
    with gzip.open(positions / "finra_cnms_20250910_20250911.csv.gz", "rt") as lines:
        rows = [list(row.values()) for row in csv.DictReader(lines) if row["Date"] == "20250910"]
    return cnms(rows)


def serve_real_day(
    replay: Replay,
    day: RealDay,
    session: pd.Timestamp = SESSION,
    quotes: Mapping[str, Mapping[str, object]] | None = None,
) -> None:
    """Lay a day's answers out, each vendor's in its own shape; without quotes Yahoo has none."""
    yahoo_routes(replay, day.prices, quotes or {})
    closes = {
        name: day.prices[day.prices["symbol"] == f"^{name}"][["date", "close"]]
        for name in CBOE_INDICES
    }
    history_routes(replay, closes)
    date = str(session.date())
    chains = {"_SPX": cboe_json(day.folder, "SPX", date)}
    chain_routes(replay, chains | {"SPY": cboe_json(day.folder, "SPY", date)})
    dix_route(replay, day.dix)
    cftc_route(replay, day.weekly, day.sp500)
    finra_routes(replay, day.shorts, day.interest)
    proshares_route(replay, day.assets)
    ratio_route(replay, pd.DataFrame(columns=["date"]))


def write_reference(day: RealDay, target: Path) -> Path:
    """Write the market folder that the same facts make, by hand and without the archive."""
    (target / "prices").mkdir(parents=True)
    (target / "positioning").mkdir()
    day.prices.to_parquet(target / "prices/funds_and_indices.parquet", index=False)
    own = day.prices[day.prices["symbol"].isin(MEMBERS)]
    own.to_parquet(target / "prices/sp500_members.parquet", index=False)
    day.dix.to_csv(target / "positioning/squeezemetrics_dix_gex.csv", index=False)
    day.weekly.to_csv(target / "positioning/cftc_tff_weekly.csv", index=False)
    day.sp500.to_csv(target / "positioning/cftc_sp500_tff_weekly.csv", index=False)
    day.interest.to_parquet(target / "positioning/finra_latest_shares.parquet", index=False)
    recent = day.assets[pd.to_datetime(day.assets["date"]) >= SESSION - pd.DateOffset(years=6)]
    issuer = recent.rename(columns={"aum": "assets_usd"}).assign(quality="issuer")
    issuer["date"] = pd.to_datetime(issuer["date"])
    issuer.to_parquet(target / "positioning/fund_assets.parquet", index=False)
    shares = pd.DataFrame(
        {
            "ticker": recent["symbol"],
            "snapshot_date": pd.to_datetime(recent["date"]),
            "shares_outstanding": recent["shares_out_000"] * 1000.0,
            "source": "proshares",
        }
    )
    shares.to_parquet(target / "positioning/etf_shares_outstanding_2026.parquet", index=False)
    for symbol in ("SPX", "SPY"):
        place = target / "chains/cboe" / symbol
        place.mkdir(parents=True)
        shutil.copy(day.folder / "chains/cboe" / symbol / f"{SESSION.date()}.csv.gz", place)
    shutil.copy(day.folder / "chains/cboe/underlying.csv", target / "chains/cboe")
    return target


def addresses(url: str) -> dict[str, str]:
    """Return the settings that send every vendor's questions to one address."""
    names = ("YAHOO", "CBOE", "FINRA", "FINRA_API", "CFTC", "SQUEEZEMETRICS", "PROSHARES")
    return {f"UNDERTOW_{name}_URL": url for name in names}
