"""Evenings that follow each other: little is asked again, splits and quotes are taken rightly."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

import analysis.sources.yahoo
from analysis.market import Market
from analysis.report import build_report
from analysis.sessions import close_utc
from analysis.sources.archive import Archive
from analysis.sources.yahoo_quotes import needs_chart
from tests.replay.server import Question, Replay, Reply, serving
from tests.replay.small_day import (
    SESSION,
    SYMBOLS,
    SmallDesk,
    serve_small_day,
    small_desk,
    small_prices,
)
from tests.replay.yahoo import yahoo_routes

BEFORE = pd.Timestamp("2026-07-28")


@pytest.fixture(autouse=True)
def few_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)


@pytest.fixture
def server() -> Iterator[Replay]:
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        yield replayed


def evening(desk: SmallDesk, session: pd.Timestamp) -> Market:
    return desk.source(known_at=f"{session:%Y-%m-%d}T21:30:00Z", session=session).fetch()


def test_the_next_evening_asks_for_three_weeks_and_ends_in_the_same_market(
    server: Replay, tmp_path: Path
) -> None:
    desk = small_desk(tmp_path, server.url)
    serve_small_day(server, small_prices().query("date <= @BEFORE"))
    evening(desk, BEFORE)
    serve_small_day(server)
    server.questions.clear()

    market = evening(desk, SESSION)

    spans = [
        int(one.query["period2"]) - int(one.query["period1"])
        for one in server.questions
        if "/chart/" in one.path
    ]
    assert len(spans) == len(SYMBOLS)
    assert max(spans) <= 24 * 86_400
    (tmp_path / "fresh").mkdir()
    fresh = evening(small_desk(tmp_path / "fresh", server.url), SESSION)
    pd.testing.assert_frame_equal(market.close, fresh.close, check_exact=True)


def test_a_cache_that_is_tidied_away_under_a_running_desk_fails_no_evening(
    server: Replay, tmp_path: Path
) -> None:
    desk = small_desk(tmp_path, server.url)
    cache, charts = Archive(desk.root).cache, server.routes["/v8/finance/chart/"]
    serve_small_day(server, small_prices().query("date <= @BEFORE"))
    evening(desk, BEFORE)
    shutil.rmtree(cache, ignore_errors=True)
    tidied: list[str] = []

    def tidied_up(question: Question) -> Reply:
        tidied.append(question.path)
        shutil.rmtree(cache, ignore_errors=True)
        return charts(question)

    server.routes["/v8/finance/chart/"] = tidied_up
    market = evening(desk, SESSION)

    assert len(tidied) == len(SYMBOLS)
    assert market.sessions[-1] == SESSION
    assert set(market.close.iloc[-1].dropna().index) == set(SYMBOLS)


def test_a_split_that_yahoo_has_adjusted_for_brings_the_whole_past_anew(
    server: Replay, tmp_path: Path
) -> None:
    desk = small_desk(tmp_path, server.url)
    prices = small_prices()
    serve_small_day(server, prices.query("date <= @BEFORE"))
    evening(desk, BEFORE)
    spy = prices["symbol"] == "SPY"
    figures = ["open", "high", "low", "close"]
    split = prices.assign(**{name: prices[name].mask(spy, prices[name] / 4.0) for name in figures})
    serve_small_day(server, split)

    market = evening(desk, SESSION)

    expected = prices[spy].set_index("date")["close"] / 4.0
    pd.testing.assert_series_equal(
        market.close["SPY"], expected, check_names=False, check_freq=False
    )
    assert market.returns("SPY").abs().max() < 0.1


def test_a_session_of_the_past_is_read_without_asking_anybody(
    server: Replay, tmp_path: Path
) -> None:
    desk = small_desk(tmp_path, server.url)
    evening(desk, SESSION)
    asked = len(server.hits)

    market = desk.source().fetch(BEFORE)

    assert market.sessions[-1] == BEFORE
    assert len(server.hits) == asked


def test_a_run_that_was_stopped_goes_on_where_it_was(server: Replay, tmp_path: Path) -> None:
    desk = small_desk(tmp_path, server.url)
    server.faults["/v8/finance/chart/IWM"] = lambda handler, _: handler.connection.close()
    evening(desk, SESSION)
    server.faults.clear()
    server.hits.clear()

    market = evening(desk, SESSION)

    assert [hit for hit in server.hits if "/chart/" in hit] == ["/v8/finance/chart/IWM"]
    assert market.close["IWM"].notna().all()


def quote_of(price: float, prior: float, **other: object) -> dict[str, object]:
    made = int(close_utc(SESSION).timestamp()) + 1
    return {
        **{"regularMarketPrice": price, "regularMarketVolume": 1000, "regularMarketTime": made},
        **{"regularMarketPreviousClose": prior, **other},
    }


def with_members(tmp_path: Path, server: Replay, *members: str) -> SmallDesk:
    desk = small_desk(tmp_path, server.url)
    desk.members.write_text("\n".join(["symbol", *members]), "utf-8")
    return desk


def test_members_closes_come_a_hundred_at_a_time_and_a_split_one_is_taken_anew(
    server: Replay, tmp_path: Path
) -> None:
    prices = small_prices()
    desk = with_members(tmp_path, server, "SPY", "IWM")
    past = prices.query("date <= @BEFORE")
    serve_small_day(server, past)
    evening(desk, BEFORE)
    last = past.groupby("symbol")["close"].last()
    quotes = {
        "SPY": quote_of(700.0, float(last["SPY"])),
        "IWM": quote_of(50.0, float(last["IWM"]) / 4.0),
    }
    yahoo_routes(server, prices, quotes)
    server.hits.clear()

    market = evening(desk, SESSION)

    assert server.asked("/v7/finance/quote") == 3
    assert market.member_close.loc[SESSION, "SPY"] == 700.0
    assert "IWM" not in market.member_close
    (told,) = [s for s in build_report(market).sources if s.name == "Yahoo S&P 500 members"]
    assert "IWM was split" in told.note


def quotes_of_the_day(
    prices: pd.DataFrame, **changed: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """Return what Yahoo says of each symbol after the close, its volume in whole shares."""
    told: dict[str, dict[str, object]] = {}
    for symbol, rows in prices.groupby("symbol"):
        prior, today = rows["close"].iloc[-2], rows.iloc[-1]
        told[str(symbol)] = quote_of(
            float(today["close"]),
            float(prior),
            **{
                "regularMarketOpen": float(today["open"]),
                "regularMarketDayHigh": float(today["high"]),
                "regularMarketDayLow": float(today["low"]),
                "regularMarketVolume": int(today["volume"]),
                **changed.get(str(symbol), {}),
            },
        )
    return told


def second_evening(desk: SmallDesk, server: Replay, **changed: Mapping[str, object]) -> Market:
    """Fetch an evening, then the next one, on which Yahoo has quotes as well."""
    prices = small_prices()
    serve_small_day(server, prices.query("date <= @BEFORE"))
    evening(desk, BEFORE)
    yahoo_routes(server, prices, quotes_of_the_day(prices, **changed))
    server.hits.clear()
    return evening(desk, SESSION)


def test_a_quote_of_the_close_spares_a_chart_and_tells_the_same_bar(
    server: Replay, tmp_path: Path
) -> None:
    market = second_evening(small_desk(tmp_path, server.url), server)

    # The index, SPY and the VIX have their charts every evening.
    assert server.asked("/v8/finance/chart/") == 3
    assert server.asked("/v8/finance/chart/IWM") == 0
    bar = small_prices().query("symbol == 'IWM'").iloc[-1]
    assert market.close.loc[SESSION, "IWM"] == bar["close"]
    assert market.open.loc[SESSION, "IWM"] == bar["open"]
    assert market.volume.loc[SESSION, "IWM"] == bar["volume"]


@pytest.mark.parametrize(
    "changed",
    [
        {"regularMarketPreviousClose": 201.0},
        {"regularMarketTime": int(close_utc(SESSION).timestamp()) - 3600},
        {"regularMarketPrice": None},
        {"regularMarketDayHigh": None},
        {"regularMarketVolume": -5},
        {"regularMarketPrice": 3.0},
    ],
    ids=[
        "another close before",
        "made before the close",
        "no price",
        "no high",
        "negative volume",
        "a jump like a split",
    ],
)
def test_a_quote_with_anything_odd_about_it_is_passed_over_for_the_chart(
    changed: dict[str, object], server: Replay, tmp_path: Path
) -> None:
    market = second_evening(small_desk(tmp_path, server.url), server, IWM=changed)

    assert server.asked("/v8/finance/chart/IWM") == 1
    bar = small_prices().query("symbol == 'IWM'").iloc[-1]
    assert market.close.loc[SESSION, "IWM"] == bar["close"]


def test_each_symbol_has_its_chart_once_in_twenty_sessions() -> None:
    past = small_prices().query("symbol == 'IWM'")
    turns = [
        needs_chart("IWM", 7, past[past["date"] < session], session)
        for session in past["date"].iloc[-40:]
    ]

    assert sum(turns) == 2
    first = turns.index(True)
    assert turns[first::20] == [True, True]


def test_a_member_known_by_one_quote_has_its_past_fetched_the_next_evening(
    server: Replay, tmp_path: Path
) -> None:
    prices = small_prices()
    desk = with_members(tmp_path, server, "SPY", "IWM")
    past = prices.query("date <= @BEFORE")
    made = {"regularMarketTime": int(close_utc(BEFORE).timestamp()) + 1}
    known = quotes_of_the_day(past, IWM=made, SPY=made)
    yahoo_routes(server, past[past["symbol"] != "IWM"], known)
    evening(desk, BEFORE)
    yahoo_routes(server, prices, quotes_of_the_day(prices))

    market = evening(desk, SESSION)

    expected = prices.query("symbol == 'IWM'").set_index("date")["close"]
    pd.testing.assert_series_equal(
        market.member_close["IWM"], expected, check_names=False, check_freq=False
    )


def test_members_that_missed_a_session_are_made_whole_again(server: Replay, tmp_path: Path) -> None:
    prices = small_prices()
    desk = with_members(tmp_path, server, "IWM")
    away = pd.Timestamp("2026-07-24")
    serve_small_day(server, prices[prices["date"] < away])
    evening(desk, pd.Timestamp("2026-07-23"))
    yahoo_routes(server, prices, quotes_of_the_day(prices))

    market = evening(desk, SESSION)

    assert market.member_close["IWM"].notna().all()
    assert market.member_close["IWM"][away] > 0.0


def test_a_funds_assets_are_of_the_session_before_and_called_live(
    server: Replay, tmp_path: Path
) -> None:
    yahoo_routes(server, small_prices(), {"TQQQ": {"netAssets": 25e9}, "SQQQ": {"netAssets": None}})

    market = evening(small_desk(tmp_path, server.url), SESSION)

    assert market.fund_assets_usd.loc[BEFORE, "TQQQ"] == 25e9
    assert market.fund_assets_quality.loc[BEFORE, "TQQQ"] == "live"
    assert "SQQQ" not in market.fund_assets_usd


def test_raw_answers_are_kept_as_they_came(server: Replay, tmp_path: Path) -> None:
    desk = small_desk(tmp_path, server.url)
    evening(desk, SESSION)

    archive = Archive(desk.root)
    raws = {part["name"]: part for part in archive.index.parts("raw")}
    assert archive.objects.get(raws["DIX.csv"]["sha256"]).startswith(b"date,price,dix,gex\n")
    assert any(name.startswith("chart ^GSPC") for name in raws)


def test_a_defect_in_one_vendor_is_told_and_spares_the_others(
    server: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small_desk(tmp_path, server.url).source()

    def broken(*_: object) -> object:
        raise RuntimeError("out of order")

    monkeypatch.setattr(source.vendors[2], "items", broken)

    report = build_report(source.fetch())

    (told,) = [one for one in report.sources if one.name == "SqueezeMetrics DIX"]
    assert "RuntimeError: out of order" in told.note
    assert "Yahoo prices" in [one.name for one in report.sources if one.status == "fresh"]
