"""What can be wrong with a folder: one clear sentence, or a note and a report all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.market import DATED, PANELS, Market
from analysis.sessions import NotASessionError
from analysis.sources.folder import (
    FolderSource,
    NoBarError,
    NoPricesError,
    NoSuchFolderError,
    TableError,
)
from tests.market_folder import (
    ASSETS,
    BREADTH,
    COT,
    DIX,
    FUNDS,
    MEMBERS,
    OPTIONAL,
    PRICES,
    PUT_CALL,
    SHARES,
    SHORTED,
    add_rows,
    price_row,
    read_frame,
    write_frame,
    write_small_folder,
)

NUMBERS = {
    MEMBERS: "close",
    BREADTH: "adv",
    ASSETS: "assets_usd",
    DIX: "dix",
    COT: "lev_long",
    PUT_CALL: "pcr_total",
    FUNDS: "L",
}
"""A number column of some of the files."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_folder(tmp_path)


def problem(market: Market, name: str) -> str:
    return next(note.problem for note in market.notes if note.name == name)


def problems(market: Market) -> dict[str, str]:
    return {note.name: note.problem for note in market.notes if note.problem}


def test_optional_files_may_be_absent_and_are_named(tmp_path: Path) -> None:
    market = FolderSource(write_small_folder(tmp_path, without=OPTIONAL)).fetch()

    assert problems(market) == dict.fromkeys(OPTIONAL, "not in this folder")


def test_optional_files_may_be_empty_and_are_named(folder: Path) -> None:
    for name in OPTIONAL:
        (folder / name).write_bytes(b"")

    assert problems(FolderSource(folder).fetch()) == dict.fromkeys(OPTIONAL, "the file is empty")


def test_optional_files_may_hold_a_header_alone(folder: Path) -> None:
    for name in OPTIONAL:
        write_frame(folder, name, read_frame(folder, name).iloc[:0])

    assert problems(FolderSource(folder).fetch()) == dict.fromkeys(
        OPTIONAL, "no rows by this session"
    )


def test_optional_files_may_be_damaged_and_are_named(folder: Path) -> None:
    for name in OPTIONAL:
        start = (folder / name).read_bytes()[:40]
        (folder / name).write_bytes(start + b"\xff\xfe\x00 nonsense,\n,,,,,,,,,,,,,\n")

    assert problems(FolderSource(folder).fetch()) == dict.fromkeys(
        OPTIONAL, "the file is damaged and cannot be read"
    )


def test_optional_files_may_be_cut_off_and_are_named(folder: Path) -> None:
    cut = [name for name in OPTIONAL if name.endswith(".parquet")]
    for name in cut:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])

    assert problems(FolderSource(folder).fetch()) == dict.fromkeys(
        cut, "the file is damaged and cannot be read"
    )


@pytest.mark.parametrize(("name", "column"), NUMBERS.items())
def test_a_file_without_a_column_it_needs_is_left_out_and_named(
    folder: Path, name: str, column: str
) -> None:
    write_frame(folder, name, read_frame(folder, name).drop(columns=column))

    assert problem(FolderSource(folder).fetch(), name) == f"the column '{column}' is missing"


def test_a_column_that_may_be_missing_costs_only_itself(folder: Path) -> None:
    write_frame(folder, PUT_CALL, read_frame(folder, PUT_CALL).drop(columns="pcr_equity"))
    market = FolderSource(folder).fetch()

    assert market.put_call["equity"].isna().all()
    assert market.put_call["total"].iloc[-1] == 0.9
    assert problem(market, PUT_CALL) == "the column 'pcr_equity' is missing"


@pytest.mark.parametrize(("name", "column"), NUMBERS.items())
def test_text_in_a_number_column_is_missing_and_the_file_is_named(
    folder: Path, name: str, column: str
) -> None:
    frame = read_frame(folder, name).astype({column: "str"})
    frame.loc[1, column] = "n.v. 1,5"
    write_frame(folder, name, frame)

    assert "1 value not readable as a number" in problem(FolderSource(folder).fetch(), name)


def test_text_in_a_price_costs_that_price_alone(folder: Path) -> None:
    frame = read_frame(folder, PRICES).astype({"close": "str"})
    frame.loc[5, "close"] = "five hundred"
    write_frame(folder, PRICES, frame)
    market = FolderSource(folder).fetch()

    assert np.isnan(market.close["SPY"].iloc[5])
    assert market.close["SPY"].iloc[6] == 503.0
    assert "1 value not readable as a number" in problem(market, PRICES)


def test_the_order_of_rows_does_not_matter(folder: Path) -> None:
    before = FolderSource(folder).fetch()
    for name in (PRICES, *OPTIONAL):
        frame = read_frame(folder, name)
        write_frame(folder, name, frame.sample(frac=1.0, random_state=7))
    after = FolderSource(folder).fetch()

    assert after.notes == before.notes
    for part in (*PANELS, *DATED):
        pd.testing.assert_frame_equal(
            getattr(after, part), getattr(before, part), check_exact=True, obj=part
        )


def test_rows_said_twice_are_dropped_and_the_file_is_named(folder: Path) -> None:
    for name in (PRICES, *OPTIONAL):
        frame = read_frame(folder, name)
        write_frame(folder, name, pd.concat([frame, frame.iloc[[1]]]))

    assert problems(FolderSource(folder).fetch()) == dict.fromkeys(
        (PRICES, *OPTIONAL), "1 row repeated and dropped"
    )


@pytest.mark.parametrize(("name", "column"), NUMBERS.items())
def test_a_file_at_odds_with_itself_is_refused_as_a_whole_and_named(
    folder: Path, name: str, column: str
) -> None:
    frame = read_frame(folder, name)
    other = frame.iloc[[1]].assign(**{column: 0.123})
    write_frame(folder, name, pd.concat([frame, other]))
    market = FolderSource(folder).fetch()

    assert "contradict each other" in problem(market, name)
    assert "none of the file is used" in problem(market, name)


def test_a_refused_file_leaves_no_rows_behind(folder: Path) -> None:
    add_rows(folder, DIX, {"date": "2025-04-09", "price": 1.0, "dix": 0.99, "gex": 1.0})
    market = FolderSource(folder).fetch()

    assert market.dix.empty
    assert "(2025-04-09)" in problem(market, DIX)


def test_a_contradiction_of_next_week_does_not_spoil_today(folder: Path) -> None:
    add_rows(folder, DIX, {"date": "2025-05-29", "price": 1.0, "dix": 0.99, "gex": 1.0})
    market = FolderSource(folder).fetch(pd.Timestamp("2025-05-28"))

    assert problem(market, DIX) == ""
    assert len(market.dix) > 50


def test_a_price_file_at_odds_with_itself_is_refused(folder: Path) -> None:
    add_rows(folder, PRICES, price_row("SPY", "2025-04-09", 1.0))

    with pytest.raises(TableError, match=r"contradict each other \(SPY 2025-04-09\)") as refusal:
        FolderSource(folder).fetch()
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize("size", [0, 200, 4000])
def test_a_price_file_cut_off_is_one_clear_sentence(folder: Path, size: int) -> None:
    path = folder / PRICES
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(TableError, match=f"{PRICES}: the file is (empty|damaged)") as refusal:
        FolderSource(folder).fetch()
    assert refusal.value.exit_code == 3


def test_a_price_file_without_closes_is_refused(folder: Path) -> None:
    write_frame(folder, PRICES, read_frame(folder, PRICES).drop(columns="close"))

    with pytest.raises(TableError, match="the column 'close' is missing"):
        FolderSource(folder).fetch()


def test_a_folder_without_prices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=f"{PRICES}: not in this folder") as refusal:
        FolderSource(write_small_folder(tmp_path, without=[PRICES])).fetch()
    assert refusal.value.exit_code == 3


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoPricesError, match="the folder is empty") as refusal:
        FolderSource(tmp_path).fetch()
    assert refusal.value.exit_code == 3


def test_a_folder_that_is_not_there_is_a_bad_argument(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFolderError, match="no such folder") as refusal:
        FolderSource(tmp_path / "nowhere").fetch()
    assert refusal.value.exit_code == 2


def test_a_price_file_without_the_index_is_refused(folder: Path) -> None:
    frame = read_frame(folder, PRICES)
    write_frame(folder, PRICES, frame[frame["symbol"] != "^GSPC"])

    with pytest.raises(NoPricesError, match=r"has no bar of \^GSPC") as refusal:
        FolderSource(folder).fetch()
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2025-06-02", r"for the session \(2025-06-02\); its last by then is 2025-05-30"),
        ("2025-02-28", r"no bar of \^GSPC by 2025-02-28; its first is 2025-03-03"),
        ("2025-03-03", r"for the session before it \(2025-02-28\)"),
    ],
    ids=["after the last bar", "before the first bar", "the first bar has none before it"],
)
def test_a_session_without_an_index_bar_cannot_be_reported(
    folder: Path, asked: str, words: str
) -> None:
    with pytest.raises(NoBarError, match=words) as refusal:
        FolderSource(folder).fetch(pd.Timestamp(asked))
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize("lost", ["2025-05-29", "2025-05-30"])
def test_a_hole_in_the_index_costs_the_session_and_the_next(folder: Path, lost: str) -> None:
    frame = read_frame(folder, PRICES)
    hole = (frame["symbol"] == "^GSPC") & (frame["date"] == lost)
    write_frame(folder, PRICES, frame[~hole])

    with pytest.raises(NoBarError, match=lost):
        FolderSource(folder).fetch(pd.Timestamp("2025-05-30"))
    day_before = pd.Timestamp("2025-05-28")
    assert FolderSource(folder).fetch(day_before).sessions[-1] == day_before


def test_a_holiday_is_no_session(folder: Path) -> None:
    with pytest.raises(NotASessionError, match="2025-04-17 and 2025-04-21") as refusal:
        FolderSource(folder).fetch(pd.Timestamp("2025-04-18"))
    assert refusal.value.exit_code == 2


def test_rows_of_holidays_are_dropped_and_counted(folder: Path) -> None:
    add_rows(folder, PRICES, price_row("^VIX", "2025-04-18", 99.0))
    market = FolderSource(folder).fetch()

    assert "1 row on days without a session dropped" in problem(market, PRICES)
    assert market.close["^VIX"].max() < 99.0


def test_rows_after_today_are_not_looked_at(folder: Path) -> None:
    add_rows(folder, PRICES, price_row("^GSPC", "2031-01-02", 9000.0))
    market = FolderSource(folder, today=pd.Timestamp("2025-05-31")).fetch()

    assert market.sessions[-1] == pd.Timestamp("2025-05-30")
    assert problem(market, PRICES) == ""


@pytest.mark.parametrize("close", [0.0, -3.0])
def test_a_price_of_zero_or_less_is_no_price(folder: Path, close: float) -> None:
    frame = read_frame(folder, PRICES)
    frame.loc[frame["symbol"].eq("SPY") & frame["date"].eq("2025-05-30"), "close"] = close
    write_frame(folder, PRICES, frame)
    market = FolderSource(folder).fetch()

    assert "1 value of no price dropped" in problem(market, PRICES)
    assert np.isnan(market.close["SPY"].iloc[-1])


def test_a_negative_volume_is_no_volume(folder: Path) -> None:
    frame = read_frame(folder, PRICES)
    frame.loc[frame["symbol"].eq("SPY") & frame["date"].eq("2025-05-30"), "volume"] = -5.0
    write_frame(folder, PRICES, frame)
    market = FolderSource(folder).fetch()

    assert "1 value of negative volume dropped" in problem(market, PRICES)
    assert np.isnan(market.volume["SPY"].iloc[-1])
    assert market.close["SPY"].iloc[-1] == 531.0


def test_no_return_is_taken_across_a_split_nobody_adjusted_for(folder: Path) -> None:
    frame = read_frame(folder, PRICES)
    late = frame["symbol"].eq("TQQQ") & (frame["date"] >= "2025-05-15")
    frame.loc[late, "close"] = frame.loc[late, "close"] / 10.0
    write_frame(folder, PRICES, frame)
    market = FolderSource(folder).fetch()

    assert "jump like an unadjusted split dropped (TQQQ)" in problem(market, PRICES)
    assert market.returns("TQQQ").abs().max() < 0.01


def test_a_bar_that_repeats_the_one_before_is_mentioned(folder: Path) -> None:
    frame = read_frame(folder, PRICES)
    bars = ["open", "high", "low", "close"]
    last_two = frame.index[frame["symbol"].eq("^GSPC")][-2:]
    frame.loc[last_two[1], bars] = frame.loc[last_two[0], bars]
    write_frame(folder, PRICES, frame)

    assert problem(FolderSource(folder).fetch(), PRICES) == (
        "the last bar of ^GSPC repeats the one before"
    )


def test_a_ticker_of_two_companies_is_left_out(folder: Path) -> None:
    add_rows(folder, PRICES, price_row("BBBY", "2025-05-30", 6.6))
    market = FolderSource(folder).fetch()

    assert "BBBY" not in market.close.columns
    assert "named two companies" in problem(market, PRICES)


def test_a_date_that_is_none_costs_its_row(folder: Path) -> None:
    frame = read_frame(folder, DIX)
    frame.loc[3, "date"] = "sometime in March"
    write_frame(folder, DIX, frame)

    assert problem(FolderSource(folder).fetch(), DIX) == "1 row without a readable date dropped"


def test_a_count_that_is_no_share_count_is_dropped(folder: Path) -> None:
    frame = read_frame(folder, SHARES)
    frame.loc[0, "shares_outstanding"] = 34.0
    frame.loc[1, "shares_outstanding"] = 20260630.0
    write_frame(folder, SHARES, frame)
    market = FolderSource(folder).fetch()

    assert problem(market, SHARES) == "2 rows that are no share counts dropped"
    assert market.fund_shares["shares"].min() >= 33e6


def test_placeholders_among_the_put_call_ratios_are_missing(folder: Path) -> None:
    frame = read_frame(folder, PUT_CALL)
    frame.loc[0, "pcr_index"] = 11.0
    write_frame(folder, PUT_CALL, frame)
    market = FolderSource(folder).fetch()

    assert "1 value of the index ratio outside 0.1 to 4 dropped" in problem(market, PUT_CALL)
    assert np.isnan(market.put_call["index"].iloc[0])


def test_a_list_without_an_end_column_has_no_ends(folder: Path) -> None:
    write_frame(folder, SHORTED, read_frame(folder, SHORTED).drop(columns="to"))

    assert FolderSource(folder).fetch().most_shorted["until"].isna().all()
