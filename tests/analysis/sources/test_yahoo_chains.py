"""Where Cboe gives no chain, Yahoo's near and monthly expiries tell the side and no dollars."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import analysis.sources.live
import analysis.sources.yahoo
from analysis.market import Market
from analysis.options.chain import ChainError, read_chain
from analysis.report import build_report
from analysis.sources.vendor import Raw
from analysis.sources.yahoo import Yahoo
from analysis.sources.yahoo_chains import chosen, joined
from templates import render, write_commentary
from tests.replay import faults
from tests.replay.server import Fault, Replay, serving
from tests.replay.small_day import SESSION, SYMBOLS, SmallDesk, serve_small_day, small_desk
from tests.replay.vendors import cboe_json, chain_routes
from tests.replay.yahoo import chain_as_yahoo, option_routes

OPTIONS = "/v7/finance/options/"


@pytest.fixture(autouse=True)
def few_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)


@pytest.fixture
def server() -> Iterator[Replay]:
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        option_routes(
            replayed, {"^SPX": small_chain("SPXW", "^SPX"), "SPY": small_chain("SPY", "SPY")}
        )
        yield replayed


def small_chain(root: str, symbol: str, spot: float = 500.0) -> Mapping[str, object]:
    """Return forty daily expiries of five strikes, each with open interest."""
    expiries: dict[int, dict[str, list[dict[str, object]]]] = {}
    for days in range(40):
        expiry = SESSION + pd.Timedelta(days=days)
        stamp = int(expiry.timestamp())
        expiries[stamp] = {
            side: [
                {
                    "contractSymbol": f"{root}{expiry:%y%m%d}{side[0].upper()}{strike:05d}000",
                    "openInterest": 400 if side == "calls" else 1000,
                    "bid": 0.0,
                    "ask": 0.0,
                    "impliedVolatility": 0.2,
                }
                for strike in (480, 490, 500, 510, 520)
            ]
            for side in ("calls", "puts")
        }
    closed = int(pd.Timestamp("2026-07-29T20:00:00Z").timestamp())
    quote = {"symbol": symbol, "regularMarketPrice": spot, "regularMarketTime": closed}
    return {"quote": quote, "expiries": expiries}


def standing_in(desk: SmallDesk) -> analysis.sources.live.LiveSource:
    source = desk.source()
    (yahoo,) = [one for one in source.vendors if isinstance(one, Yahoo)]
    source.stand_ins = yahoo.stand_ins[:1]
    return source


def with_volume(market: Market) -> Market:
    """Return the market with SPY as the index's one member: a yardstick of volume."""
    return replace(market, member_close=market.close[["SPY"]], member_volume=market.volume[["SPY"]])


def told_of(desk: SmallDesk, feed: str) -> str:
    report = build_report(standing_in(desk).fetch())
    return next((f"{one.status}: {one.note}" for one in report.sources if one.name == feed), "")


def test_without_cboe_the_side_comes_from_yahoo_and_no_dollars(
    server: Replay, tmp_path: Path
) -> None:
    market = standing_in(small_desk(tmp_path, server.url)).fetch()

    report = build_report(with_volume(market))
    gamma = report.reading("dealer_gamma")
    assert gamma.measured
    assert gamma.flow_usd is None
    assert "part of the option chain" in gamma.caveat
    (told,) = [one for one in report.sources if one.name == "Yahoo option chains"]
    assert told.status == "fresh"
    assert "of 40 expiries, in place of Cboe's chain" in told.note
    # Of forty days the next eight and 21 August, each of two underlyings; and once its list.
    assert server.asked(OPTIONS) == 2 * (1 + 8 + 1)
    note = " ".join(render(write_commentary(report), "text").split())
    assert "Yahoo option chains" in note
    assert "Cboe option chains" in note


def test_a_chain_that_cboe_gave_is_not_asked_of_yahoo(server: Replay, tmp_path: Path) -> None:
    data = small_cboe()
    chain_routes(
        server, {"_SPX": data, "SPY": data.replace(b"SPXW", b"SPY").replace(b'"SPX"', b'"SPY"')}
    )

    assert told_of(small_desk(tmp_path, server.url), "Yahoo option chains") == ""
    assert server.asked(OPTIONS) == 0


def small_cboe() -> bytes:
    """Return the small chain as Cboe would tell it."""
    chain = small_chain("SPXW", "^SPX")
    expiries = chain["expiries"]
    assert isinstance(expiries, dict)
    rows = [
        {
            "option": row["contractSymbol"],
            "open_interest": row["openInterest"],
            "iv": row["impliedVolatility"],
            "volume": 10,
        }
        for sides in expiries.values()
        for side in sides.values()
        for row in side
    ]
    data = {
        "symbol": "SPX",
        "options": rows,
        "close": 500.0,
        "current_price": 500.0,
        "last_trade_time": "2026-07-29T16:00:00",
    }
    return json.dumps({"timestamp": "2026-07-29 20:30:00", "data": data}).encode()


def test_a_whole_chain_that_comes_later_goes_before_the_part(
    server: Replay, tmp_path: Path
) -> None:
    desk = small_desk(tmp_path, server.url)
    standing_in(desk).fetch()
    data = small_cboe()
    chain_routes(
        server, {"_SPX": data, "SPY": data.replace(b"SPXW", b"SPY").replace(b'"SPX"', b'"SPY"')}
    )

    later = desk.source(known_at="2026-07-29T23:30:00Z").fetch()

    tonight = later.gamma[later.gamma["date"] == SESSION]
    assert tonight["expiries_share"].tolist() == [1.0, 1.0]
    counted = {
        item.key for item in build_report(with_volume(later)).reading("dealer_gamma").evidence
    }
    assert "hedge_naive_usd" in counted


def test_it_is_not_asked_where_there_is_no_network(tmp_path: Path) -> None:
    source = standing_in(small_desk(tmp_path, "http://nowhere.invalid"))

    with pytest.raises(analysis.sources.live.NoAnswerError):
        source.fetch()

    assert source.archive.index.refusals("2026-07-29") == []


CHAIN_FAULTS: dict[str, tuple[Fault, str]] = {
    "429": (faults.status(429), "asks to slow down (HTTP 429)"),
    "401": (faults.status(401, b'{"finance": {"error": "crumb"}}'), "denies access (HTTP 401)"),
    "500": (faults.status(500), "in trouble (HTTP 500)"),
    "a web page": (faults.body(faults.PAGE), "a web page instead of JSON"),
    "cut JSON": (faults.body(lambda whole: whole[:300]), "JSON is cut"),
    "empty chain": (
        faults.body(b'{"optionChain": {"result": [], "error": null}}'),
        "the option chain is empty",
    ),
    "no options listed": (
        faults.body(b'{"optionChain": {"result": [{"expirationDates": [], "options": []}]}}'),
        "no options are listed",
    ),
    "at night": (
        faults.body(lambda whole: whole.replace(b": 1000,", b": 0,").replace(b": 400,", b": 0,")),
        "no open interest at all",
    ),
    "of another day": (
        faults.body(lambda whole: whole.replace(b"1785355200", b"1785268800")),
        "is of 2026-07-28",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAIN_FAULTS)
def test_what_yfinance_makes_an_empty_tuple_of_is_named(
    name: str, server: Replay, tmp_path: Path
) -> None:
    fault, words = CHAIN_FAULTS[name]
    server.faults[OPTIONS] = fault

    told = told_of(small_desk(tmp_path, server.url), "Yahoo option chains")

    assert told.startswith("missing")
    assert words in told


def test_the_next_ones_the_monthly_ones_and_quarter_ends_are_chosen() -> None:
    days = [dt.date(2026, 7, 29) + dt.timedelta(days=n) for n in range(400)]

    found = chosen(days, dt.date(2026, 7, 29))

    assert found[:8] == days[1:9]
    assert dt.date(2026, 8, 21) in found
    assert dt.date(2027, 1, 15) in found
    assert dt.date(2026, 9, 28) in found
    assert dt.date(2026, 7, 29) not in found
    assert len(found) == 17


def test_answers_of_two_underlyings_are_no_chain() -> None:
    one, other = (
        Raw(
            name=symbol,
            content=json.dumps(
                {"optionChain": {"result": [{"underlyingSymbol": symbol, "expirationDates": [1]}]}}
            ).encode(),
        )
        for symbol in ("SPY", "QQQ")
    )

    with pytest.raises(ChainError, match="were joined"):
        read_chain(joined([one, other]))


@pytest.mark.slow
def test_on_a_real_evening_the_part_has_the_side_of_the_whole(
    market_folder: Path, tmp_path: Path, server: Replay
) -> None:
    session = pd.Timestamp("2026-07-29")
    told = {
        theirs: chain_as_yahoo(theirs, cboe_json(market_folder, ours, "2026-07-29"), session)
        for theirs, ours in (("^SPX", "SPX"), ("SPY", "SPY"))
    }
    option_routes(server, told)
    part = standing_in(small_desk(tmp_path, server.url)).fetch().gamma
    (tmp_path / "other").mkdir()
    whole_desk = small_desk(tmp_path / "other", server.url)
    chain_routes(
        server,
        {
            "_SPX": cboe_json(market_folder, "SPX", "2026-07-29"),
            "SPY": cboe_json(market_folder, "SPY", "2026-07-29"),
        },
    )
    whole = whole_desk.source().fetch().gamma

    for symbol in ("SPX", "SPY"):
        ours, theirs = (frame[frame["symbol"] == symbol].iloc[-1] for frame in (part, whole))
        assert ours["naive_usd_per_pct"] * theirs["naive_usd_per_pct"] > 0.0
        assert 0.6 < ours["all_short_usd_per_pct"] / theirs["all_short_usd_per_pct"] < 1.0
        assert ours["expiries_share"] < 0.6
