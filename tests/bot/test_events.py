"""News comes from the operator's file, dated and with its source, or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.errors import BadArgumentError
from bot.events import events_of

DAY = date(2025, 4, 9)


def events_file(folder: Path, text: str) -> Path:
    path = folder / "events.csv"
    path.write_text(text, "utf-8")
    return path


def test_the_events_of_a_session_are_told_in_the_files_order(tmp_path: Path) -> None:
    path = events_file(
        tmp_path,
        "date,words,source\n2025-04-08,before,X\n"
        '2025-04-09,"tariffs were put on hold, for ninety days",Reuters\n2025-04-09,second,Y\n',
    )

    told = events_of(path, DAY)

    assert [(one.words, one.source) for one in told] == [
        ("tariffs were put on hold, for ninety days", "Reuters"),
        ("second", "Y"),
    ]


def test_without_a_file_there_are_no_events() -> None:
    assert events_of(None, DAY) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,words\n", "lacks source"),
        ("date,words,source\n09.04.2025,x,y\n", "line 2 of events.csv has the date '09.04.2025'"),
        ("date,words,source\n2025-04-09,x,\n", "line 2 of events.csv needs words and a source"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(BadArgumentError, match=said):
        events_of(events_file(tmp_path, text), DAY)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArgumentError, match="cannot read"):
        events_of(tmp_path / "none.csv", DAY)
