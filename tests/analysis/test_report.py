"""The report keeps its contract, whatever is missing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.contract import significant
from analysis.drivers import all_drivers
from analysis.market import DATED, INDEX, PANELS, Market
from analysis.reading import Estimate
from analysis.report import FlowReport, NoBarError, build_report, gross_share

KEYS = {
    *("version", "session", "content_hash", "as_of", "method_version", "demo", "index"),
    *("verdict", "drivers", "attribution", "odds", "analogues", "calendar", "sources"),
}
DRIVER_KEYS = {
    *("slug", "title", "kind", "grade", "score", "surprise", "measured", "flow_usd"),
    *("share_of_adv", "percentile", "coverage", "confidence", "evidence", "missing", "caveat"),
}
LABELS = {"mechanical", "conviction", "mixed", "quiet", "unclear"}
LISTS = ("leveraged_funds", "leveraged_sensitivity", "most_shorted")


@pytest.fixture(scope="module")
def report(simulated_market: Market) -> FlowReport:
    return build_report(simulated_market)


def as_json(report: FlowReport) -> dict[str, object]:
    """Print the report and read it back, as a program outside would."""
    printed: dict[str, object] = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    return printed


def assert_keeps_the_contract(report: FlowReport) -> None:
    """Check what must hold of every report there is."""
    body = as_json(report)
    assert set(body) >= KEYS
    assert report.verdict.label.value in LABELS
    for reading in report.readings:
        assert -1.0 <= reading.score <= 1.0
        assert 0.0 <= reading.confidence <= reading.coverage <= 1.0
        if not reading.measured:
            assert (reading.score, reading.flow_usd, reading.confidence) == (0.0, None, 0.0)
            assert reading.missing, reading.slug
    shared = sum(report.attribution.by_driver.values())
    assert shared == pytest.approx(report.attribution.explained_return.mid, abs=1e-12)


def test_a_report_has_every_key_of_the_contract(report: FlowReport) -> None:
    assert_keeps_the_contract(report)
    drivers = as_json(report)["drivers"]
    assert isinstance(drivers, list)
    assert [driver["slug"] for driver in drivers] == [driver.slug for driver in all_drivers()]
    assert all(set(driver) >= DRIVER_KEYS for driver in drivers)


def test_the_hash_is_that_of_the_canonical_json_without_itself(report: FlowReport) -> None:
    body = as_json(report)
    told = body.pop("content_hash")
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert told == "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def test_the_same_inputs_give_the_same_bytes(simulated_market: Market, report: FlowReport) -> None:
    again = build_report(simulated_market)

    assert json.dumps(again.as_dict()) == json.dumps(report.as_dict())


@pytest.mark.parametrize("back", [1, 5, 60, 250])
def test_a_report_is_the_same_whether_later_sessions_exist_or_not(
    simulated_market: Market, back: int
) -> None:
    session = simulated_market.sessions[-1 - back]
    cut = simulated_market.until(session)

    assert build_report(cut).as_dict() == build_report(simulated_market, session).as_dict()


def test_the_net_of_forced_flows_is_the_sum_over_mechanical_drivers(report: FlowReport) -> None:
    flows = [
        reading.flow_usd.mid
        for reading in report.readings
        if reading.flow_usd is not None and reading.driver.kind.value == "mechanical"
    ]

    assert report.verdict.mechanical_usd is not None
    assert report.verdict.mechanical_usd.mid == pytest.approx(sum(flows))


def test_buying_and_selling_add_up_in_the_share_of_volume_and_do_not_cancel() -> None:
    flows = {"a": Estimate(1e9, 2e9, 3e9), "b": Estimate(-3e9, -2e9, -1e9)}

    assert gross_share(flows, 100e9) == Estimate(0.02, 0.04, 0.06)


def test_what_is_called_for_may_exceed_a_days_volume_but_not_its_share() -> None:
    assert gross_share({"a": Estimate(-150e9, -120e9, -60e9)}, 100e9) == Estimate(0.6, 1.0, 1.0)


def test_a_range_across_zero_may_have_been_nothing_at_all() -> None:
    assert gross_share({"a": Estimate(-1e9, 2e9, 3e9)}, 100e9) == Estimate(0.0, 0.02, 0.03)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.sets(st.sampled_from([*PANELS, *DATED, *LISTS]), max_size=8))
def test_any_missing_table_gives_a_report_with_reasons_and_no_fuss(
    simulated_market: Market, parts: set[str]
) -> None:
    gone: dict[str, Any] = {part: pd.DataFrame() for part in parts - {"close"}}

    assert_keeps_the_contract(build_report(replace(simulated_market, **gone)))


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_missing_symbol_or_last_bar_gives_a_report_with_reasons_and_no_fuss(
    simulated_market: Market, data: st.DataObject
) -> None:
    others = [symbol for symbol in simulated_market.close.columns if symbol != INDEX]
    dropped = data.draw(st.sets(st.sampled_from(others), max_size=20))
    silent = data.draw(st.sets(st.sampled_from(others), max_size=20))
    close = simulated_market.close.drop(columns=sorted(dropped))
    for symbol in sorted(silent - dropped):
        close.loc[close.index[-1], symbol] = np.nan

    assert_keeps_the_contract(build_report(replace(simulated_market, close=close)))


def test_with_nothing_but_the_index_no_verdict_is_given(simulated_market: Market) -> None:
    bare = Market(sessions=simulated_market.sessions, close=simulated_market.close[[INDEX]])
    found = build_report(bare)

    assert found.verdict.label.value == "unclear"
    assert found.verdict.confidence == 0.0
    assert_keeps_the_contract(found)


def test_without_the_last_bar_of_the_index_there_is_no_report(simulated_market: Market) -> None:
    close = simulated_market.close.copy()
    close.loc[close.index[-1], INDEX] = np.nan

    with pytest.raises(NoBarError, match="no bar"):
        build_report(replace(simulated_market, close=close))


@given(st.floats(-1e15, 1e15))
def test_a_printed_figure_is_within_half_of_its_sixth_digit(value: float) -> None:
    printed = significant(value)

    assert isfinite(printed)
    assert printed == pytest.approx(value, rel=5.1e-6)
    assert significant(printed) == printed
