"""What Yahoo really sent, of stocks and funds from many countries, parses or is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.options.chain import ChainError, read_chain
from analysis.sources.faults import Fault, VendorError
from analysis.sources.vendor import Raw
from analysis.sources.yahoo_bars import checked_bars
from analysis.sources.yahoo_chains import joined
from analysis.sources.yahoo_client import YahooClient
from analysis.sources.yahoo_shorts import prints
from tests.replay.quick import quick_gate
from tests.replay.recordings import Recording, kept_back, recordings, serve_recording
from tests.replay.server import Replay, Reply, serving
from tests.replay.yahoo import COOKIE

FIRST, LAST = pd.Timestamp("2004-01-02"), pd.Timestamp("2026-07-29")
NOTHING_TO_SAY = (Fault.EMPTY, Fault.NOT_THERE)


@pytest.fixture(scope="module")
def server() -> Iterator[Replay]:
    with serving(Replay()) as replayed:
        replayed.routes["/"] = lambda _: COOKIE
        replayed.routes["/v1/test/getcrumb"] = lambda _: Reply(
            body=b"crumb", content_type="text/plain"
        )
        yield replayed


@pytest.fixture(scope="module")
def client(server: Replay) -> YahooClient:
    return YahooClient(quick_gate(), server.url)


def chart_parses(client: YahooClient, one: Recording) -> None:
    """Every day with a close comes out under its own date, to the last digit."""
    result = (one.body["chart"]["result"] or [{}])[0]
    quote = (result.get("indicators", {}).get("quote") or [{}])[0]
    closes = quote.get("close") or []
    if not [close for close in closes if close is not None] or not result.get("timestamp"):
        with pytest.raises(VendorError) as raised:
            client.bars(one.symbol, FIRST, LAST)
        assert raised.value.fault in (*NOTHING_TO_SAY, Fault.UNREADABLE), one.name
        return
    found = client.bars(one.symbol, FIRST, LAST).bars.dropna(subset="close")
    zone = result["meta"]["exchangeTimezoneName"]
    days = pd.to_datetime(pd.Series(result["timestamp"]), unit="s", utc=True).dt.tz_convert(zone)
    expected = pd.Series(closes, index=days.dt.strftime("%Y-%m-%d")).dropna()
    expected = expected[~expected.index.duplicated(keep="last")]
    ours = found.set_index(found["date"].dt.strftime("%Y-%m-%d"))["close"]
    np.testing.assert_allclose(ours[expected.index].to_numpy(), expected.to_numpy(), rtol=1e-12)


def quote_parses(client: YahooClient, one: Recording) -> None:
    """As many quotes come out as Yahoo sent."""
    found, _ = client.quotes(one.symbol.split(","))
    assert len(found) == len(one.body["quoteResponse"]["result"]), one.name


def summary_parses(client: YahooClient, one: Recording) -> None:
    """Shares short come out where there are any."""
    result = (one.body.get("quoteSummary", {}).get("result") or [{}])[0]
    told = result.get("defaultKeyStatistics")
    if told is None:
        with pytest.raises(VendorError) as raised:
            client.statistics(one.symbol)
        assert raised.value.fault in NOTHING_TO_SAY, one.name
        return
    rows = prints(one.symbol, client.statistics(one.symbol)[0])
    assert len(rows) == (2 if told.get("sharesShort") else 0), one.name


def options_parse(client: YahooClient, one: Recording) -> None:
    """Expiries come out; chains of the night, without open interest, are refused."""
    result = (one.body["optionChain"]["result"] or [{}])[0]
    if not result.get("expirationDates"):
        with pytest.raises(VendorError) as raised:
            client.expiries(one.symbol)
        assert raised.value.fault is Fault.EMPTY, one.name
        return
    assert len(client.expiries(one.symbol)) == len(result["expirationDates"]), one.name
    contracts = [row for day in result["options"] for row in [*day["calls"], *day["puts"]]]
    held = sum((row.get("openInterest") or 0) > 0 for row in contracts)
    content = joined([Raw(name=one.name, content=json.dumps(one.body).encode())])
    if held == 0 or (len(contracts) >= 50 and held < 0.03 * len(contracts)):
        with pytest.raises(ChainError):
            read_chain(content)
        return
    assert 0 < len(read_chain(content)) <= len(contracts), one.name


PARSERS: dict[str, Callable[[YahooClient, Recording], None]] = {
    "chart": chart_parses,
    "quote": quote_parses,
    "quoteSummary": summary_parses,
    "options": options_parse,
}


@pytest.mark.parametrize("kind", PARSERS)
@pytest.mark.parametrize("held_back", [False, True], ids=["looked at", "kept back"])
def test_every_recorded_answer_parses_or_is_refused_by_name(
    kind: str, held_back: bool, market_folder: Path, server: Replay, client: YahooClient
) -> None:
    everything = recordings(market_folder)
    fifth = {one.name for one in kept_back(everything)}
    chosen = [one for one in everything if one.kind == kind and (one.name in fifth) is held_back]

    for one in chosen:
        serve_recording(server, one)
        PARSERS[kind](client, one)

    assert len(chosen) >= 2


numbers = st.one_of(
    st.none(),
    st.floats(min_value=0.01, max_value=1e6),
    st.sampled_from([0.0, -1.0, float("nan")]),
)
zones = st.sampled_from(
    [
        ("America/New_York", -14400, "USD"),
        ("Europe/London", 3600, "GBp"),
        ("Asia/Tokyo", 32400, "JPY"),
        ("UTC", 0, "EUR"),
    ]
)
MIDNIGHTS = [int(day.timestamp()) for day in pd.bdate_range("2026-06-01", "2026-07-29", tz="UTC")]


@st.composite
def charts(draw: st.DrawFn) -> dict[str, Any]:
    """Return a chart as Yahoo might send it: gaps, nulls, missing parts, events, a late bar."""
    stamps = sorted(draw(st.sets(st.sampled_from(MIDNIGHTS), max_size=12)))
    stamps = [stamp + 13 * 3600 + 1800 for stamp in stamps]
    if draw(st.booleans()) and stamps:
        stamps.append(stamps[-1] + draw(st.integers(1, 6 * 3600)))
    column = st.lists(numbers, min_size=len(stamps), max_size=len(stamps))
    quote = {name: draw(column) for name in ("open", "high", "low", "close", "volume")}
    for name in draw(st.sets(st.sampled_from(sorted(quote)), max_size=1)):
        del quote[name]
    zone, offset, currency = draw(zones)
    meta: dict[str, Any] = {
        "currency": currency,
        "symbol": "SPY",
        "instrumentType": draw(st.sampled_from(["ETF", "INDEX", "EQUITY"])),
        "regularMarketTime": stamps[-1] if stamps else 0,
        "gmtoffset": offset,
        "exchangeTimezoneName": zone,
        "timezone": "X",
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "max"],
        "currentTradingPeriod": {
            part: {"timezone": "X", "start": 0, "end": 0, "gmtoffset": offset}
            for part in ("pre", "regular", "post")
        },
    }
    spare = ("currency", "instrumentType", "regularMarketTime", "gmtoffset", "priceHint")
    for name in draw(st.sets(st.sampled_from(spare), max_size=2)):
        del meta[name]
    result: dict[str, Any] = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [quote]}}
    if draw(st.booleans()):
        result["indicators"]["adjclose"] = [{"adjclose": quote.get("close", [])}]
    if draw(st.booleans()) and stamps:
        at = str(stamps[0])
        result["events"] = {
            "dividends": {at: {"amount": 0.5, "date": stamps[0]}},
            "splits": {at: {"date": stamps[0], "numerator": 10, "denominator": 1}},
        }
    if draw(st.integers(0, 9)) == 0:
        del result["timestamp"]
    return {"chart": {"result": [result], "error": None}}


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=charts())
def test_whatever_a_chart_holds_bars_come_out_sound_or_a_named_fault(
    body: dict[str, Any], server: Replay, client: YahooClient
) -> None:
    text = json.dumps(body).replace("NaN", "null").encode()
    server.routes["/v8/"] = lambda _: Reply(body=text)

    try:
        found = client.bars("SPY", FIRST, LAST)
    except VendorError:
        return
    rows, _ = checked_bars("SPY", found, LAST, None)

    assert (rows["close"] > 0.0).all()
    assert rows["date"].is_unique
    assert (rows["date"] <= LAST).all()
    assert (rows["date"].dt.day_of_week < 5).all()
    assert not (rows["volume"] < 0.0).any()
