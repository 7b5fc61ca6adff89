"""Every note of many sessions, read back: simulated ones always, fifteen real years at leisure."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from analysis.market import Market
from analysis.report import reports
from analysis.simulate import scenarios
from analysis.sources.folder import FolderSource
from templates import write_commentary
from templates.note import compose
from tests.markets import MARKET
from tests.templates.gates import Resting, violations

WARM_UP = 260
"""Sessions of a simulated market before its drivers have a year to be ranked in."""

SIMULATED = 2000


def read_back(market: Market, rows: pd.DatetimeIndex) -> tuple[Counter[str], list[str], Resting]:
    """Return what the notes of those sessions break, and how long their sentences rest."""
    broken: Counter[str] = Counter()
    details: list[str] = []
    resting = Resting(sections=True)
    opening = ""
    for report in reports(market, rows):
        commentary = write_commentary(report)
        note = compose(commentary)
        for kind, detail in violations(commentary, note, opening):
            broken[kind] += 1
            details.append(f"{report.session} {kind}: {detail}")
        opening = note.lead[0].sentences[0].text[:25]
        resting.hear(note)
    return broken, details, resting


@pytest.mark.slow
def test_a_hundred_simulated_notes_break_no_gate() -> None:
    market = scenarios.demo().market

    _, details, _ = read_back(market, market.sessions[-100:])

    assert details == []


@pytest.mark.slow
def test_two_thousand_simulated_notes_break_no_gate() -> None:
    details: list[str] = []
    told = 0
    for make, seed in [
        (scenarios.rally, 1),
        (scenarios.sell_off, 2),
        (scenarios.mixed, 3),
    ]:
        market = make(seed).market
        rows = market.sessions[WARM_UP:]
        told += len(rows)
        details += read_back(market, rows)[1]

    assert details == []
    assert told >= SIMULATED


@pytest.mark.slow
@pytest.mark.skipif(not MARKET.is_dir(), reason="the market folder is not here")
def test_fifteen_years_of_notes_break_no_gate_and_rest_their_sentences() -> None:
    market = FolderSource(MARKET).fetch(None)
    rows = market.sessions[market.sessions >= pd.Timestamp("2011-05-02")]

    _, details, resting = read_back(market, rows)

    assert details == []
    assert sorted(resting.gaps)[len(resting.gaps) // 2] >= 10
    assert sum(gap < 10 for gap in resting.gaps) <= 0.005 * resting.heard
