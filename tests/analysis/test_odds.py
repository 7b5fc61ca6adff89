"""Base rates are counted on closed cases only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.odds import half_back, wilson


def closes(*values: float) -> pd.Series:
    """Return closes on consecutive days."""
    return pd.Series(values, pd.date_range("2025-01-01", periods=len(values)), dtype=float)


def test_a_gain_is_half_given_back_when_a_close_reaches_its_middle() -> None:
    back = half_back(closes(100, 102, 103, 101, 104, 105, 106))

    assert back.iloc[1] == 1.0


def test_a_gain_whose_middle_is_never_reached_is_kept() -> None:
    back = half_back(closes(100, 102, 103, 101.5, 104, 105, 106))

    assert back.iloc[1] == 0.0


def test_a_loss_is_half_recovered_when_a_close_reaches_its_middle() -> None:
    back = half_back(closes(100, 98, 97, 99, 96, 95, 94))

    assert back.iloc[1] == 1.0


def test_a_day_counts_only_once_all_five_later_closes_are_known() -> None:
    back = half_back(closes(100, 102, 100, 101, 104, 105))

    assert np.isnan(back.iloc[1])


def test_the_interval_is_wilsons() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 gives .2553 to .3662."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
