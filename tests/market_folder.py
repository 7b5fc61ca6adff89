"""A small market folder from plain numbers, and one cut off at a session.

Sixty-three sessions, 2025-03-03 to 2025-05-30, with Good Friday (04-18) and Memorial Day
(05-26) among their days. Every file of the format is there; nothing in it is real.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

FIRST, LAST = "2025-03-03", "2025-05-30"
HOLIDAYS = ("2025-04-18", "2025-05-26")

PRICES = "prices/funds_and_indices.parquet"
MEMBERS = "prices/sp500_members.parquet"
BREADTH = "prices/breadth_sp500.csv"
BROAD_BREADTH = "prices/breadth_sp1500_advdec.csv"
ASSETS = "positioning/fund_assets.parquet"
ISSUER = "positioning/proshares_sso_upro_assets.csv"
SHARES = "positioning/etf_shares_outstanding_2026.parquet"
FLOWS = "positioning/etf_flows_2026q1.csv"
QQQ = "positioning/qqq_assets_flows.csv"
SHORT = "positioning/finra_latest_shares.parquet"
DIX = "positioning/squeezemetrics_dix_gex.csv"
PUT_CALL = "positioning/put_call_ratio.csv"
COT = "positioning/cftc_tff_weekly.csv"
SP500_COT = "positioning/cftc_sp500_tff_weekly.csv"
FUNDS = "positioning/leveraged_funds.csv"
SENSITIVITY = "positioning/leveraged_sensitivity.csv"
SHORTED = "positioning/most_shorted.csv"

OPTIONAL = (
    *(MEMBERS, BREADTH, BROAD_BREADTH, ASSETS, ISSUER, SHARES, FLOWS, QQQ, SHORT, DIX),
    *(PUT_CALL, COT, SP500_COT, FUNDS, SENSITIVITY, SHORTED),
)
WHOLE = (SHORT, FUNDS, SENSITIVITY, SHORTED, "positioning/finra_latest_float.parquet")
"""Reference lists: they stay as they are when a folder is cut off at a session."""

Row = Mapping[str, Any]


def small_sessions() -> pd.DatetimeIndex:
    """Return the sessions of the small folder."""
    weekdays = pd.bdate_range(FIRST, LAST)
    return weekdays[~weekdays.isin(pd.DatetimeIndex(HOLIDAYS))].as_unit("us")


def write_small_folder(path: Path, *, without: Iterable[str] = ()) -> Path:
    """Write every file of the format with small plain numbers, but those named."""
    days = small_sessions()
    for name, rows in {**_price_files(days), **_fund_files(days), **_position_files(days)}.items():
        if name not in set(without):
            write_rows(path, name, rows)
    return path


def write_rows(folder: Path, name: str, rows: Iterable[Row]) -> Path:
    """Write a file of the folder from its rows, as Parquet or CSV by its suffix."""
    return write_frame(folder, name, pd.DataFrame(list(rows)))


def write_frame(folder: Path, name: str, frame: pd.DataFrame) -> Path:
    """Write a file of the folder; days go into Parquet as times, into CSV as text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
        return path
    days = {"date", "snapshot_date"} & set(frame.columns)
    frame.assign(**{day: pd.to_datetime(frame[day]) for day in days}).to_parquet(path, index=False)
    return path


def read_frame(folder: Path, name: str) -> pd.DataFrame:
    """Return a file of the folder as it lies there."""
    path = folder / name
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def add_rows(folder: Path, name: str, *rows: Row) -> None:
    """Append rows to a file of the folder."""
    frame = read_frame(folder, name)
    added = pd.DataFrame(list(rows))
    if name.endswith(".parquet"):
        added = added.assign(date=pd.to_datetime(added["date"]))
    write_frame(folder, name, pd.concat([frame, added], ignore_index=True))


def price_row(symbol: str, date: str, close: float, volume: float | None = None) -> Row:
    """Return a row of the price file: a flat bar of full quality."""
    return {
        **{"date": date, "symbol": symbol, "open": close, "high": close, "low": close},
        **{"close": close, "volume": volume, "quality": "full"},
    }


def cut_folder(source: Path, target: Path, session: pd.Timestamp) -> Path:
    """Copy a folder without the rows dated after the session; reference lists stay whole.

    Chain files named after a later session are left out; the loose ones, which hold their
    session inside, are copied.
    """
    for path in sorted(source.glob("p*/*")):
        name = path.relative_to(source).as_posix()
        frame = None if name in WHOLE else _dated_frame(source, path)
        if frame is None:
            _copy(path, target / name)
        else:
            days = pd.to_datetime(frame[_date_column(frame)]).dt.tz_localize(None)
            write_frame(target, name, frame[days <= session])
    _cut_chains(source, target, str(session.date()))
    return target


def _cut_chains(source: Path, target: Path, session: str) -> None:
    underlying = "chains/cboe/underlying.csv"
    if (source / underlying).is_file():
        frame = read_frame(source, underlying)
        write_frame(target, underlying, frame[frame["session_date"] <= session])
    loose = [*source.glob("chains/quotedata_csv/*"), *source.glob("chains/payloads/*")]
    named = source.glob("chains/cboe/*/*.csv.gz")
    for path in [*loose, *(path for path in named if path.name <= f"{session}.csv.gz")]:
        _copy(path, target / path.relative_to(source))


def _dated_frame(folder: Path, path: Path) -> pd.DataFrame | None:
    """Return a table that has days to cut at, None where a file has none."""
    if path.suffix not in {".csv", ".parquet"}:
        return None
    frame = read_frame(folder, path.relative_to(folder).as_posix())
    return frame if _date_column(frame) in frame else None


def _date_column(frame: pd.DataFrame) -> str:
    return "date" if "date" in frame else "snapshot_date"


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


def _day(stamp: pd.Timestamp) -> str:
    return str(stamp.date())


def _price_files(days: pd.DatetimeIndex) -> dict[str, Sequence[Row]]:
    """Prices that climb in small steps; the VIX and TQQQ begin late."""
    prices = [
        price_row(symbol, _day(day), start + step * i, volume)
        for symbol, start, step, volume, begins in (
            ("SPY", 500.0, 0.5, 1_000_000.0, 0),
            ("TQQQ", 60.0, 0.25, 400_000.0, 20),
            ("^GSPC", 5000.0, 5.0, 7.0, 0),
            ("^VIX", 20.0, 0.125, None, 10),
        )
        for i, day in enumerate(days)
        if i >= begins
    ]
    members = [
        {"date": _day(day), "symbol": symbol, "close": start + i, "volume": 100_000.0 + i}
        for symbol, start in (("AAA", 10.0), ("BBB", 20.0))
        for i, day in enumerate(days[:50])
    ]
    narrow = [{"date": _day(d), "adv": 300, "dec": 190, "n": 500, "up_vol": 1.0} for d in days[:60]]
    broad = [{"date": _day(d), "advancers": 800, "decliners": 690} for d in days]
    return {PRICES: prices, MEMBERS: members, BREADTH: narrow, BROAD_BREADTH: broad}


def _fund_files(days: pd.DatetimeIndex) -> dict[str, Sequence[Row]]:
    assets = [
        {"date": _day(d), "symbol": fund, "assets_usd": usd + i, "quality": "backcast"}
        for fund, usd in (("TQQQ", 2e10), ("UPRO", 4e9))
        for i, d in enumerate(days)
    ]
    issuer = [{"date": _day(d), "symbol": "UPRO", "nav": 1.0, "aum": 5e9} for d in days[:30]]
    shares: list[Row] = [
        {
            **{"ticker": fund, "snapshot_date": _day(d), "source": source},
            "shares_outstanding": count + 50_000.0 * (i // every),
        }
        for fund, source, count, every in (
            ("SPY", "yfinance", 900e6, 10),
            ("SVOL", "scraper:Simplify", 33e6, 1),
        )
        for i, d in enumerate(days)
    ]
    flows = [{"date": _day(d), "ticker": "SPY", "flow_usd": 1e9 + i} for i, d in enumerate(days)]
    qqq = [{"date": _day(d), "symbol": "QQQ", "flow_usd": -1e8 - i} for i, d in enumerate(days)]
    funds = [
        {
            **{"ticker": "TQQQ", "L": 3.0, "underlying_yahoo": "^NDX", "bucket": "NDX"},
            **{"aum_bn": 20.0, "aum_date": "2025-05", "source": "M", "proxy": None},
        },
        {
            **{"ticker": "SOXS", "L": -3.0, "underlying_yahoo": "^SOX", "bucket": "SEMI"},
            **{"aum_bn": 1.0, "aum_date": "2025-05", "source": "M", "proxy": "SMH"},
        },
    ]
    points = [
        {"date": "2011-12-31", "usd_bn_per_1pct_spx": 1.0, "source": "a paper"},
        {"date": "2025-03-31", "usd_bn_per_1pct_spx": 5.0, "source": "a desk"},
    ]
    files: dict[str, Sequence[Row]] = {ASSETS: assets, ISSUER: issuer, SHARES: shares}
    return {**files, FLOWS: flows, QQQ: qqq, FUNDS: funds, SENSITIVITY: points}


def _position_files(days: pd.DatetimeIndex) -> dict[str, Sequence[Row]]:
    short = [
        {"ticker": "GME", "date": "2025-04-15", "current": 50_000_000},
        {"ticker": "AMC", "date": "2025-04-15", "current": 60_000_000},
        {"ticker": "GONE", "date": "2023-01-13", "current": 70},
    ]
    dix = [
        {"date": _day(d), "price": 5000.0, "dix": 0.4 + 0.001 * i, "gex": 1e9 * i}
        for i, d in enumerate(days)
    ]
    ratios = [
        {"date": _day(d), "pcr_total": 0.9, "pcr_equity": 0.6, "pcr_index": 1.2} for d in days
    ]
    tuesdays = pd.date_range("2025-03-04", "2025-05-27", freq="7D")
    weekly = [
        {
            **{"code": code, "date": _day(d), "oi": 1000 + i, "lev_long": 10, "lev_short": 30},
            **{"asset_mgr_long": 50, "asset_mgr_short": 20},
        }
        for code in ("209742", "VX")
        for i, d in enumerate(tuesdays)
    ]
    sp500 = [
        {
            **{"date": _day(d), "all": 2000 + i, "am_long": 900, "am_short": -200},
            **{"lev_long": 100, "lev_short": -400},
        }
        for i, d in enumerate(tuesdays)
    ]
    shorted: list[Row] = [
        {"symbol": "GME", "from": "2010-01-04", "to": None, "source": "press"},
        {"symbol": "AMC", "from": "2013-12-18", "to": "2024-12-31", "source": "press"},
    ]
    files: dict[str, Sequence[Row]] = {SHORT: short, DIX: dix, PUT_CALL: ratios, COT: weekly}
    return {**files, SP500_COT: sp500, SHORTED: shorted}
