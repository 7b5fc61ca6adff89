"""Three kinds of reader, one set of facts."""

from __future__ import annotations

import json
import re

import pytest

from analysis.drivers import all_drivers
from analysis.report import FlowReport
from templates import LEVELS, editions, render, write_commentary
from templates.levels import methods
from templates.note import compose
from tests.templates import reports as days
from tests.templates.reading_back import plain_text


def text_at(level: str) -> str:
    """Return a day's note on which trend followers have a section, at a level."""
    day = days.with_reading(days.rally(), days.unmeasured("short_covering"))
    return plain_text(compose(write_commentary(day, level=level)))


def test_an_unknown_level_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"guru.*plain, trader, quant"):
        write_commentary(days.rally(), level="guru")


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_tells_of_the_same_report(level: str) -> None:
    told = json.loads(render(write_commentary(days.rally(), level=level), "json"))

    assert told["report"]["content_hash"] == days.rally().content_hash
    assert told["note"]["level"] == level


def test_plain_words_explain_what_gamma_is_and_the_others_do_not() -> None:
    assert "the risk of their options" in text_at("plain")
    assert "the risk of their options" not in text_at("trader")
    assert "the risk of their options" not in text_at("quant")


def test_a_trader_gets_dollars_levels_and_percentiles() -> None:
    text = text_at("trader")

    assert "- Flow $29 billion ($8.4 billion to $32 billion), 7% of a normal day's trading" in text
    assert "99th percentile of the past three years by size" in text
    assert "5,653" in text
    assert "Formula" not in text


def test_a_quant_gets_formulas_intervals_counts_and_the_method_version() -> None:
    text = text_at("quant")

    assert "Formula: sum over funds of L (L - 1) A r" in text
    assert "46% (42% to 50%, 505 days)" in text
    assert "coverage 0.90, confidence 0.90, grade A" in text
    assert re.search(r"Method version \d{4}\.\d+; report sha256:", text)


def test_plain_words_carry_no_formula_and_no_percentile() -> None:
    assert not re.search("Formula|percentile|Score", text_at("plain"))


def test_every_driver_has_its_method_written_down() -> None:
    assert set(methods()) == {driver.slug for driver in all_drivers()}


@pytest.mark.parametrize("level", ["trader", "quant"])
@pytest.mark.parametrize("report", days.all_days())
def test_every_edition_of_every_level_is_complete(level: str, report: FlowReport) -> None:
    commentary = write_commentary(report, level=level)

    for edition in editions():
        text = render(commentary, edition)
        assert text.strip()
        assert "nan" not in re.findall(r"[a-z]+", text.lower()), edition
