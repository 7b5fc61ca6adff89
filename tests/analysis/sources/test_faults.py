"""Every way an answer can go wrong ends in right data or in a named fault that a reader sees."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import analysis.sources.yahoo
from analysis.report import FlowReport, build_report
from analysis.sources.http import Http
from analysis.sources.live import NoAnswerError
from analysis.sources.squeezemetrics import SqueezeMetrics
from analysis.sources.vendor import Raw
from analysis.sources.yahoo_bars import Bars, checked_bars
from templates import render, write_commentary
from tests.replay import faults
from tests.replay.quick import quick_gate
from tests.replay.server import Fault, Replay, serving
from tests.replay.small_day import SESSION, SYMBOLS, serve_small_day, small_desk, small_prices
from tests.replay.vendors import history_routes

DIX = "/monitor/static/DIX.csv"
CHARTS = "/v8/finance/chart/"
SPY = f"{CHARTS}SPY"


@pytest.fixture(autouse=True)
def few_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)


@pytest.fixture
def server() -> Iterator[Replay]:
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        yield replayed


def report_of(server: Replay, place: Path) -> FlowReport:
    return build_report(small_desk(place, server.url).source().fetch())


def told_of(report: FlowReport, feed: str) -> str:
    """Return status and words of one feed in the report's sources."""
    (found,) = [source for source in report.sources if source.name == feed]
    return f"{found.status}: {found.note}"


def listed_in(report: FlowReport, *beginnings: str) -> str:
    """Return what the note lists after the words that begin a line, in its plain text."""
    note = " ".join(render(write_commentary(report), "text").split())
    told = [note.partition(f"- {words}: ")[2].partition(".")[0] for words in beginnings]
    return "; ".join(told)


DOUBTS = ("With gaps or doubts", "In part, or in doubt")

TABLE_FAULTS: dict[str, tuple[Fault, str]] = {
    "time-out": (faults.silence, "did not answer in time"),
    "slow drip": (faults.slow_drip, "took over 1 s"),
    "reset": (faults.reset, "broke off"),
    "redirect in a circle": (faults.status(301, location=DIX), "redirects in a circle"),
    "redirect to another host": (
        faults.status(301, location="http://example.org/DIX.csv"),
        "points to example.org instead",
    ),
    "304 for what we never had": (faults.status(304), "HTTP 304"),
    "401": (faults.status(401), "denies access (HTTP 401)"),
    "403": (faults.status(403), "denies access (HTTP 403)"),
    "404": (faults.status(404), "no such file (HTTP 404)"),
    "429": (faults.status(429), "asks to slow down (HTTP 429)"),
    "429 for an hour": (faults.status(429, retry_after="3600"), "asks to slow down (HTTP 429)"),
    "500": (faults.status(500), "in trouble (HTTP 500)"),
    "503": (faults.status(503), "in trouble (HTTP 503)"),
    "a web page": (faults.body(faults.PAGE), "a web page instead of TABLE"),
    "cut body": (faults.cut, "broke off"),
    "cut last line": (faults.body(lambda whole: whole[:-5]), "last line is cut"),
    "wrong gzip": (faults.headers(content_encoding="gzip"), "compression is damaged"),
    "empty body": (faults.body(b""), "empty answer"),
    "fifty million bytes": (faults.endless, "more than 24 MB"),
    "a picture": (faults.body(lambda whole: whole, "image/png"), "sent image/png"),
    "an answer that never ends": (faults.never_ending, "took over 1 s"),
    "a small file that unpacks to a giant": (faults.bomb, "more than 24 MB"),
    "another alphabet": (
        faults.body(lambda whole: whole.replace(b"5000.0", b"\xe9000.0", 1)),
        "the file is no table",
    ),
    "two rows of a day that differ": (
        faults.body(lambda whole: whole + whole.splitlines()[-1].replace(b"0.45", b"0.55") + b"\n"),
        "two rows of 2026-07-29 contradict each other",
    ),
    "days that cannot be": (
        faults.body(lambda whole: whole.replace(b"2026-07-2", b"2026-17-2")),
        "a shape nobody foresaw",
    ),
    "another table": (faults.body(b"a,b\n1,2\n"), "no column 'date'"),
    "no rows": (faults.body(b"date,price,dix,gex\n"), "a header and no rows"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLE_FAULTS)
def test_a_files_fault_is_named_in_the_sources_and_in_the_note(
    name: str, server: Replay, tmp_path: Path
) -> None:
    fault, words = TABLE_FAULTS[name]
    server.faults[DIX] = fault

    report = report_of(server, tmp_path)

    told = told_of(report, "SqueezeMetrics DIX")
    assert told.startswith("missing")
    assert words in told
    assert "SqueezeMetrics DIX" in listed_in(report, "Not there")


CHART_FAULTS: dict[str, tuple[Fault, str]] = {
    "time-out": (faults.silence, "no whole answer in time"),
    "slow drip": (faults.slow_drip, "no whole answer in time"),
    "reset": (faults.reset, "broke off"),
    "301": (faults.status(301, location="/elsewhere"), "no such file"),
    "304": (faults.status(304), "HTTP 304"),
    "401": (faults.status(401, b'{"finance": {"error": "crumb"}}'), "denies access (HTTP 401)"),
    "403": (faults.status(403), "denies access (HTTP 403)"),
    "404": (faults.status(404), "no such file (HTTP 404)"),
    "429": (faults.status(429), "asks to slow down (HTTP 429)"),
    "429 for an hour": (faults.status(429, retry_after="3600"), "asks to slow down (HTTP 429)"),
    "500": (faults.status(500), "in trouble (HTTP 500)"),
    "503": (faults.status(503), "in trouble (HTTP 503)"),
    "a web page": (faults.body(faults.PAGE), "a web page instead of JSON"),
    "cut body": (faults.cut, "broke off"),
    "cut JSON": (faults.body(lambda whole: whole[:300]), "JSON is cut"),
    "wrong gzip": (faults.headers(content_encoding="gzip"), "compression is damaged"),
    "empty body": (faults.body(b""), "empty answer"),
    "empty chart": (faults.body(b'{"chart": {"result": [], "error": null}}'), "chart is empty"),
    "fifty million bytes": (faults.endless, "larger than it can be"),
    "a picture": (faults.body(lambda whole: whole, "image/png"), "sent image/png"),
    "an answer that never ends": (faults.never_ending, "no whole answer in time"),
    "NaN for a price": (
        faults.body(lambda whole: whole.replace(b'"close": [', b'"close": [NaN, ', 1)),
        "JSON is cut or damaged",
    ),
    "another alphabet": (
        faults.body(lambda whole: whole.decode().encode("utf-16")),
        "sent what is no JSON",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHART_FAULTS)
def test_what_yfinance_would_swallow_is_named_in_the_sources(
    name: str, server: Replay, tmp_path: Path
) -> None:
    fault, words = CHART_FAULTS[name]
    server.faults[f"{CHARTS}IWM"] = fault

    report = report_of(server, tmp_path)

    told = told_of(report, "Yahoo prices")
    assert "IWM" in told
    assert words in told
    assert "Yahoo prices" in listed_in(report, *DOUBTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHART_FAULTS)
def test_without_the_index_one_sentence_names_the_source_and_offers_the_demo(
    name: str, server: Replay, tmp_path: Path
) -> None:
    fault, words = CHART_FAULTS[name]
    server.faults[CHARTS] = fault

    with pytest.raises(NoAnswerError) as raised:
        report_of(server, tmp_path)

    assert raised.value.exit_code == 3
    assert "yahoo failed" in str(raised.value)
    assert words in str(raised.value)
    assert "--demo" in str(raised.value)
    assert "\n" not in str(raised.value)


def refused_address() -> str:
    """Return the address of a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (refused_address, "the connection was refused"),
        (lambda: "http://nowhere.invalid", "the host's name cannot be found"),
    ],
    ids=["refused", "no such host"],
)
def test_no_connection_is_named_at_once(
    address: Callable[[], str], words: str, tmp_path: Path
) -> None:
    source = small_desk(tmp_path, address()).source()

    with pytest.raises(NoAnswerError, match=words):
        source.fetch()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (refused_address, "the connection was refused"),
        (lambda: "http://nowhere.invalid", "the host's name cannot be found"),
    ],
    ids=["refused", "no such host"],
)
def test_one_vendor_out_of_reach_is_named_in_the_sources_and_in_the_note(
    address: Callable[[], str], words: str, server: Replay, tmp_path: Path
) -> None:
    source = small_desk(tmp_path, server.url).source()
    away = SqueezeMetrics(Http(quick_gate(), tmp_path / "away"), address())
    source.vendors = [one for one in source.vendors if one.name != away.name] + [away]

    report = build_report(source.fetch())

    assert words in told_of(report, "SqueezeMetrics DIX")
    assert "SqueezeMetrics DIX" in listed_in(report, "Not there")


def closes_of(prices: pd.DataFrame, symbol: str) -> pd.DataFrame:
    return prices[prices["symbol"] == symbol][["date", "close"]]


def test_two_closes_of_the_vix_that_differ_are_shown_and_yahoos_is_used(
    server: Replay, tmp_path: Path
) -> None:
    theirs = closes_of(small_prices(), "^VIX")
    last = theirs["date"] == SESSION
    history_routes(
        server, {"VIX": theirs.assign(close=theirs["close"].mask(last, theirs["close"] + 1.5))}
    )

    market = small_desk(tmp_path, server.url).source().fetch()

    report = build_report(market)
    ours = small_prices().query("symbol == '^VIX'")["close"].iloc[-1]
    assert market.close["^VIX"].iloc[-1] == pytest.approx(ours)
    assert "Yahoo's is used" in told_of(report, "Cboe volatility indices")
    assert "Cboe volatility indices" in listed_in(report, *DOUBTS)


def test_an_index_and_its_fund_that_part_are_shown(server: Replay, tmp_path: Path) -> None:
    serve_small_day(
        server, spoilt(lambda bars: set_last("close", bars["close"].iloc[-1] * 1.03)(bars), "SPY")
    )

    report = report_of(server, tmp_path)

    assert "the index is used" in told_of(report, "Yahoo prices")
    assert "Yahoo prices" in listed_in(report, *DOUBTS)


def test_a_session_that_yahoo_dropped_is_filled_from_cboe(server: Replay, tmp_path: Path) -> None:
    theirs = closes_of(small_prices(), "^VIX")
    history_routes(server, {"VIX": theirs})
    serve_small_day(server, spoilt(lambda bars: bars.iloc[:-1], "^VIX"))

    market = small_desk(tmp_path, server.url).source().fetch()

    assert market.close["^VIX"].iloc[-1] == pytest.approx(theirs["close"].iloc[-1])
    assert "no bar of 2026-07-29" in told_of(build_report(market), "Yahoo prices")


PASSING: dict[str, Fault] = {
    "a reset": faults.reset,
    "a cut body": faults.cut,
    "a 500": faults.status(500),
    "a 429 for a moment": faults.status(429, retry_after="0.01"),
    "silence": faults.silence,
}


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("path", [DIX, SPY], ids=["file", "chart"])
def test_a_fault_that_passes_costs_another_try_and_nothing_else(
    name: str, path: str, server: Replay, tmp_path: Path
) -> None:
    server.faults[path] = faults.once(PASSING[name])

    report = report_of(server, tmp_path)

    assert told_of(report, "SqueezeMetrics DIX") == "fresh: "
    assert told_of(report, "Yahoo prices") == "fresh: "


def test_a_moved_file_is_followed_on_its_own_host(server: Replay, tmp_path: Path) -> None:
    server.routes["/new/DIX.csv"] = server.routes[DIX]
    server.faults[DIX] = faults.status(301, location="/new/DIX.csv")

    assert told_of(report_of(server, tmp_path), "SqueezeMetrics DIX") == "fresh: "


def test_a_gzipped_answer_is_unpacked(server: Replay, tmp_path: Path) -> None:
    server.faults[DIX] = faults.gzipped

    assert told_of(report_of(server, tmp_path), "SqueezeMetrics DIX") == "fresh: "


def test_a_refused_crumb_costs_a_fresh_one_and_nothing_else(server: Replay, tmp_path: Path) -> None:
    refusal = b'{"finance": {"result": null, "error": {"code": "Unauthorized"}}}'
    server.faults[SPY] = faults.once(faults.status(401, refusal))

    assert told_of(report_of(server, tmp_path), "Yahoo prices") == "fresh: "


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole + b"2031-01-02,5000,0.4,1e9\n",
        lambda whole: whole + whole.splitlines()[-1] + b"\n",
        lambda whole: b"\n".join([whole.splitlines()[0], *whole.splitlines()[:0:-1], b""]),
        lambda whole: b"\xef\xbb\xbf" + whole,
    ],
    ids=["a row of years to come", "a row said twice", "newest row first", "a mark before it"],
)
def test_a_file_with_a_harmless_oddity_reads_as_it_should(
    change: Callable[[bytes], bytes], server: Replay, tmp_path: Path
) -> None:
    server.faults[DIX] = faults.body(change)

    market = small_desk(tmp_path, server.url).source().fetch()

    assert told_of(build_report(market), "SqueezeMetrics DIX") == "fresh: "
    # A row is known the session after its own, so the last of four hundred is not known yet.
    assert market.dix["date"].max() == pd.Timestamp("2026-07-28")
    assert len(market.dix) == 399


def test_words_in_the_place_of_figures_are_named(server: Replay, tmp_path: Path) -> None:
    server.faults[DIX] = faults.body(lambda whole: whole.replace(b"0.45", b"n/a?"))

    told = told_of(report_of(server, tmp_path), "SqueezeMetrics DIX")

    assert "400 rows whose DIX is no share" in told


def test_a_clock_a_day_ahead_makes_no_note_of_a_day_that_was_not(
    server: Replay, tmp_path: Path
) -> None:
    tomorrow = pd.Timestamp("2026-07-30")
    source = small_desk(tmp_path, server.url).source(
        known_at="2026-07-30T21:30:00Z", session=tomorrow
    )

    with pytest.raises(NoAnswerError, match="no prices of 2026-07-30"):
        source.fetch()


def test_a_clock_a_day_behind_tells_the_day_before_and_nothing_later(
    server: Replay, tmp_path: Path
) -> None:
    yesterday = pd.Timestamp("2026-07-28")
    source = small_desk(tmp_path, server.url).source(
        known_at="2026-07-28T21:30:00Z", session=yesterday
    )

    market = source.fetch()

    assert market.sessions[-1] == yesterday
    last = small_prices().query("symbol == '^GSPC' and date == @yesterday")["close"].iloc[0]
    assert market.close["^GSPC"].iloc[-1] == pytest.approx(last)


def spoilt(change: Callable[[pd.DataFrame], pd.DataFrame], symbol: str) -> pd.DataFrame:
    """Return the small prices with one symbol's bars changed."""
    prices = small_prices()
    own = prices["symbol"] == symbol
    return pd.concat([prices[~own], change(prices[own].copy())], ignore_index=True)


def set_last(name: str, value: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(bars: pd.DataFrame) -> pd.DataFrame:
        last = bars["date"] == bars["date"].max()
        return bars.assign(**{name: bars[name].mask(last, value)})

    return change


def repeat_last(bars: pd.DataFrame) -> pd.DataFrame:
    figures = ["open", "high", "low", "close"]
    last = bars["date"] == bars["date"].max()
    return bars.assign(**{name: bars[name].mask(last, bars[name].shift(1)) for name in figures})


def split_unadjusted(bars: pd.DataFrame) -> pd.DataFrame:
    figures = ["open", "high", "low", "close"]
    last = bars["date"] == bars["date"].max()
    return bars.assign(**{name: bars[name].mask(last, bars[name] / 10.0) for name in figures})


def add_holiday(bars: pd.DataFrame) -> pd.DataFrame:
    """Put a bar on the day that Independence Day was kept, when nobody traded."""
    holiday = bars.iloc[[-3]].assign(date=pd.Timestamp("2026-07-03"))
    return pd.concat([bars, holiday]).sort_values("date")


DATA_FAULTS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "stale date": (lambda bars: bars.iloc[:-1], "no bar of 2026-07-29"),
    "repeated session": (repeat_last, "repeating the one before"),
    "NaN price": (set_last("close", float("nan")), "no bar of 2026-07-29"),
    "a holiday's bar": (add_holiday, "on days without a session"),
    "negative volume": (set_last("volume", -5.0), "negative volumes"),
    "10:1 split": (split_unadjusted, "jump like an unadjusted split"),
}


@pytest.mark.parametrize("name", DATA_FAULTS)
def test_bars_that_cannot_be_are_left_out_and_named(name: str, tmp_path: Path) -> None:
    change, words = DATA_FAULTS[name]
    with serving(Replay()) as server:
        serve_small_day(server, spoilt(change, "SPY"))

        market = small_desk(tmp_path, server.url).source().fetch()

    report = build_report(market)
    told = told_of(report, "Yahoo prices")
    assert words in told
    assert "SPY" in told
    assert "Yahoo prices" in listed_in(report, *DOUBTS)
    if name == "a holiday's bar":
        assert pd.Timestamp("2026-07-03") not in market.close.index
        return
    panel = market.volume if name == "negative volume" else market.close
    assert panel["SPY"].isna()[SESSION]


@pytest.mark.parametrize(
    "name", [one for one in DATA_FAULTS if one not in ("negative volume", "a holiday's bar")]
)
def test_an_index_without_its_bar_makes_no_note(name: str, tmp_path: Path) -> None:
    change, _ = DATA_FAULTS[name]
    with serving(Replay()) as server:
        serve_small_day(server, spoilt(change, "^GSPC"))

        with pytest.raises(NoAnswerError, match="2026-07-29") as raised:
            small_desk(tmp_path, server.url).source().fetch()

    assert raised.value.exit_code == 3


HALF_DAY = pd.Timestamp("2026-11-27")


@pytest.mark.parametrize(
    ("last_trade", "kept"),
    [("2026-11-27T18:00:00Z", True), ("2026-11-27T17:10:00Z", False)],
    ids=["after one o'clock", "fifty minutes before"],
)
def test_a_half_days_bar_is_whole_once_its_own_close_has_come(last_trade: str, kept: bool) -> None:
    days = pd.DatetimeIndex([pd.Timestamp("2026-11-25"), HALF_DAY])
    bars = pd.DataFrame(
        {"date": days, "symbol": "SPY", "open": 1.0, "high": 1.2, "low": 0.9, "close": [1.0, 1.1]}
    ).assign(volume=10.0)
    found = Bars(bars=bars, raw=Raw(name="", content=b""), traded_at=pd.Timestamp(last_trade))

    rows, problems = checked_bars("SPY", found, HALF_DAY, None)

    assert (HALF_DAY in rows["date"].array) is kept
    assert ("still running" in "".join(problems)) is not kept


def test_a_bar_said_twice_counts_once(tmp_path: Path) -> None:
    with serving(Replay()) as server:
        serve_small_day(server, spoilt(lambda bars: pd.concat([bars, bars.tail(1)]), "SPY"))

        market = small_desk(tmp_path, server.url).source().fetch()

    assert told_of(build_report(market), "Yahoo prices") == "fresh: "
    assert len(market.close) == 400


def test_two_bars_of_a_day_that_differ_are_refused(tmp_path: Path) -> None:
    def contradict(bars: pd.DataFrame) -> pd.DataFrame:
        other = bars.iloc[[-3]].assign(close=1.0)
        return pd.concat([bars, other]).sort_values("date", kind="stable")

    with serving(Replay()) as server:
        serve_small_day(server, spoilt(contradict, "SPY"))

        report = build_report(small_desk(tmp_path, server.url).source().fetch())

    assert "contradict each other" in told_of(report, "Yahoo prices")
    assert "Yahoo prices" in listed_in(report, *DOUBTS)
