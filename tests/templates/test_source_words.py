"""What a source could not give is named in the note, on a loud day and on a quiet one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analysis.report import FlowReport, SourceStatus
from templates import LEVELS, render, write_commentary
from templates.provenance import source_lines
from tests.templates import reports as days


def status(name: str, note: str = "", *, at: date | None = date(2025, 4, 9)) -> SourceStatus:
    kind = "missing" if at is None else "fresh"
    age = None if at is None else 0
    return SourceStatus(name=name, as_of=at, age_days=age, status=kind, note=note)


FEEDS = (
    status("Yahoo prices", "chart/IWM: the host denies access (HTTP 403)"),
    status("SqueezeMetrics DIX", "DIX.csv: did not answer in time", at=None),
    status("Cboe volatility indices"),
)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("day", [days.rally(), days.quiet()], ids=["rally", "quiet"])
def test_a_failed_source_and_a_doubtful_one_are_named(day: FlowReport, level: str) -> None:
    told = " ".join(
        render(write_commentary(replace(day, sources=FEEDS), level=level), "text").split()
    )

    assert "Not there: SqueezeMetrics DIX" in told
    doubts = told.partition("n part, or in doubt: ")[2] or told.partition("gaps or doubts: ")[2]
    assert doubts.startswith("Yahoo prices.")


def test_a_quiet_note_of_a_folder_does_not_list_what_nobody_keeps() -> None:
    sources = (status("prices/funds_and_indices.parquet"), status("positioning/x.csv", at=None))

    told = render(write_commentary(replace(days.quiet(), sources=sources)), "text")

    assert "Not there" not in told


def test_a_vendors_own_word_goes_before_the_file_of_its_facts() -> None:
    found = source_lines(
        [status("option chains"), status("Cboe option chains", "HTTP 500", at=None)]
    )

    assert found.absent == ["Cboe option chains"]
    assert found.main == ()
