"""The record is told in words and in JSON, and hindsight never passes for a live record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.market import Market
from analysis.record import Record
from bot.recording import hindsight_of, record_json, record_table
from tests.markets import index_market, random_closes


@pytest.fixture(scope="module")
def record(simulated_market: Market) -> Record:
    """Return the demo market's hindsight record."""
    return hindsight_of(simulated_market)


def body(record: Record) -> dict[str, Any]:
    """Return the record as a program reads it."""
    read: dict[str, Any] = json.loads(record_json(record, demo=True))
    return read


def test_hindsight_and_simulation_are_said_first(record: Record) -> None:
    lines = record_table(record, demo=True).splitlines()

    assert lines[0].startswith("HINDSIGHT")
    assert lines[1] == "SIMULATED market"
    assert body(record)["hindsight"] is True
    assert body(record)["demo"] is True


def test_every_base_rate_has_its_key_condition_cases_and_interval(record: Record) -> None:
    rates = body(record)["base_rates"]

    assert {"half_back_5", "next_sign", "next_abs_band"} <= {rate["key"] for rate in rates}
    for rate in rates:
        assert {"key", "condition", "probability", "interval", "n"} <= set(rate)
        assert rate["n"] >= 30
        assert rate["interval"][0] <= rate["probability"] <= rate["interval"][1]


def test_every_score_stands_beside_its_base_rate_and_interval(record: Record) -> None:
    for score in body(record)["scores"]:
        assert score["brier_interval"][0] <= score["brier"] <= score["brier_interval"][1]
        assert score["against_base"]["n"] == score["n"]
        assert sum(row["n"] for row in score["calibration"]) == score["n"]


def test_short_covering_calls_wait_for_short_interest(record: Record) -> None:
    covering = body(record)["short_covering"]

    assert covering["calls"] > 0
    assert covering["checked"] <= covering["calls"]


def test_the_words_hold_every_key(record: Record) -> None:
    text = record_table(record, demo=True)

    assert all(score.key in text for score in record.scores)
    assert "short covering:" in text


@pytest.mark.parametrize("first", ["2008-01-02", "2024-01-02"])
def test_a_market_without_enough_past_has_no_record_and_says_so(first: str) -> None:
    empty = hindsight_of(index_market(random_closes(40, 3), first=first))

    assert "no claims" in record_table(empty, demo=False)
    assert body(empty)["scores"] == []
