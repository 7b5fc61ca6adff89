"""A price of a running session is used only if it is of today, recent, and on yesterday's close."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.into_close import SessionPrices
from analysis.sources.folder.errors import NoPricesError, TableError
from analysis.sources.folder.intraday import intraday_bars, latest_session, session_prices
from analysis.sources.session_prices import NEW_YORK, checked
from tests.market_folder import write_frame

TUESDAY = pd.Timestamp("2025-06-10")
HALF_DAY = pd.Timestamp("2025-11-28")
BARS = "intraday/bars_5m_2025"


def new_york(clock: str, day: str = "2025-06-10") -> pd.Timestamp:
    return pd.Timestamp(f"{day} {clock}", tz=NEW_YORK).tz_convert("UTC")


def one_price(made: str, *, price: float = 101.0, prior: float = 100.0) -> SessionPrices:
    """Check a price of SPY at 15:35 on a Tuesday after it closed at 100."""
    rows = pd.DataFrame({"price": [price], "prior_close": [prior], "made": [new_york(made)]})
    rows.index = pd.Index(["SPY"])
    return checked(rows, TUESDAY, new_york("15:35"), pd.Series({"SPY": 100.0}), "by hand")


@pytest.mark.parametrize("made", ["15:35", "15:05", "15:36"])
def test_a_price_of_the_last_half_hour_is_used(made: str) -> None:
    assert one_price(made).rows["price"]["SPY"] == 101.0
    assert one_price(made).problems == ()


@pytest.mark.parametrize(
    ("made", "figures", "words"),
    [
        ("15:04", {}, "its price of 15:04 is too old"),
        ("15:37", {}, "its price of 15:37 has not come yet"),
        ("09:29", {}, "its price of 09:29 is from outside the session"),
        ("15:30", {"price": float("nan")}, "no price"),
        ("15:30", {"price": -1.0}, "no price"),
        ("15:30", {"prior": float("nan")}, "no prior close to check it by"),
        ("15:30", {"prior": 98.9}, "prior close 98.9 here, 100 kept"),
        ("15:30", {"price": 900.0}, "its price of 900 is no move from 100"),
        ("15:30", {"prior": 50.0}, "prior close 50 here, 100 kept: a split"),
    ],
)
def test_any_other_price_is_left_out_and_named(
    made: str, figures: dict[str, float], words: str
) -> None:
    found = one_price(made, **figures)

    assert found.rows.empty
    assert found.problems == (f"SPY: {words}",)


def test_yesterdays_price_is_told_by_its_day() -> None:
    rows = pd.DataFrame(
        {"price": 101.0, "prior_close": 100.0, "made": new_york("16:00", "2025-06-09")}, ["SPY"]
    )

    found = checked(rows, TUESDAY, new_york("15:35"), pd.Series({"SPY": 100.0}), "by hand")

    assert found.problems == ("SPY: its price is of 2025-06-09",)


def test_a_half_day_ends_at_one() -> None:
    rows = pd.DataFrame({"price": 101.0, "prior_close": 100.0}, ["SPY", "QQQ"])
    rows["made"] = [new_york("12:35", "2025-11-28"), new_york("13:01", "2025-11-28")]
    closes = pd.Series({"SPY": 100.0, "QQQ": 100.0})

    found = checked(rows, HALF_DAY, new_york("13:01", "2025-11-28"), closes, "by hand")

    assert list(found.rows.index) == ["SPY"]
    assert found.problems == ("QQQ: its price of 13:01 is from outside the session",)


def folder_with(path: Path, *bars: tuple[str, str, float], suffix: str = ".csv") -> Path:
    frame = pd.DataFrame(bars, columns=["ts", "symbol", "close"])
    if suffix == ".parquet":
        frame = frame.assign(ts=pd.to_datetime(frame["ts"]))
    write_frame(path, f"{BARS}{suffix}", frame)
    return path


MONDAYS = ("2025-06-09 15:55", "SPY", 100.0)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_bar_is_known_when_it_is_over(tmp_path: Path, suffix: str) -> None:
    bars = intraday_bars(
        folder_with(
            tmp_path,
            MONDAYS,
            ("2025-06-10 15:25", "SPY", 101.0),
            ("2025-06-10 15:30", "SPY", 102.0),
            ("2025-06-10 15:35", "SPY", 103.0),
            suffix=suffix,
        )
    )

    found = session_prices(bars, TUESDAY, new_york("15:35"), pd.Series({"SPY": 100.0}))

    assert found.rows["price"]["SPY"] == 102.0
    assert found.rows["prior_close"]["SPY"] == 100.0
    assert found.rows["at"]["SPY"] == new_york("15:35")
    assert latest_session(bars) == TUESDAY


def test_a_symbol_that_stopped_trading_has_no_price_of_now(tmp_path: Path) -> None:
    bars = intraday_bars(folder_with(tmp_path, MONDAYS, ("2025-06-10 14:55", "SPY", 101.0)))

    found = session_prices(bars, TUESDAY, new_york("15:35"), pd.Series({"SPY": 100.0}))

    assert found.problems == ("SPY: its price of 15:00 is too old",)


def test_bars_of_before_a_split_are_told_by_their_prior_close(tmp_path: Path) -> None:
    bars = intraday_bars(
        folder_with(
            tmp_path, ("2025-06-09 15:55", "SPY", 1000.0), ("2025-06-10 15:30", "SPY", 1010.0)
        )
    )

    found = session_prices(bars, TUESDAY, new_york("15:35"), pd.Series({"SPY": 100.0}))

    assert found.problems == ("SPY: prior close 1000 here, 100 kept: a split",)


def test_a_folder_without_bars_and_a_day_without_them_are_told(tmp_path: Path) -> None:
    with pytest.raises(NoPricesError, match="no prices during the session; see docs/data-format"):
        intraday_bars(tmp_path)
    bars = intraday_bars(folder_with(tmp_path, MONDAYS))
    with pytest.raises(NoPricesError, match="no bar of 2025-06-10 was over by 15:35 New York"):
        session_prices(bars, TUESDAY, new_york("15:35"), pd.Series({"SPY": 100.0}))


def test_bars_that_contradict_each_other_are_refused_and_repeats_are_not(tmp_path: Path) -> None:
    twice = folder_with(tmp_path / "a", MONDAYS, MONDAYS)
    torn = folder_with(tmp_path / "b", MONDAYS, ("2025-06-09 15:55", "SPY", 99.0))

    assert len(intraday_bars(twice)) == 1
    with pytest.raises(TableError, match="contradict each other \\(SPY 2025-06-09 16:00"):
        intraday_bars(torn)


@pytest.mark.parametrize("written", ["2025-06-10T15:30:00Z", "2025-06-10 15:30-04:00"])
def test_times_of_another_zone_are_not_taken_for_new_yorks(tmp_path: Path, written: str) -> None:
    with pytest.raises(TableError, match="write New York's time without one"):
        intraday_bars(folder_with(tmp_path / "csv", (written, "SPY", 101.0)))
    with pytest.raises(TableError, match="write New York's time without one"):
        intraday_bars(folder_with(tmp_path / "arrow", (written, "SPY", 101.0), suffix=".parquet"))


def test_a_file_without_times_or_with_none_that_can_be_read_is_told(tmp_path: Path) -> None:
    write_frame(tmp_path, f"{BARS}.csv", pd.DataFrame({"symbol": ["SPY"], "close": [1.0]}))
    with pytest.raises(TableError, match="'ts' is missing"):
        intraday_bars(tmp_path)
    bars = intraday_bars(folder_with(tmp_path, MONDAYS, ("at noon", "SPY", 1.0)))
    assert len(bars) == 1
