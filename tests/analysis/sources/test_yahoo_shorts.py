"""Where FINRA's report is missing, Yahoo's short interest stands in, for the basket alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

import analysis.sources.yahoo
import analysis.sources.yahoo_shorts
from analysis.report import build_report
from analysis.short_interest_calendar import newest_settlement
from analysis.sources.finra import Finra
from analysis.sources.gate import Gate
from analysis.sources.http import Http
from analysis.sources.live import LiveSource
from analysis.sources.yahoo import Yahoo
from analysis.sources.yahoo_shorts import prints
from tests.replay.quick import QUICK
from tests.replay.server import Question, Replay, Reply, serving
from tests.replay.small_day import SESSION, SYMBOLS, serve_small_day, small_desk
from tests.replay.vendors import finra_routes

SUMMARY = "/v10/finance/quoteSummary/"
NAMES = ("GME", "AMC", "CVNA")
JULY, JUNE = "2026-07-15", "2026-06-15"


def seconds(day: str) -> int:
    return int(pd.Timestamp(day, tz="UTC").timestamp())


def statistics_route(replay: Replay, told: Mapping[str, Mapping[str, object]]) -> None:
    def answer(question: Question) -> Reply:
        symbol = question.path.removeprefix(SUMMARY)
        if symbol not in told:
            error = {"code": "Not Found", "description": f"Quote not found for symbol: {symbol}"}
            body = {"quoteSummary": {"result": None, "error": error}}
            return Reply(status=404, body=json.dumps(body).encode())
        result = [{"defaultKeyStatistics": told[symbol]}]
        return Reply(body=json.dumps({"quoteSummary": {"result": result, "error": None}}).encode())

    replay.routes[SUMMARY] = answer


def shorts(now: int, before: int) -> dict[str, object]:
    return {
        "sharesShort": now,
        "dateShortInterest": seconds(JULY),
        "sharesShortPriorMonth": before,
        "sharesShortPreviousMonthDate": seconds(JUNE),
    }


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)
    monkeypatch.setattr(analysis.sources.yahoo_shorts, "shorted_symbols", lambda: NAMES)
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        told = {"GME": shorts(5_000_000, 4_000_000), "AMC": shorts(9_000_000, 9_500_000)}
        statistics_route(replayed, told)
        yield replayed


def source_of(place: Path, url: str, *, session: pd.Timestamp = SESSION) -> LiveSource:
    source = small_desk(place, url).source(
        known_at=f"{session:%Y-%m-%d}T21:30:00Z", session=session
    )
    (yahoo,) = [one for one in source.vendors if isinstance(one, Yahoo)]
    source.stand_ins = yahoo.stand_ins[1:]
    http = Http(Gate(QUICK), source.archive.cache / "http")
    source.vendors = [*source.vendors, Finra(http, url, url)]
    others = source.hang_up

    def hang_up() -> None:
        http.close()
        others()

    source.hang_up = hang_up
    return source


def test_without_finra_the_baskets_shorts_come_from_yahoo_with_their_lag(
    server: Replay, tmp_path: Path
) -> None:
    market = source_of(tmp_path, server.url).fetch()

    table = market.short_interest
    july = table[table["date"] == pd.Timestamp(JULY)].set_index("symbol")
    assert july["shares"].to_dict() == {"AMC": 9_000_000.0, "GME": 5_000_000.0}
    # Nine sessions after Wednesday, 15 July.
    assert july["known"].unique().tolist() == [pd.Timestamp("2026-07-28")]
    report = build_report(market)
    told = {one.name: one for one in report.sources}
    assert "in place of FINRA's report" in told["Yahoo short interest"].note
    assert "Yahoo has no short interest of CVNA" in told["Yahoo short interest"].note or (
        "Yahoo knows no CVNA" in told["Yahoo short interest"].note
    )
    assert told["FINRA short interest"].status == "missing"
    assert server.asked(SUMMARY) == len(NAMES)


def test_with_finras_report_yahoo_is_not_asked(server: Replay, tmp_path: Path) -> None:
    rows = pd.DataFrame({"ticker": list(NAMES), "date": JULY, "current": [1.0, 2.0, 3.0]})
    finra_routes(server, b"", rows)
    import analysis.sources.finra

    source = source_of(tmp_path, server.url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis.sources.finra, "shorted_symbols", lambda: NAMES)
        report = build_report(source.fetch())

    assert server.asked(SUMMARY) == 0
    assert "Yahoo short interest" not in {one.name for one in report.sources}


def test_finras_later_report_goes_before_yahoos(
    server: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import analysis.sources.finra

    monkeypatch.setattr(analysis.sources.finra, "shorted_symbols", lambda: NAMES)
    source_of(tmp_path, server.url).fetch()
    rows = pd.DataFrame({"ticker": ["GME"], "date": JULY, "current": [5_111_111]})
    finra_routes(server, b"", rows)
    later = source_of(tmp_path, server.url)
    later.known_at = lambda: "2026-07-29T23:30:00Z"

    table = later.fetch().short_interest

    gme = table[(table["symbol"] == "GME") & (table["date"] == pd.Timestamp(JULY))]
    assert gme["shares"].tolist() == [5_111_111.0]


def test_what_yahoo_says_of_a_fund_or_a_foreign_stock_is_nothing() -> None:
    assert prints("QQQ", {"sharesShort": None, "dateShortInterest": None}).empty
    assert prints("OCDO.L", {}).empty


def test_a_recorded_answer_holds_two_prints(market_folder: Path) -> None:
    place = market_folder / "yahoo_http/recorded/quoteSummary-defaultKeyStatistics-AAPL.json"
    body = json.loads(place.read_bytes())["body"]

    rows = prints("AAPL", body["quoteSummary"]["result"][0]["defaultKeyStatistics"])

    assert rows["current"].tolist() == [124_917_523.0, 157_008_120.0]
    assert [str(day.date()) for day in rows["date"]] == ["2025-01-31", "2024-12-31"]


@pytest.mark.parametrize(
    ("session", "settlement"),
    [
        ("2026-07-27", "2026-06-30"),
        ("2026-07-28", "2026-07-15"),
        ("2026-08-13", "2026-07-31"),
        ("2026-08-31", "2026-08-14"),
        ("2026-01-14", "2025-12-31"),
    ],
)
def test_a_report_is_due_nine_sessions_after_its_settlement(session: str, settlement: str) -> None:
    assert newest_settlement(pd.Timestamp(session), 9) == pd.Timestamp(settlement)
