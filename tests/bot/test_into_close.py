"""`undertow close`: live against a replayed Yahoo, from a folder with bars, and on the demo."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analysis.sources.yahoo
from analysis.funds import shipped_funds
from analysis.sessions import previous_session
from analysis.sources.archive import FolderShelf
from analysis.sources.folder.prices import PRICES
from bot.cli import main
from bot.desk import open_desk
from bot.edition import WritingError
from bot.into_close import CloseWriter
from bot.live import open_archive
from bot.settings import read_settings
from tests.market_folder import write_frame
from tests.replay.real_day import addresses
from tests.replay.server import Replay, Reply, serving
from tests.replay.small_day import SYMBOLS, small_prices
from tests.replay.yahoo import yahoo_routes

QUOTES = "/v7/finance/quote"
LEVELS = {"^GSPC": 5000.0, "SPY": 500.0, "^VIX": 20.0, "IWM": 200.0}
WEDNESDAY, HALF_DAY = pd.Timestamp("2026-07-29"), pd.Timestamp("2026-11-27")
OTHERS = "cboe,finra,cftc,squeezemetrics,proshares"
ASSETS = {"UPRO": 1e10, "TNA": 1e9}
"""A threefold fund on the S&P 500 and one on the Russell; all the others are dust."""

Change = dict[str, object]


@dataclass
class Street:
    """A replayed Yahoo, told what time it is and what trades at which price."""

    replay: Replay
    monkeypatch: pytest.MonkeyPatch
    session: pd.Timestamp = WEDNESDAY
    quotes: dict[str, dict[str, object]] = field(default_factory=dict)

    def fetch_evening_before(self) -> None:
        """Fetch the evening before: every symbol closed flat, every fund's size is known."""
        evening = previous_session(self.session)
        self.serve(evening, {name: {"netAssets": 1e3} for name in shipped_funds().index})
        for name, usd in ASSETS.items():
            self.quotes[name]["netAssets"] = usd
        self.clock("21:30", evening)
        assert main(["report"]) == 0

    def serve(self, last: pd.Timestamp, quotes: dict[str, dict[str, object]]) -> None:
        """Answer flat charts up to a session, and these quotes."""
        wave = small_prices()
        days = pd.bdate_range(end=last, periods=400)
        bars = pd.concat(
            [
                wave[wave["symbol"] == symbol].assign(
                    date=days, open=level, high=level, low=level, close=level
                )
                for symbol, level in LEVELS.items()
            ]
        )
        self.quotes = quotes
        yahoo_routes(self.replay, bars, quotes)

    def clock(self, utc: str, day: pd.Timestamp | None = None) -> None:
        """Set the desk's clock."""
        when = f"{(day or self.session).date()}T{utc}:00+00:00"
        self.monkeypatch.setenv("UNDERTOW_NOW", when)

    def trade(self, utc: str, up: float, **changes: Change) -> None:
        """Quote everything ``up`` [fraction] at a time; ``changes`` by ticker, GSPC the index."""
        self.clock(utc)
        for symbol, level in LEVELS.items():
            self.quotes[symbol] = {
                "regularMarketPrice": level * (1.0 + up),
                "regularMarketPreviousClose": level,
                "regularMarketTime": self.seconds(utc),
                **changes.get(symbol.removeprefix("^"), {}),
            }

    def seconds(self, utc: str, days: int = 0) -> int:
        """Return a time of the session as Yahoo writes it."""
        day = self.session + pd.Timedelta(days=days)
        return int(pd.Timestamp(f"{day.date()}T{utc}Z").timestamp())


@contextmanager
def a_street(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """Give a desk in a folder whose one source is the replayed Yahoo."""
    members = home / "members.csv"
    members.write_text("symbol\n", "utf-8")
    monkeypatch.chdir(home)
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)
    monkeypatch.setenv("UNDERTOW_MEMBERS", str(members))
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(home / "archive"))
    monkeypatch.setenv("UNDERTOW_SOURCES_OFF", OTHERS)
    with serving(Replay()) as replay:
        for name, value in addresses(replay.url).items():
            monkeypatch.setenv(name, value)
        yield Street(replay, monkeypatch)


@pytest.fixture(scope="module")
def tuesday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the archive of Tuesday's evening, fetched once."""
    home = tmp_path_factory.mktemp("tuesday")
    with pytest.MonkeyPatch.context() as patch, a_street(home, patch) as street:
        street.fetch_evening_before()
    return home / "archive"


@pytest.fixture
def street(tmp_path: Path, tuesday: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """Give a desk that fetched Tuesday's evening."""
    shutil.copytree(tuesday, tmp_path / "archive", copy_function=shutil.copy2)
    with a_street(tmp_path, monkeypatch) as opened:
        opened.quotes = {}
        yahoo_routes(opened.replay, small_prices(), opened.quotes)
        yield opened


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Return what `undertow close --json` prints."""

    def run(*arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        status = main(["close", "--json", *arguments])
        output = capsys.readouterr()
        assert status == 0, output.err
        found: dict[str, Any] = json.loads(output.out)
        return found

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Return the status and the one sentence of a `undertow close` that cannot be answered."""

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        status = main(["close", *arguments])
        output = capsys.readouterr()
        assert output.out == ""
        assert len(output.err.strip().splitlines()) == 1
        return status, output.err.strip()

    return run


Told = Callable[..., dict[str, Any]]
Refused = Callable[..., tuple[int, str]]


def prices_kept() -> pd.DataFrame:
    with open_archive(read_settings()).view() as view:
        return FolderShelf(view.folder).table(PRICES.path)


def test_at_half_past_three_the_funds_trade_is_told_from_one_question(
    street: Street, told: Told
) -> None:
    street.trade("19:35", up=0.01)
    street.replay.hits.clear()

    found = told()

    # 6 * 10 bn * 1 % and, by IWM in place of ^RUT, 6 * 1 bn * 1 %; dust weighs nothing.
    assert found["identity_usd"] == pytest.approx(660e6, rel=1e-5)
    assert found["scenarios"][0]["flow_usd"]["mid"] == pytest.approx(594e6, rel=1e-5)
    assert found["scenarios"][0]["day_return"] == pytest.approx(0.01)
    assert found["buckets_usd"]["spx"] == pytest.approx(600e6, rel=1e-5)
    assert "^RUT" in found["proxied"]
    assert "NVDA" in found["missing"]
    assert found["as_of"] == "2026-07-29T19:35:00Z"
    assert street.replay.asked(QUOTES) == 1
    assert len(street.replay.hits) <= 20


def test_the_answer_is_kept_and_no_bar_is_made_of_it(
    street: Street, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = prices_kept()
    street.trade("19:35", up=0.01)

    told()

    assert main(["archive", "list", "--session", "2026-07-29"]) == 0
    assert "during/1535" in capsys.readouterr().out
    pd.testing.assert_frame_equal(prices_kept(), bars)
    # The evening's own run is as it would have been.
    street.serve(WEDNESDAY, {})
    street.clock("21:30")
    assert main(["report"]) == 0
    kept = prices_kept()
    last = kept[(kept["symbol"] == "^GSPC") & (kept["date"] == WEDNESDAY)]
    assert last["close"].tolist() == [5000.0]
    assert main(["archive", "verify"]) == 0


def test_a_stale_quote_is_left_out_and_named(street: Street, told: Told) -> None:
    street.trade("19:35", up=0.01, IWM={"regularMarketTime": street.seconds("19:04")})

    found = told()

    assert found["problems"] == ["IWM: its price of 15:04 is too old"]
    assert "^RUT" in found["missing"]
    assert found["identity_usd"] == pytest.approx(600e6, rel=1e-5)


def test_a_symbol_yahoo_leaves_out_leaves_the_sum(street: Street, told: Told) -> None:
    street.trade("19:35", up=-0.02)
    del street.quotes["IWM"]

    found = told()

    assert "^RUT" in found["missing"]
    assert found["scenarios"][0]["flow_usd"]["low"] == pytest.approx(-1.2e9, rel=1e-5)


def test_a_split_is_named_and_taken_for_no_fall(street: Street, told: Told) -> None:
    halved: Change = {"regularMarketPrice": 101.0, "regularMarketPreviousClose": 100.0}
    street.trade("19:35", up=0.01, IWM=halved)

    assert told()["problems"] == ["IWM: prior close 100 here, 200 kept: a split"]


def test_yesterdays_quotes_are_no_prices_of_today(street: Street, refused: Refused) -> None:
    street.trade("19:35", up=0.01)
    for quote in street.quotes.values():
        quote["regularMarketTime"] = street.seconds("20:00", days=-1)

    status, sentence = refused()

    assert status == 3
    assert "^GSPC: its price is of 2026-07-28" in sentence
    assert "try again later" in sentence


def test_without_the_index_there_is_no_estimate(street: Street, refused: Refused) -> None:
    street.trade("19:35", up=0.01, GSPC={"regularMarketPrice": None})

    assert refused() == (3, "undertow: no usable price of ^GSPC (^GSPC: no price)")


def test_too_many_requests_are_told_with_what_to_do(street: Street, refused: Refused) -> None:
    street.trade("19:35", up=0.01)
    street.replay.routes[QUOTES] = lambda _: Reply(status=429, body=b"Too Many Requests")
    street.replay.hits.clear()

    status, sentence = refused()

    assert status == 3
    assert sentence.startswith("undertow: no prices of now: yahoo: ")
    assert sentence.endswith("too many requests; wait an hour")
    assert len(street.replay.hits) <= 20


def test_a_half_day_is_asked_about_until_one(street: Street, told: Told, refused: Refused) -> None:
    street.session = HALF_DAY
    street.fetch_evening_before()
    street.trade("17:35", up=0.01)

    assert told()["closes_at"] == "2026-11-27T18:00:00Z"

    street.trade("18:05", up=0.01)
    status, sentence = refused()
    assert status == 1
    assert "13:05 New York is outside the session of 2026-11-27" in sentence
    assert "from 09:30 to 13:00" in sentence


def test_without_the_evening_before_there_is_nothing_to_start_from(
    street: Street, refused: Refused
) -> None:
    shutil.rmtree("archive")
    street.trade("19:35", up=0.01)

    status, sentence = refused()

    assert status == 3
    assert "`undertow note --session 2026-07-28` fetches it" in sentence
    assert street.replay.hits == []


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--session", "2026-07-28"), 3, "prices during 2026-07-28 are gone"),
        (("--session", "2026-07-30"), 2, "has not come yet"),
        (("--session", "2026-07-26"), 2, "a weekend"),
        (("--at", "15:35"), 2, "--at goes with --data"),
        (("--demo",), 3, "the demo market has closes and no prices during the session"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(
    street: Street, refused: Refused, arguments: tuple[str, ...], status: int, words: str
) -> None:
    street.clock("19:35")

    found, sentence = refused(*arguments)

    assert (found, words in sentence) == (status, True), sentence
    assert street.replay.hits == []


def test_with_yahoo_switched_off_nobody_has_prices_of_now(street: Street, refused: Refused) -> None:
    street.trade("19:35", up=0.01)
    street.monkeypatch.setenv("UNDERTOW_SOURCES_OFF", f"{OTHERS},yahoo")

    status, sentence = refused()

    assert status == 3
    assert "yahoo is switched off" in sentence


def test_the_writer_freezes_the_texts_and_the_figures_behind_them(street: Street) -> None:
    street.trade("19:35", up=0.01)

    edition = the_writer().write(date(2026, 7, 29))

    assert set(edition.texts) == {"close.txt", "close.md", "close.json"}
    whole = json.loads(edition.texts["close.json"])
    assert whole["estimate"]["content_hash"] == edition.content_hash
    assert whole["note"]["title"].encode() in edition.texts["close.md"]
    assert edition.claims == ()


def test_the_writer_tries_again_where_a_fault_may_pass(street: Street) -> None:
    street.trade("19:35", up=0.01)
    street.replay.routes[QUOTES] = lambda _: Reply(status=429, body=b"Too Many Requests")

    with pytest.raises(WritingError, match=r"2026-07-29: yahoo: .*429") as raised:
        the_writer().write(date(2026, 7, 29))
    assert not raised.value.permanent


def the_writer() -> CloseWriter:
    during = open_desk(read_settings(), data=None, demo=False).during
    assert during is not None
    return CloseWriter(during)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that closed flat, and traded one per cent higher on Tuesday 10 June 2025."""
    days = pd.bdate_range("2025-05-01", "2025-06-09").drop([pd.Timestamp("2025-05-26")])
    closes = pd.DataFrame({"date": days, "symbol": "^GSPC", "close": 6000.0})
    assets = pd.DataFrame({"date": days, "symbol": "UPRO", "assets_usd": 1e10, "quality": "issuer"})
    funds = [{"ticker": "UPRO", "L": 3.0, "underlying_yahoo": "^GSPC", "bucket": "SPX"}]
    bars = [
        ("2025-06-09 15:55", "^GSPC", 6000.0),
        ("2025-06-10 12:25", "^GSPC", 5940.0),
        ("2025-06-10 15:30", "^GSPC", 6060.0),
    ]
    write_frame(tmp_path, "prices/funds_and_indices.parquet", closes)
    write_frame(tmp_path, "positioning/fund_assets.parquet", assets)
    write_frame(tmp_path, "positioning/leveraged_funds.csv", pd.DataFrame(funds))
    write_frame(
        tmp_path, "intraday/bars_5m.csv", pd.DataFrame(bars, columns=["ts", "symbol", "close"])
    )
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "identity_usd"),
    [((), 6e8), (("--session", "2025-06-10", "--at", "12:35"), -6e8)],
)
def test_a_folder_with_bars_tells_of_any_moment(
    folder: Path, told: Told, arguments: tuple[str, ...], identity_usd: float
) -> None:
    assert told("--data", str(folder), *arguments)["identity_usd"] == pytest.approx(identity_usd)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--at", "noon"), 2, "'noon' is no time"),
        (("--at", "16:05"), 1, "outside the session"),
        (("--at", "10:00"), 3, "no bar of 2025-06-10 was over by 10:00"),
        (("--session", "2025-06-09"), 3, "no bar of 2025-06-09 was over by 15:35"),
        (("--session", "2025-06-08"), 2, "a weekend"),
    ],
)
def test_a_folder_says_what_it_cannot_tell(
    folder: Path, refused: Refused, arguments: tuple[str, ...], status: int, words: str
) -> None:
    found, sentence = refused("--data", str(folder), *arguments)

    assert (found, words in sentence) == (status, True), sentence


def test_the_command_prints_words_and_a_table(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["close", "--data", str(folder)]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("LEVERAGED FUNDS HAVE ABOUT $540 MILLION TO BUY BY THE BELL\n")
    assert "An estimate before the close of Tuesday, 10 June 2025" in printed
    assert "no move     +1.00%  +0.5 bn USD (+0.2 to +0.6)" in printed
    assert "coverage" in printed


def test_a_desk_on_a_folder_takes_the_moment_from_the_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERTOW_CLOSE_ESTIMATE_AT", "15:40")
    desk = open_desk(read_settings(), data=folder, demo=False)

    assert desk.during is not None
    assert desk.during.moment("latest", None)[1] == pd.Timestamp("2025-06-10 19:40", tz="UTC")
