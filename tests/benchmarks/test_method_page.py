"""The method page and the code say the same."""

from __future__ import annotations

import re

import pytest

from analysis.drivers import all_drivers
from analysis.reading import Driver
from benchmarks.method_tables import BLOCK, CHAPTERS, PAGE, constants, printed, rewritten, tables

TEXT = PAGE.read_text("utf-8")


def test_every_constant_on_the_page_is_the_codes() -> None:
    assert rewritten(TEXT) == TEXT, "run python -m benchmarks.method_tables"


def test_every_table_has_its_place() -> None:
    assert sorted(found[2] for found in BLOCK.finditer(TEXT)) == sorted(tables())


def test_every_driver_has_a_chapter() -> None:
    assert {driver.slug for driver in all_drivers()} <= set(CHAPTERS)


@pytest.mark.parametrize("driver", all_drivers(), ids=lambda driver: driver.slug)
def test_a_drivers_inputs_stand_in_the_coverage_table(driver: Driver) -> None:
    rows = re.findall(r"^\| (\w+) \| (\w+) \| ([\d.]+) \| ([\d.]*) \|", TEXT, re.MULTILINE)
    told = {(slug, key): (float(weight), life) for slug, key, weight, life in rows}

    for needed in driver.inputs:
        weight, life = told[driver.slug, needed.key]
        assert weight == pytest.approx(needed.weight)
        assert (float(life) if life else None) == needed.half_life_days


def test_a_constant_is_found_with_the_words_beneath_it() -> None:
    found = {name: (value, words) for name, value, words in constants("analysis.attribution")}

    assert found["IMPACT"][0] == (0.4, 0.7, 1.0)
    assert "square-root law" in found["IMPACT"][1]


def test_numbers_are_written_for_readers() -> None:
    assert printed(250e9) == "250 bn"
    assert printed((0.26, 0.9, 1.0)) == "0.26, 0.9, 1"
    assert printed(756) == "756"
