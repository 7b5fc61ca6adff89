"""Yahoo's answers in its own shapes, from rows of prices."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from analysis.sessions import close_utc
from tests.replay.server import Question, Replay, Reply

OPEN_SECONDS = int(pd.Timedelta(hours=13, minutes=30).total_seconds())


COOKIE = Reply(
    status=404,
    content_type="text/html",
    body=b"<html></html>",
    headers={"set-cookie": "A3=d=replay; Path=/; Max-Age=31536000"},
)
"""Yahoo's cookie comes with a page that is not there; so does every other unknown page here."""


def yahoo_routes(
    replay: Replay, prices: pd.DataFrame, quotes: Mapping[str, Mapping[str, object]]
) -> None:
    """Answer charts from ``prices`` (date, symbol, open..volume) and quotes from ``quotes``."""
    by_symbol = {str(symbol): rows for symbol, rows in prices.groupby("symbol", observed=True)}
    last = pd.Timestamp(prices["date"].max())

    def charts(question: Question) -> Reply:
        symbol = question.path.rpartition("/")[2]
        if symbol not in by_symbol:
            return unknown(symbol)
        first, end = (pd.Timestamp(int(question.query[f"period{n}"]), unit="s") for n in (1, 2))
        rows = by_symbol[symbol]
        within = rows[(rows["date"] >= first.normalize()) & (rows["date"] < end.normalize())]
        return chart(symbol, within, traded_at=close_utc(last))

    def quoted(question: Question) -> Reply:
        wanted = question.query["symbols"].split(",")
        found = [{"symbol": name, **quotes[name]} for name in wanted if name in quotes]
        body = {"quoteResponse": {"result": found, "error": None}}
        return Reply(body=json.dumps(body).encode())

    replay.routes["/"] = lambda _: COOKIE
    replay.routes["/v8/finance/chart/"] = charts
    replay.routes["/v7/finance/quote"] = quoted
    replay.routes["/v1/test/getcrumb"] = lambda _: Reply(body=b"crumb", content_type="text/plain")


def unknown(symbol: str) -> Reply:
    """Return what Yahoo says of a symbol it does not know."""
    error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
    return Reply(status=404, body=json.dumps({"chart": {"result": None, "error": error}}).encode())


def chart(symbol: str, rows: pd.DataFrame, traded_at: pd.Timestamp) -> Reply:
    """Return rows as a chart; each bar is stamped at half past nine New York in summer."""
    stamps = [int(day.timestamp()) + OPEN_SECONDS for day in rows["date"]]
    named = {name: _listed(rows[name]) for name in ("open", "high", "low", "close", "volume")}
    adjusted = [{"adjclose": named["close"]}]
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "instrumentType": "INDEX" if symbol.startswith("^") else "EQUITY",
        "firstTradeDate": 0,
        "regularMarketTime": int(traded_at.timestamp()),
        "gmtoffset": -14400,
        "timezone": "EDT",
        "exchangeTimezoneName": "America/New_York",
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "max"],
        "currentTradingPeriod": {
            part: {"timezone": "EDT", "start": 0, "end": 0, "gmtoffset": -14400}
            for part in ("pre", "regular", "post")
        },
    }
    result = {
        "meta": meta,
        "timestamp": stamps,
        "indicators": {"quote": [named], "adjclose": adjusted},
    }
    return Reply(body=json.dumps({"chart": {"result": [result], "error": None}}).encode())


def _listed(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in column]


def option_routes(replay: Replay, chains: Mapping[str, Mapping[str, object]]) -> None:
    """Answer option questions: one expiry at a time, the nearest where none is named.

    ``chains`` holds, by Yahoo's symbol, the ``quote`` of the underlying and ``expiries``, the
    contracts by expiry in seconds.
    """

    def answer(question: Question) -> Reply:
        symbol = question.path.rpartition("/")[2]
        if symbol not in chains:
            return Reply(body=json.dumps({"optionChain": {"result": [], "error": None}}).encode())
        expiries = chains[symbol]["expiries"]
        assert isinstance(expiries, dict)
        wanted = int(question.query.get("date", min(expiries)))
        result = {
            "underlyingSymbol": symbol,
            "expirationDates": sorted(expiries),
            "strikes": [],
            "hasMiniOptions": False,
            "quote": chains[symbol]["quote"],
            "options": [{"expirationDate": wanted, "hasMiniOptions": False, **expiries[wanted]}],
        }
        return Reply(body=json.dumps({"optionChain": {"result": [result], "error": None}}).encode())

    replay.routes["/v7/finance/options/"] = answer


def chain_as_yahoo(symbol: str, cboe: bytes, session: pd.Timestamp) -> Mapping[str, object]:
    """Return Cboe's delayed quotes in Yahoo's shape, without greeks, every expiry by itself."""
    data = json.loads(cboe)["data"]
    expiries: dict[int, dict[str, list[dict[str, object]]]] = {}
    for row in data["options"]:
        code = row["option"][-15:]
        day = int(pd.Timestamp(f"20{code[:6]}", tz="UTC").timestamp())
        side = "calls" if code[6] == "C" else "puts"
        expiries.setdefault(day, {"calls": [], "puts": []})[side].append(
            {
                "contractSymbol": row["option"],
                "strike": int(code[7:]) / 1000.0,
                "currency": "USD",
                "lastPrice": 0.0,
                "volume": int(row["volume"] or 0),
                "openInterest": int(row["open_interest"] or 0),
                "bid": row["bid"],
                "ask": row["ask"],
                "contractSize": "REGULAR",
                "expiration": day,
                "lastTradeDate": 0,
                "impliedVolatility": row["iv"],
                "inTheMoney": False,
            }
        )
    quote = {
        "symbol": symbol,
        "regularMarketPrice": data["close"],
        "regularMarketTime": int(close_utc(session).timestamp()),
    }
    return {"quote": quote, "expiries": expiries}
