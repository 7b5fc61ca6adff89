"""Sums, slopes and scales that look back only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.statistics import (
    known_by_symbol,
    prior_beta,
    prior_scale,
    row_mean,
    row_sum,
    weighted_mean,
)

DAYS = pd.DatetimeIndex(["2024-01-02", "2024-01-03", "2024-01-04"])


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40), st.integers(0, 39))
def test_a_symbol_without_a_value_changes_no_bit_of_a_sum(values: list[float], place: int) -> None:
    names = [f"S{i:02d}" for i in range(len(values))]
    frame = pd.DataFrame([values], columns=names)
    wider = frame.copy()
    wider.insert(min(place, len(values)), "GONE", np.nan)

    assert row_sum(wider).iloc[0] == row_sum(frame).iloc[0]


def test_a_row_without_any_value_has_no_sum_and_no_mean() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan], "b": [3.0, np.nan]})

    assert row_sum(frame).tolist()[0] == 4.0
    assert row_mean(frame).tolist()[0] == 2.0
    assert row_sum(frame).isna().tolist() == row_mean(frame).isna().tolist() == [False, True]


def test_a_missing_part_gives_its_weight_to_the_others() -> None:
    # (1 * 0.2 + 0.5 * 0.8) / 1.5 = 0.4, and 0.2 alone where the second is missing.
    one, other = pd.Series([0.2, 0.2]), pd.Series([0.8, np.nan])

    assert weighted_mean([(1.0, one), (0.5, other)]).tolist() == pytest.approx([0.4, 0.2])


def test_the_slope_is_that_of_the_sessions_before() -> None:
    # Before the last session: x = 1, 2, 3 and y = 2, 4, 6.
    x, y = pd.Series([1.0, 2.0, 3.0, 9.0]), pd.Series([2.0, 4.0, 6.0, -50.0])

    assert prior_beta(y, x, window=3).iloc[-1] == pytest.approx(2.0)


def test_a_factor_that_never_moved_has_no_slope() -> None:
    assert (
        prior_beta(pd.Series(range(9), dtype=float), pd.Series(1.0, range(9)), window=3)
        .isna()
        .all()
    )


def test_the_usual_size_is_the_scaled_median_of_the_sessions_before() -> None:
    # Sizes 1, 2, 3 before the last: median 2, times 1.4826.
    values = pd.Series([1.0, -2.0, 3.0, 100.0])

    assert prior_scale(values, window=3, least=3).iloc[-1] == pytest.approx(2.9652)


def test_the_newest_publication_known_that_evening_counts() -> None:
    table = pd.DataFrame(
        {
            "date": DAYS[[0, 1]],
            "known": DAYS[[1, 2]],
            "symbol": ["GME", "GME"],
            "shares": [10.0, 20.0],
        }
    )

    known = known_by_symbol(table, "shares", ["AMC", "GME"], DAYS)

    assert known["GME"].isna().tolist() == [True, False, False]
    assert known["GME"].iloc[1:].tolist() == [10.0, 20.0]
    assert known["AMC"].isna().all()
