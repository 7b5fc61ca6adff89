"""Information is measured right where it is known, and chance is taken off."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.information import mutual_information, predict_by, predict_by_size

DAYS = pd.bdate_range("2015-01-01", periods=1_500)


def coins(seed: int) -> pd.Series:
    """Return fair coins, one a day."""
    return pd.Series(np.random.default_rng(seed).choice(["a", "b"], len(DAYS)), DAYS)


def test_a_label_tells_all_of_itself() -> None:
    tie = mutual_information(coins(1), coins(1))

    assert tie.bits == pytest.approx(1.0, abs=0.01)
    assert tie.explained > 0.98


def test_a_label_seen_right_three_times_in_four_keeps_a_fifth_of_a_bit() -> None:
    """One minus the entropy of a coin of .75 is 0.189 bits."""
    label = coins(2)
    wrong = np.random.default_rng(3).random(len(DAYS)) < 0.25
    seen = label.where(~wrong, label.map({"a": "b", "b": "a"}))

    assert mutual_information(label, seen).bits == pytest.approx(0.189, abs=0.04)


def test_labels_without_a_tie_show_no_more_than_chance() -> None:
    tie = mutual_information(coins(4), coins(5))

    assert tie.bits <= tie.chance_p95_bits * 1.5
    assert tie.explained < 0.005


def test_runs_of_alike_days_do_not_pass_for_a_tie() -> None:
    rng = np.random.default_rng(6)
    slow = [np.repeat(rng.choice(["a", "b"], 75), 20) for _ in range(2)]
    tie = mutual_information(pd.Series(slow[0], DAYS), pd.Series(slow[1], DAYS))

    # Free shuffling would expect half a thousandth of a bit; whole months scatter far more.
    assert tie.chance_bits > 0.003


def test_a_label_that_only_restates_the_size_is_predicted_by_it() -> None:
    move = pd.Series(np.random.default_rng(7).normal(size=len(DAYS)), DAYS)
    label = pd.Series(np.where(move.abs() > 1.0, "large", "small"), DAYS)

    assert predict_by_size(label, move).accuracy > 0.95


def test_a_label_that_ignores_the_size_is_not() -> None:
    move = pd.Series(np.random.default_rng(8).normal(size=len(DAYS)), DAYS)
    found = predict_by_size(coins(9), move)

    assert found.accuracy < 0.55
    assert found.explained < 0.01


def test_a_witness_that_decides_the_label_predicts_it() -> None:
    witness = pd.Series(np.random.default_rng(10).normal(size=len(DAYS)), DAYS)
    label = pd.Series(np.where(witness > 0.0, "forced", "chosen"), DAYS)
    found = predict_by(label, witness.to_frame("witness"))

    assert found.accuracy > 0.97
    assert found.explained > 0.8
