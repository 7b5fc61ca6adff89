"""Fifteen years in one go and each evening by itself tell the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.backfill import COLUMNS, FIGURES, backfill, backfill_span, joined, spans
from analysis.contract import significant
from analysis.fingerprint import fingerprint
from analysis.market import Market
from analysis.report import FlowReport, build_report
from analysis.sources.folder import FolderSource


@pytest.fixture(scope="module")
def whole(simulated_market: Market) -> pd.DataFrame:
    """Return the demo market's backfill."""
    return backfill(simulated_market, *simulated_market.sessions[[0, -1]])


def assert_alone_as_in_the_whole(
    whole: pd.DataFrame, market: Market, session: pd.Timestamp
) -> None:
    """Fail unless the session, worked out with nothing after it, gives the same rows exactly."""
    alone = backfill(market.until(session), session, session)
    rows = whole[whole["session"] == session].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, rows, check_exact=True)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.integers(1, 1_007))
def test_a_session_reads_the_same_alone_and_among_all_others(
    simulated_market: Market, whole: pd.DataFrame, place: int
) -> None:
    assert_alone_as_in_the_whole(whole, simulated_market, simulated_market.sessions[place])


@pytest.mark.parametrize("place", [300, 700, 1_007])
def test_backfill_and_report_print_the_same_figures(
    simulated_market: Market, whole: pd.DataFrame, place: int
) -> None:
    session = simulated_market.sessions[place]
    report = build_report(simulated_market, session)

    for _, row in whole[whole["session"] == session].iterrows():
        assert_prints_the_same(row, report)


def assert_prints_the_same(row: pd.Series, report: FlowReport) -> None:
    """Hold one row of the table against the report's reading of that driver."""
    reading = report.reading(str(row["slug"]))
    flow = reading.flow_usd
    printed = {
        "score": reading.score,
        "surprise": reading.surprise,
        "flow_low_usd": None if flow is None else flow.low,
        "flow_mid_usd": None if flow is None else flow.mid,
        "flow_high_usd": None if flow is None else flow.high,
        "share_of_adv": reading.share_of_adv,
        "coverage": reading.coverage,
        "confidence": reading.confidence,
    }
    for key, value in printed.items():
        told = float(str(row[key]))
        assert np.isnan(told) if value is None else told == significant(value), key
    assert row["measured"] == reading.measured
    assert (row["verdict"], row["side"]) == (report.verdict.label, report.verdict.side)


def test_the_table_has_the_columns_that_others_read(whole: pd.DataFrame) -> None:
    assert list(whole.columns) == COLUMNS
    assert whole["session"].is_monotonic_increasing
    assert set(whole["slug"].value_counts()) == {1_007}
    assert all(whole[name].dtype == np.float64 for name in FIGURES)


def test_stretches_put_together_are_the_whole(
    simulated_market: Market, whole: pd.DataFrame
) -> None:
    rows = simulated_market.sessions[1:]
    parts = [backfill_span(span) for span in spans(simulated_market, rows, 3)]

    assert sorted(len(part) for part in parts) == [2_345, 2_352, 2_352]
    pd.testing.assert_frame_equal(joined(parts), whole, check_exact=True)


def test_a_market_that_knows_more_has_another_fingerprint(simulated_market: Market) -> None:
    last, before = simulated_market.sessions[[-1, -2]]

    assert fingerprint(simulated_market.until(before)) != fingerprint(simulated_market)
    assert fingerprint(simulated_market.until(last)) == fingerprint(simulated_market)


@pytest.mark.slow
def test_real_sessions_read_the_same_alone_and_among_all_others(market_folder: Path) -> None:
    market = FolderSource(market_folder).fetch()
    whole = backfill(market, pd.Timestamp("2011-05-02"), pd.Timestamp("2026-08-05"))
    sessions = pd.DatetimeIndex(whole["session"].unique())
    chosen = np.random.default_rng(3).choice(len(sessions), 10, replace=False)

    for session in [*sessions[chosen], pd.Timestamp("2025-04-09"), sessions[-1]]:
        assert_alone_as_in_the_whole(whole, market, session)
