"""The operator's file of news: what happened, by whose word. The desk adds none of its own.

A CSV file with the columns ``date``, ``words`` and ``source``::

    date,words,source
    2025-04-09,tariffs were put on hold for ninety days,Reuters
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from bot.errors import BadArgumentError
from templates import Event

COLUMNS = ("date", "words", "source")


def events_of(path: Path | None, session: date) -> tuple[Event, ...]:
    """Return the file's events of a session, in the file's order; no file, no events.

    Raises
    ------
    BadArgumentError
        If the file cannot be read, lacks a column, or holds a date or row that is not one.
    """
    if path is None:
        return ()
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadArgumentError(f"UNDERTOW_EVENTS: cannot read {path}: {error}") from error
    rows = csv.DictReader(text.splitlines())
    lacking = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if lacking:
        raise BadArgumentError(
            f"UNDERTOW_EVENTS: {path.name} lacks {', '.join(lacking)}; "
            f"its first line must be {','.join(COLUMNS)}"
        )
    told = [_event(row, path.name, line) for line, row in enumerate(rows, start=2)]
    return tuple(event for day, event in told if day == session)


def _event(row: dict[str, str | None], name: str, line: int) -> tuple[date, Event]:
    day, words, source = ((row[column] or "").strip() for column in COLUMNS)
    try:
        when = date.fromisoformat(day)
    except ValueError as error:
        raise BadArgumentError(
            f"UNDERTOW_EVENTS: line {line} of {name} has the date {day!r}; write it as 2025-04-09"
        ) from error
    if not words or not source:
        raise BadArgumentError(
            f"UNDERTOW_EVENTS: line {line} of {name} needs words and a source; news without a "
            "source is not told"
        )
    return when, Event(words=words, source=source)
