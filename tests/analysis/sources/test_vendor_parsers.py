"""Vendors' real answers, read from recordings beside a checkout, and small ones by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.sources.cftc import due
from analysis.sources.faults import Fault, VendorError
from analysis.sources.finra import short_volume
from analysis.sources.proshares import fund_rows
from analysis.sources.vendor import Raw
from analysis.sources.yahoo_bars import Bars, checked_bars
from analysis.sources.yahoo_client import YahooClient, chart_result
from analysis.sources.yahoo_quotes import closing_row
from tests.replay.quick import quick_gate
from tests.replay.real_day import short_volume_file
from tests.replay.server import Question, Replay, Reply, Route, serving


def test_finras_file_of_a_real_day_reads_whole(market_folder: Path) -> None:
    rows = short_volume(short_volume_file(market_folder / "positioning"))

    assert rows["date"].unique().tolist() == [pd.Timestamp("2025-09-10")]
    apple = rows.set_index("symbol").loc["AA"]
    assert (apple["short_volume"], apple["total_volume"]) == (1_122_641.0, 2_804_988.0)


SMALL = (
    b"Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\r\n"
    b"20260729|GME|10.5|0|21|B,Q,N\r\n"
    b"20260729|AMC|3|0|9|Q\r\n"
    b"2\r\n"
)


def test_a_short_volume_file_may_hold_parts_of_shares() -> None:
    assert short_volume(SMALL)["short_volume"].tolist() == [10.5, 3.0]


@pytest.mark.parametrize(
    "cut", [SMALL[:-3], SMALL.replace(b"20260729|AMC|3|0|9|Q\r\n", b"")], ids=["count", "row"]
)
def test_a_cut_short_volume_file_is_known_by_its_row_count(cut: bytes) -> None:
    with pytest.raises(VendorError, match="cut"):
        short_volume(cut)


def test_proshares_counts_thousands_of_shares() -> None:
    content = (
        b"Date,ProShares Name,Ticker,NAV,Prior NAV,NAV Change (%),NAV Change ($),"
        b"Shares Outstanding (000),Assets Under Management\n"
        b"07/28/2026,ProShares Ultra S&P500,SSO,100,99,1,1,62950.00,6295000000.0\n"
    )

    (row,) = fund_rows(content, "SSO").to_dict("records")

    assert row["date"] == pd.Timestamp("2026-07-28")
    assert (row["shares_outstanding"], row["assets_usd"]) == (62_950_000.0, 6_295_000_000.0)


@pytest.mark.parametrize(
    ("session", "report"),
    [
        ("2026-07-29", "2026-07-21"),  # Wednesday: Friday's report is of the week before.
        ("2026-07-31", "2026-07-28"),  # Friday evening has this week's Tuesday.
        ("2026-08-03", "2026-07-28"),
    ],
)
def test_the_report_due_is_the_tuesday_before_the_last_friday(session: str, report: str) -> None:
    assert due(pd.Timestamp(session)) == pd.Timestamp(report)


def quote(**other: object) -> dict[str, object]:
    told = {"symbol": "AAPL", "regularMarketPrice": 210.0, "regularMarketVolume": 5_000_000}
    # 2026-07-29 16:00:01 in New York.
    return {**told, "regularMarketTime": 1_785_355_201, **other}


def test_a_quote_after_the_close_is_the_sessions_bar() -> None:
    session = pd.Timestamp("2026-07-29")

    row = closing_row(quote(), session)

    assert row is not None
    assert (row["close"], row["volume"]) == (210.0, 5_000_000)


@pytest.mark.parametrize(
    "other",
    [
        {"regularMarketTime": 1_785_355_201 - 7200},
        {"regularMarketTime": 1_785_355_201 + 86_400},
        {"regularMarketPrice": None},
    ],
    ids=["two hours early", "the next day", "no price"],
)
def test_a_quote_of_another_hour_is_no_bar(other: dict[str, object]) -> None:
    session = pd.Timestamp("2026-07-29")

    assert closing_row(quote(**other), session) is None


def test_a_bar_of_a_session_still_running_is_left_out() -> None:
    session = pd.Timestamp("2026-07-29")
    days = pd.DatetimeIndex(["2026-07-28", "2026-07-29"]).astype("datetime64[us]")
    frame = pd.DataFrame({"date": days, "symbol": "SPY", "volume": 9.0})
    for place, name in enumerate(("open", "high", "low", "close")):
        frame[name] = [100.0 + place, 101.0 + place]
    noon = pd.Timestamp("2026-07-29 16:00", tz="UTC")

    rows, problems = checked_bars(
        "SPY", Bars(bars=frame, raw=Raw(name="", content=b""), traded_at=noon), session, None
    )

    assert rows["date"].tolist() == [pd.Timestamp("2026-07-28")]
    assert "still running" in problems[0]


def recordings(folder: Path, start: str) -> list[dict[str, Any]]:
    """Return the recorded answers whose path begins so, in the order of their names."""
    found = []
    for path in sorted((folder / "yahoo_http/recorded").glob("*.json")):
        told = json.loads(path.read_text("utf-8"))
        if told["path"].startswith(start) and told["status"] == 200 and not told["fake"]:
            found.append(told)
    return found


@pytest.fixture
def recorded(market_folder: Path) -> Iterator[tuple[list[dict[str, Any]], Replay]]:
    told = recordings(market_folder, "/v8/finance/chart/")
    with serving(Replay()) as server:
        yield told, server


@pytest.mark.slow
@pytest.mark.parametrize("kept_back", [False, True], ids=["known", "kept back"])
def test_every_recorded_daily_chart_reads_as_its_own_figures(
    recorded: tuple[list[dict[str, Any]], Replay], *, kept_back: bool
) -> None:
    told, server = recorded
    mine = [one for place, one in enumerate(told) if (place % 5 == 4) == kept_back]
    daily = [one for one in mine if _is_daily(one)]
    assert daily

    for one in daily:
        result = one["body"]["chart"]["result"][0]
        symbol = result["meta"]["symbol"]
        body = json.dumps(one["body"]).encode()
        server.routes["/v8/finance/chart/"] = _always(body)
        first, last = (pd.Timestamp(result["timestamp"][at], unit="s") for at in (0, -1))
        client = YahooClient(quick_gate(), server.url)
        found = client.bars(symbol, first.normalize() - pd.Timedelta(days=2), last)
        closes = [value for value in result["indicators"]["quote"][0]["close"] if value is not None]
        assert set(found.bars["close"]) <= set(closes)
        assert len(found.bars) >= len(closes) - 1


def _always(body: bytes) -> Route:
    def answer(_: Question) -> Reply:
        return Reply(body=body)

    return answer


def _is_daily(one: dict[str, Any]) -> bool:
    result = (one["body"]["chart"]["result"] or [{}])[0]
    daily = one["query"].get("interval", "1d") == "1d"
    american = result.get("meta", {}).get("exchangeTimezoneName") == "America/New_York"
    return bool(daily and american and result.get("timestamp"))


def test_an_empty_chart_is_an_empty_answer() -> None:
    with pytest.raises(VendorError) as raised:
        chart_result("SPY", b'{"chart": {"result": null, "error": null}}')

    assert raised.value.fault is Fault.EMPTY
