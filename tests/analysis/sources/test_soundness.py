"""Facts that cannot be are refused or named, whichever vendor they are from."""

import numpy as np
import pandas as pd
import pytest

from analysis.sources.faults import VendorError
from analysis.sources.soundness import sound
from analysis.sources.tables import CBOE_INDICES, normal
from analysis.sources.vendor import Facts, Findings

TODAY = pd.Timestamp("2026-07-29")
DAYS = ["2026-07-27", "2026-07-28", "2026-07-29"]


def closes(values: list[float], days: list[str] = DAYS) -> Findings:
    rows = pd.DataFrame({"date": pd.to_datetime(days), "symbol": "^VIX", "close": values})
    facts = Facts(path=CBOE_INDICES.path, rows=normal(CBOE_INDICES.path, rows))
    return Findings(as_of=TODAY, final=True, facts=(facts,))


def test_sound_closes_are_left_as_they_are() -> None:
    found = sound("cboe", closes([16.0, 17.0, 18.0]))

    assert found.problems == ()
    assert found.final
    assert found.facts[0].rows["close"].tolist() == [16.0, 17.0, 18.0]


def test_two_closes_of_one_day_that_differ_are_refused() -> None:
    with pytest.raises(VendorError, match="two rows of 2026-07-29 "):
        sound("cboe", closes([16.0, 17.0, 18.0, 30.0], [*DAYS, DAYS[-1]]))


def test_a_close_said_twice_counts_once() -> None:
    found = sound("cboe", closes([16.0, 17.0, 18.0, 18.0], [*DAYS, DAYS[-1]]))

    assert found.facts[0].rows["close"].tolist() == [16.0, 17.0, 18.0]


@pytest.mark.parametrize("value", [np.inf, 0.0, -3.0, np.nan])
def test_a_newest_close_that_cannot_be_has_not_come_yet(value: float) -> None:
    found = sound("cboe", closes([16.0, 17.0, value]))

    assert found.as_of == pd.Timestamp("2026-07-28")
    assert not found.final
    assert "no figure of 2026-07-29" in found.problems


def test_an_older_close_that_cannot_be_is_missing_and_named() -> None:
    found = sound("cboe", closes([16.0, np.inf, 18.0]))

    assert found.final
    assert found.problems == ("1 impossible in close, the last of 2026-07-28",)


def test_a_file_without_a_figure_is_refused() -> None:
    with pytest.raises(VendorError, match="has a figure"):
        sound("cboe", closes([np.nan, np.nan, np.nan]))
