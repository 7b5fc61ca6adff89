"""What the folder source makes of a folder in good order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.market import Market
from analysis.sources.folder import FolderSource
from tests.market_folder import (
    ASSETS,
    MEMBERS,
    OPTIONAL,
    PRICES,
    SP500_COT,
    price_row,
    read_frame,
    small_sessions,
    write_rows,
    write_small_folder,
)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="module")
def market(folder: Path) -> Market:
    return FolderSource(folder).fetch()


def test_the_sessions_run_from_the_first_index_bar_to_the_last_without_holidays(
    market: Market,
) -> None:
    assert market.sessions.equals(small_sessions())
    assert day("2025-04-18") not in market.sessions


def test_prices_stand_in_panels_and_nothing_is_filled_in(market: Market) -> None:
    assert list(market.close.columns) == ["SPY", "TQQQ", "^GSPC", "^VIX"]
    assert market.close.loc["2025-03-04", "^GSPC"] == 5005.0
    assert market.close["TQQQ"].isna().sum() == 20


def test_an_index_has_no_volume_of_its_own(market: Market) -> None:
    assert market.volume["^GSPC"].isna().all()
    assert market.volume.loc["2025-03-04", "SPY"] == 1_000_000.0


def test_a_steady_volume_is_once_its_usual_from_the_eleventh_session_on(market: Market) -> None:
    spy = market.relative_volume["SPY"]

    assert spy.iloc[:10].isna().all()
    assert (spy.iloc[10:] == 1.0).all()


def test_members_stay_missing_after_their_last_bar(market: Market) -> None:
    assert market.member_close.loc["2025-03-03", "AAA"] == 10.0
    assert market.member_volume["BBB"].notna().sum() == 50


def test_breadth_of_the_broad_index_stands_in_only_where_the_narrow_one_ends(
    market: Market,
) -> None:
    assert list(market.breadth.loc["2025-05-27"]) == [300.0, 190.0, 500.0]
    assert list(market.breadth.loc["2025-05-30"]) == [800.0, 690.0, 1490.0]


def test_an_issuers_own_assets_stand_before_a_backcast(market: Market) -> None:
    assert market.fund_assets_usd.loc["2025-03-03", "UPRO"] == 5e9
    assert market.fund_assets_quality.loc["2025-03-03", "UPRO"] == "issuer"
    assert market.fund_assets_usd.loc["2025-05-30", "UPRO"] == 4e9 + 62
    assert market.fund_assets_quality.loc["2025-05-30", "UPRO"] == "backcast"


def test_issuer_assets_alone_make_a_panel(tmp_path: Path) -> None:
    market = FolderSource(write_small_folder(tmp_path, without=[ASSETS])).fetch()

    assert market.fund_assets_quality["UPRO"].notna().sum() == 30


def test_a_share_count_is_known_the_session_after_it_was_taken(market: Market) -> None:
    svol = market.fund_shares[market.fund_shares["symbol"] == "SVOL"]
    before_good_friday = svol[svol["date"] == "2025-04-17"]

    assert list(before_good_friday["known"]) == [day("2025-04-21")]
    assert len(svol) == len(small_sessions()) - 1


def test_a_slow_feed_that_repeats_an_old_count_says_nothing_new(market: Market) -> None:
    spy = market.fund_shares[market.fund_shares["symbol"] == "SPY"]

    assert len(spy) == 7
    assert list(spy["shares"].diff().dropna()) == [50_000.0] * 6


def test_money_into_funds_is_known_the_session_after(market: Market) -> None:
    first = market.fund_flows_usd.iloc[0]

    assert (first["date"], first["known"]) == (day("2025-03-03"), day("2025-03-04"))
    assert set(market.fund_flows_usd["symbol"]) == {"SPY", "QQQ"}


def test_short_interest_is_known_nine_sessions_after_settlement(market: Market) -> None:
    assert list(market.short_interest["symbol"]) == ["AMC", "GME"]
    assert set(market.short_interest["known"]) == {day("2025-04-29")}


def test_a_dix_row_is_known_the_next_session(market: Market) -> None:
    last = market.dix.iloc[-1]

    assert (last["date"], last["known"]) == (day("2025-05-29"), day("2025-05-30"))


def test_futures_positions_of_a_tuesday_are_known_on_friday_or_after_the_holiday(
    market: Market,
) -> None:
    known = market.cot[market.cot["market"] == "ES"].set_index("date")["known"]

    assert known["2025-04-08"] == day("2025-04-11")
    assert known["2025-04-15"] == day("2025-04-21")
    assert "2025-05-27" in known.index.astype(str)


def test_futures_shorts_are_above_zero_whatever_the_files_sign(market: Market) -> None:
    es = market.cot[market.cot["market"] == "ES"].iloc[0]

    assert (es["lev_short"], es["am_short"], es["open_interest"]) == (400.0, 200.0, 2000.0)


def test_the_futures_of_three_markets_are_told_apart(market: Market) -> None:
    assert set(market.cot["market"]) == {"ES", "NQ", "VX"}


def test_the_common_file_speaks_for_the_sp500_where_its_own_is_absent(tmp_path: Path) -> None:
    folder = write_small_folder(tmp_path, without=[SP500_COT])
    row = {"code": "ES", "date": "2025-03-04", "oi": 7, "lev_long": 1, "lev_short": 2}
    write_rows(
        folder,
        "positioning/cftc_tff_weekly.csv",
        [{**row, "asset_mgr_long": 3, "asset_mgr_short": 4}],
    )

    assert list(FolderSource(folder).fetch().cot["open_interest"]) == [7.0]


def test_the_lists_of_funds_and_shorted_names_are_taken_whole(market: Market) -> None:
    assert market.leveraged_funds.loc["SOXS", "leverage"] == -3.0
    assert market.leveraged_funds.loc["SOXS", "proxy"] == "SMH"
    assert list(market.leveraged_sensitivity["usd_per_pct"]) == [1e9, 5e9]
    assert list(market.most_shorted["until"].isna()) == [True, False]


def test_every_file_is_named_in_the_notes_with_its_newest_known_row(market: Market) -> None:
    notes = {note.name: note for note in market.notes}

    assert set(notes) >= {PRICES, *OPTIONAL}
    assert notes[PRICES].as_of == day("2025-05-30")
    assert notes[MEMBERS].as_of == day("2025-05-12")
    assert notes[SP500_COT].as_of == day("2025-05-27")
    assert not [note.problem for note in market.notes if note.problem]


def test_what_is_out_the_next_morning_is_not_yet_known_this_evening(market: Market) -> None:
    notes = {note.name: note for note in market.notes}

    assert notes[ASSETS].as_of == day("2025-05-29")


def test_a_price_file_may_be_csv(folder: Path, tmp_path: Path, market: Market) -> None:
    copy = write_small_folder(tmp_path, without=[PRICES])
    csv = PRICES.replace(".parquet", ".csv")
    read_frame(folder, PRICES).to_csv(copy / csv, index=False)
    read = FolderSource(copy).fetch()

    pd.testing.assert_frame_equal(read.close, market.close, check_exact=True)
    assert read.notes[0].name == csv


def test_a_session_asked_for_with_its_hour_is_that_session(folder: Path) -> None:
    asked = day("2025-04-09 16:30")

    assert FolderSource(folder).fetch(asked).sessions[-1] == day("2025-04-09")


def test_a_history_from_before_the_calendar_is_read_from_1990_on(tmp_path: Path) -> None:
    dates = ["1989-12-29", "1990-01-02", "1990-01-03"]
    write_rows(
        tmp_path, PRICES, [price_row("^GSPC", date, 350.0 + i) for i, date in enumerate(dates)]
    )

    assert FolderSource(tmp_path).fetch().sessions[0] == day("1990-01-02")


def test_volume_of_another_feed_is_measured_against_itself_only(tmp_path: Path) -> None:
    rows = []
    for i, session in enumerate(small_sessions()):
        date = str(session.date())
        rows.append(price_row("^GSPC", date, 5000.0 + i))
        scaled = {"quality": "volume_scaled", "volume": 50.0} if i >= 30 else {}
        rows.append({**price_row("SVXY", date, 40.0, 1000.0), **scaled})
    write_rows(tmp_path, PRICES, rows)
    market = FolderSource(tmp_path).fetch()

    assert market.volume["SVXY"].notna().sum() == 30
    assert market.relative_volume["SVXY"].iloc[30:40].isna().all()
    assert (market.relative_volume["SVXY"].iloc[40:] == 1.0).all()


def test_a_folder_of_prices_alone_is_enough(tmp_path: Path) -> None:
    market = FolderSource(write_small_folder(tmp_path, without=OPTIONAL)).fetch()

    assert np.isfinite(market.day_return.iloc[-1])
    assert market.cot.empty
    assert market.member_close.empty
    absent = [note for note in market.notes if note.problem == "not in this folder"]
    assert {note.name for note in absent} == set(OPTIONAL)
