"""The rules that tell a market fact from an accident of its file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.sources import guard


def rows(**columns: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    if "symbol" in frame:
        frame["symbol"] = frame["symbol"].astype("category")
    if "date" in frame:
        frame["date"] = pd.to_datetime(frame["date"])
    return frame


def test_a_row_said_twice_is_a_repeat_even_where_a_value_is_missing() -> None:
    table = rows(date=["2025-04-09"] * 2, symbol=["SPY"] * 2, close=[np.nan, np.nan])

    assert list(guard.repeats(table, ["date", "symbol"])) == [False, True]


def test_two_values_for_one_day_contradict_each_other() -> None:
    table = rows(date=["2025-04-08", "2025-04-09", "2025-04-09"], close=[1.0, 2.0, 3.0])

    with pytest.raises(guard.ConflictError) as conflict:
        guard.repeats(table, ["date"])
    assert conflict.value.row == 2


@pytest.mark.parametrize(
    ("dates", "symbols", "ordered"),
    [
        (["2025-04-08", "2025-04-09", "2025-04-08"], ["A", "A", "B"], True),
        (["2025-04-08", "2025-04-08", "2025-04-09"], ["A", "B", "A"], False),
        (["2025-04-08", "2025-04-08"], ["A", "A"], False),
        ([], [], True),
    ],
    ids=["by symbol, then date", "by date, then symbol", "a repeat", "no rows"],
)
def test_order_is_by_symbol_and_then_by_date_without_repeats(
    dates: list[object], symbols: list[object], ordered: bool
) -> None:
    assert guard.in_order(rows(date=dates, symbol=symbols), ["date", "symbol"]) is ordered


@pytest.mark.parametrize(
    ("before", "after", "jump"),
    [(100.0, 10.0, True), (10.0, 100.0, True), (34.6, 200.9, False), (71.8, 12.2, False)],
    ids=["ten to one", "one to ten", "a squeeze of 5.8 times", "a fall to a sixth"],
)
def test_a_tenfold_jump_is_a_split_and_a_squeeze_is_not(
    before: float, after: float, jump: bool
) -> None:
    table = rows(symbol=["A", "A", "B"], close=[before, after, 1.0])

    assert list(guard.split_jumps(table)) == [False, jump, False]


@pytest.mark.parametrize(
    ("shares", "wrong"),
    [
        (34.0, True),
        (4.0, True),
        (20260630.0, True),
        (19951231.0, True),
        (20050000.0, False),
        (32925001.0, False),
        (1.4e9, False),
    ],
)
def test_a_share_count_is_neither_tiny_nor_a_date(shares: float, wrong: bool) -> None:
    assert list(guard.no_share_counts(np.array([shares]))) == [wrong]


def test_a_missing_value_is_not_outside_its_range() -> None:
    values = np.array([0.9, 11.0, 0.0, np.nan])

    assert list(guard.outside(values, guard.PUT_CALL_RANGE)) == [False, True, True, False]
