"""Answers of Cboe, FINRA, the CFTC, SqueezeMetrics and ProShares in their own shapes."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Hashable, Mapping, Sequence
from io import StringIO
from pathlib import Path

import pandas as pd

from analysis.sources.cftc import ALL_SP500, CODES
from tests.replay.server import Question, Replay, Reply

CSV = "text/csv"
HISTORIES = "/api/global/us_indices/daily_prices/"
CHAINS = "/api/global/delayed_quotes/options/"
RATIOS = "/data/us/options/market_statistics/daily/"
NUMBERS = ("bid", "ask", "iv", "open_interest", "volume", "delta", "gamma")


def table(rows: pd.DataFrame) -> bytes:
    """Return rows as CSV."""
    return rows.to_csv(index=False).encode()


def dix_route(replay: Replay, rows: pd.DataFrame) -> None:
    """Serve DIX.csv."""
    content = table(rows[["date", "price", "dix", "gex"]])
    replay.routes["/monitor/static/DIX.csv"] = lambda _: Reply(body=content, content_type=CSV)


def history_routes(replay: Replay, closes: Mapping[str, pd.DataFrame]) -> None:
    """Serve the volatility indices' files: VIX with a whole bar, the others with a close."""
    files = {}
    for name, rows in closes.items():
        days = pd.to_datetime(rows["date"]).dt.strftime("%m/%d/%Y")
        columns = {"DATE": days}
        if name == "VIX":
            columns |= dict.fromkeys(("OPEN", "HIGH", "LOW"), rows["close"])
        columns["CLOSE" if name == "VIX" else name] = rows["close"]
        files[f"{HISTORIES}{name}_History.csv"] = table(pd.DataFrame(columns))
    replay.routes[HISTORIES] = lambda question: (
        Reply(body=files[question.path], content_type=CSV)
        if question.path in files
        else Reply(status=403, content_type="application/xml", body=b"<Error/>")
    )


def chain_routes(replay: Replay, chains: Mapping[str, bytes]) -> None:
    """Serve chains by Cboe's symbol; anything else is denied, as the host does."""
    replay.routes[CHAINS] = lambda question: (
        Reply(body=chains[name])
        if (name := question.path.removeprefix(CHAINS).removesuffix(".json")) in chains
        else Reply(status=403, content_type="application/xml", body=b"<Error/>")
    )


def cboe_json(folder: Path, symbol: str, session: str) -> bytes:
    """Return a tidy table of a market folder as Cboe's delayed-quotes JSON."""
    with gzip.open(folder / "chains/cboe" / symbol / f"{session}.csv.gz", "rt") as lines:
        options = [
            {
                "option": row["option"],
                **{name: _number(row[name]) for name in NUMBERS},
                "last_trade_time": row["last_trade_time"] or None,
            }
            for row in csv.DictReader(lines)
        ]
    underlying = _underlying(folder, symbol, session)
    prices = {
        name: _number(underlying[name]) for name in ("current_price", "close", "prev_day_close")
    }
    data = {
        "symbol": underlying["ticker"],
        "options": options,
        **prices,
        "last_trade_time": underlying["last_trade_time"],
    }
    fetched = underlying["fetched_at_utc"].replace("T", " ").removesuffix("Z")
    return json.dumps({"timestamp": fetched, "symbol": symbol, "data": data}).encode()


def _underlying(folder: Path, symbol: str, session: str) -> dict[str, str]:
    with (folder / "chains/cboe/underlying.csv").open(newline="") as lines:
        return next(
            row
            for row in csv.DictReader(lines)
            if row["ticker"].lstrip("_") == symbol and row["session_date"] == session
        )


def _number(text: str) -> float | None:
    return float(text) if text else None


def ratio_route(replay: Replay, rows: pd.DataFrame) -> None:
    """Serve each day's put/call statistics."""
    by_day = {str(row["date"])[:10]: row for row in rows.to_dict("records")}

    def answer(question: Question) -> Reply:
        day = question.path.removeprefix(RATIOS).removesuffix("_daily_options")
        if day not in by_day:
            return Reply(status=403, content_type="application/xml", body=b"<Error/>")
        names = {"TOTAL": "pcr_total", "INDEX": "pcr_index", "EQUITY": "pcr_equity"}
        ratios = [
            {"name": f"{name} PUT/CALL RATIO", "value": str(by_day[day][column])}
            for name, column in names.items()
        ]
        return Reply(body=json.dumps({"ratios": ratios}).encode())

    replay.routes[RATIOS] = answer


def cftc_route(replay: Replay, weekly: pd.DataFrame, sp500: pd.DataFrame) -> None:
    """Serve futures positions in the open-data service's fields, newest first."""
    theirs = {own: code for code, own in CODES.items()}
    common = weekly[weekly["code"].isin(theirs)]
    records = [_cftc_record(theirs[row["code"]], row) for row in common.to_dict("records")]
    names = {"all": "oi", "am_long": "asset_mgr_long", "am_short": "asset_mgr_short"}
    whole = sp500.rename(columns=names).to_dict("records")
    records += [_cftc_record(ALL_SP500, row) for row in whole]
    records.sort(key=lambda record: record["report_date_as_yyyy_mm_dd"], reverse=True)

    def answer(question: Question) -> Reply:
        since = question.query["$where"].rpartition(">= '")[2].rstrip("'")
        fresh = [one for one in records if one["report_date_as_yyyy_mm_dd"] >= since]
        return Reply(body=json.dumps(fresh[: int(question.query["$limit"])]).encode())

    replay.routes["/resource/gpe5-46if.json"] = answer


def _cftc_record(code: str, row: Mapping[Hashable, object]) -> dict[str, str]:
    """Return one report; the service writes every figure as text and shorts above zero."""
    fields = {
        "open_interest_all": "oi",
        "dealer_positions_long_all": "dealer_long",
        "dealer_positions_short_all": "dealer_short",
        "asset_mgr_positions_long": "asset_mgr_long",
        "asset_mgr_positions_short": "asset_mgr_short",
        "lev_money_positions_long": "lev_long",
        "lev_money_positions_short": "lev_short",
    }
    figures = {
        theirs: str(abs(int(float(str(row.get(own) or 0))))) for theirs, own in fields.items()
    }
    day = f"{str(row['date'])[:10]}T00:00:00.000"
    return {"report_date_as_yyyy_mm_dd": day, "cftc_contract_market_code": code, **figures}


def finra_routes(replay: Replay, volume: bytes, interest: pd.DataFrame) -> None:
    """Serve one short-volume file whatever day is asked for, and short interest by symbol."""
    replay.routes["/equity/regsho/daily/"] = lambda _: Reply(body=volume, content_type="text/plain")

    def answer(question: Question) -> Reply:
        wanted = json.loads(question.body)
        symbols = wanted["domainFilters"][0]["values"]
        since = wanted["compareFilters"][0]["fieldValue"]
        rows = interest[interest["ticker"].isin(symbols)]
        rows = rows[rows["date"].astype("str") >= since]
        records = [
            {
                "symbolCode": row["ticker"],
                "settlementDate": str(row["date"])[:10],
                "currentShortPositionQuantity": int(row["current"]),
            }
            for row in rows.to_dict("records")
        ]
        return Reply(body=json.dumps(records).encode())

    replay.routes["/data/group/otcMarket/name/consolidatedShortInterest"] = answer


def cnms(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows (date, symbol, short, exempt, total, market) as FINRA's daily file."""
    text = StringIO(newline="")
    text.write("Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\r\n")
    for row in rows:
        text.write("|".join(row) + "\r\n")
    text.write(f"{len(rows)}\r\n")
    return text.getvalue().encode()


def proshares_route(replay: Replay, assets: pd.DataFrame) -> None:
    """Serve each fund's file, newest row first, days as ProShares writes them."""
    files = {}
    for fund, rows in assets.groupby("symbol"):
        newest_first = rows.sort_values("date", ascending=False)
        frame = pd.DataFrame(
            {
                "Date": pd.to_datetime(newest_first["date"]).dt.strftime("%m/%d/%Y"),
                "ProShares Name": f"ProShares {fund}",
                "Ticker": fund,
                "NAV": newest_first["nav"],
                "Shares Outstanding (000)": newest_first["shares_out_000"],
                "Assets Under Management": newest_first["aum"],
            }
        )
        files[f"/etfdata/ByFund/{fund}-historical_nav.csv"] = table(frame)
    replay.routes["/etfdata/ByFund/"] = lambda question: (
        Reply(body=files[question.path], content_type=CSV)
        if question.path in files
        else Reply(status=404, content_type="text/html", body=b"<html/>")
    )
