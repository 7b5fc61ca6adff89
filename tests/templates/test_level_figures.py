"""Every figure a trader or a quant is shown is a fact of the report, signed and rounded as said."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from analysis.report import FlowReport, reports
from analysis.simulate import scenarios
from analysis.sources.folder import FolderSource
from templates import write_commentary
from templates.facts import Figure, Standing
from templates.note import compose
from templates.phrasing import Sentence
from tests.markets import MARKET
from tests.templates import reports as days
from tests.templates.random_reports import report_of, seeds
from tests.templates.reading_levels import _set_out, misread

LEVELS = ("trader", "quant")


def wrong_in(report: FlowReport, level: str) -> list[str]:
    commentary = write_commentary(report, level=level)
    return list(misread(compose(commentary), commentary))


@pytest.mark.parametrize("level", LEVELS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(seed=seeds)
def test_whatever_the_report_says_its_figures_are_printed_as_they_are(
    level: str, seed: int
) -> None:
    assert wrong_in(report_of(seed), level) == []


@pytest.mark.parametrize("level", LEVELS)
def test_forty_simulated_sessions_print_no_figure_that_is_not_theirs(level: str) -> None:
    market = scenarios.demo().market

    found = [
        line for told in reports(market, market.sessions[-40:]) for line in wrong_in(told, level)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("- Flow: -$21 billion (99th percentile of its year).", []),
        ("- Flow: $21 billion (99th percentile of its year).", ["$21 billion"]),
        ("- Flow: -$22 billion (99th percentile of its year).", ["-$22 billion"]),
        ("- Flow: -$21 billion (98th percentile of its year).", ["98th percentile"]),
        ("- Flow: -$21 billion (lowest percentile of its year).", ["lowest percentile"]),
    ],
    ids=["as it is", "sign lost", "wrong size", "wrong rank", "wrong end"],
)
def test_the_reader_of_figures_notices_a_lost_sign_a_wrong_size_and_a_wrong_rank(
    text: str, wrong: list[str]
) -> None:
    standing = Standing(label="Flow", unit="USD", percentile=0.987)
    fact = Figure(-2.1e10, "flow", standing)

    assert _set_out(Sentence("driver.evidence.1", text, "", (("driver.flow", fact),))) == wrong


def test_traders_are_shown_levels_without_a_rank_and_no_bookkeeping() -> None:
    levels = days.reading(
        "trend_following",
        -0.9,
        flow_usd=(-42e9, -21e9, -11e9),
        facts={"turning_level": 7126.0, "turning_distance": -0.026, "position_prior": 0.44},
    )
    day = days.with_reading(days.mixed(), levels)
    note = compose(write_commentary(replace(day), level="trader"))
    text = "\n".join(one.text for one in note.sentences)

    assert "turns: 7,126." in text
    assert "backcast" not in text
    assert "Mean age" not in text


@pytest.mark.slow
@pytest.mark.skipif(not MARKET.is_dir(), reason="the market folder is not here")
@pytest.mark.parametrize("years", [slice(0, 2000), slice(2000, None)], ids=["first", "last"])
def test_fifteen_years_print_no_figure_that_is_not_theirs(years: slice) -> None:
    market = FolderSource(MARKET).fetch(None)
    rows = market.sessions[market.sessions >= pd.Timestamp("2011-05-02")][years]

    found = [
        line for told in reports(market, rows) for level in LEVELS for line in wrong_in(told, level)
    ]

    assert found == []
