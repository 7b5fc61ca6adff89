"""A label must say more than that the move was large."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.contract import METHOD_VERSION
from benchmarks.labels import PAGE, days_of, explained, history_of, parts_of


@pytest.mark.slow
def test_size_and_sign_of_the_move_tell_almost_nothing_of_the_label(market_folder: Path) -> None:
    days = parts_of(days_of(history_of(market_folder)))["neither quiet nor unclear"]
    tie, by_size, with_witnesses = explained(days)

    assert tie.explained < 0.05
    assert by_size.explained < 0.05
    assert with_witnesses.explained > 0.30


@pytest.mark.slow
def test_forced_flow_participation_and_return_free_evidence_all_move_the_label(
    market_folder: Path,
) -> None:
    days = days_of(history_of(market_folder))
    forced, chosen = (days[days["label"] == label] for label in ("mechanical", "conviction"))

    for witness in ("forced surprise", "short_covering", "hedge_unwinding", "dealer_gamma"):
        assert forced[witness].mean() > chosen[witness].mean() + 0.1, witness
    assert forced["participation"].mean() < chosen["participation"].mean() - 0.1


def test_the_page_is_of_this_method() -> None:
    assert f"(method {METHOD_VERSION})" in PAGE.read_text("utf-8")
