"""The record has a picture where enough claims are graded, and says whose claims they are."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from bot.site.frame import Site
from bot.site.planned import Planned
from bot.site.record_page import record_files
from bot.site.shelf import NO_RECORD

SITE = Site(address="https://desk.example/notes")
FRIDAY = date(2025, 11, 21)


def a_row(n: int, said: float = 0.45, came_true: float = 0.5) -> dict[str, Any]:
    """Return a group of claims near one probability."""
    return {
        "low": 0.4,
        "high": 0.5,
        "n": n,
        "mean_probability": said,
        "came_true": came_true,
        "interval": [0.3, 0.7],
    }


def a_record(*rows: dict[str, Any], hindsight: bool = False) -> dict[str, Any]:
    """Return the record of one claim's groups."""
    none = {"skill": None, "low": None, "high": None, "n": 0}
    score = {
        "key": "next_sign",
        "n": sum(row["n"] for row in rows),
        "pending": 1,
        "came_true": 0.5,
        "brier": 0.25,
        "base_rate_brier": 0.25,
        "against_base": none,
        "against_control": none,
        "calibration": list(rows),
    }
    told = {"hindsight": hindsight, "first": "2025-03-28", "last": "2025-11-21"}
    return {**NO_RECORD, **told, "scores": [score]}


def planned(record: dict[str, Any], *, demo: bool = False) -> dict[str, Planned]:
    return {one.path: one for one in record_files(SITE, record, (), FRIDAY, demo=demo)}


def page_of(record: dict[str, Any], *, demo: bool = False) -> str:
    return planned(record, demo=demo)["record/index.html"].make({}).decode()


def test_the_picture_tells_its_figures_in_words_and_takes_the_readers_colours() -> None:
    files = planned(a_record(a_row(40)))
    page = files["record/index.html"].make({}).decode()
    drawn = files["record/calibration.svg"].make({}).decode()

    assert 'src="/notes/record/calibration.svg"' in page
    assert 'data-spec="/notes/record/calibration.chart.json"' in page
    assert "Published claims graded by 21 November 2025." in page
    assert "next session turns, said 45%: came true 50%, between 30% and 70%, of 40 claims." in page
    assert "prefers-color-scheme:dark" in drawn
    assert json.loads(files["record/calibration.chart.json"].make({}))["$schema"]


def test_hindsight_is_never_taken_for_what_was_published() -> None:
    page = page_of(a_record(a_row(40), hindsight=True), demo=True)

    assert "Hindsight: today&#39;s method on earlier evenings; nobody published these" in page
    assert "<strong>Hindsight.</strong>" in page
    assert "<strong>Simulated market.</strong>" in page


@pytest.mark.parametrize(
    "rows", [(), (a_row(29),), tuple(a_row(9) for _ in range(9))], ids=["none", "few", "scattered"]
)
def test_too_few_claims_have_no_picture(rows: tuple[dict[str, Any], ...]) -> None:
    files = planned(a_record(*rows))

    assert list(files) == ["record/index.html"]
    assert b"<figure" not in files["record/index.html"].make({})


def test_a_small_group_stands_in_the_table_and_not_in_the_picture() -> None:
    page = page_of(a_record(a_row(40), a_row(3, said=0.71)))

    assert '<td class="n">71%</td>' in page
    assert "said 71%" not in page
    assert "Groups of fewer than 10 claims are in the table only." in page


def test_it_is_drawn_anew_when_a_claim_is_graded_and_not_before() -> None:
    first, same, more = (planned(a_record(a_row(n))) for n in (40, 40, 41))

    for path in ("record/index.html", "record/calibration.svg", "record/calibration.chart.json"):
        assert first[path].key == same[path].key != more[path].key
