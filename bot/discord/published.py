"""A published note, read back from the text that was frozen with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.edition import NOTE

LEVELS = ("plain", "trader", "quant")
PLAIN = LEVELS[0]


def text_name(level: str) -> str:
    """Return the name of the text that holds a note at a level.

    >>> text_name("plain"), text_name("quant")
    ('note.json', 'note.quant.json')
    """
    return "note.json" if level == PLAIN else f"note.{level}.json"


@dataclass(frozen=True, slots=True)
class DriverFigures:
    """What the note published of one driver; ``flow_usd`` is low, mid, high [USD] or None."""

    slug: str
    title: str
    grade: str
    measured: bool
    score: float
    surprise: float | None
    coverage: float
    confidence: float
    flow_usd: tuple[float, float, float] | None
    missing: tuple[str, ...]
    caveat: str
    evidence: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the note, the rule that chose it and the figures it rests on."""

    id: str
    text: str
    rule: str
    facts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PublishedNote:
    """Everything the bot may say of a session."""

    session: date
    edition: str
    content_hash: str
    as_of: datetime
    demo: bool
    level: str
    title: str
    label: str
    side: str
    confidence: float
    day_return: float
    vix_close: float | None
    vix_change: float | None
    drivers: tuple[DriverFigures, ...]
    lines: tuple[Line, ...]
    odds: tuple[Mapping[str, Any], ...]
    sources: tuple[Mapping[str, Any], ...]
    late: bool = False

    def driver(self, slug: str) -> DriverFigures | None:
        """Return one driver's figures, or nothing if the note has none of that name."""
        return next((one for one in self.drivers if one.slug == slug), None)

    def part(self, section: str) -> list[Line]:
        """Return the sentences of a section, its heading left out."""
        return [
            line
            for line in self.lines
            if line.id.split(".")[0] == section and line.id.split(".")[1:2] != ["heading"]
        ]

    def heading(self, section: str) -> str:
        """Return a section's heading, empty where the note has no such section."""
        start = f"{section}.heading"
        return next((line.text for line in self.lines if line.id.startswith(start)), "")


class UnreadableNoteError(ValueError):
    """A frozen text that does not follow the contract."""


def read_note(
    body: bytes, *, level: str = PLAIN, edition: str = NOTE, late: bool = False
) -> PublishedNote:
    """Read a note from its JSON edition.

    Raises
    ------
    UnreadableNoteError
        If the text is not a note of the contract's first version.
    """
    try:
        whole = json.loads(body)
        report, note = whole["report"], whole["note"]
        index, verdict = report["index"], report["verdict"]
        return PublishedNote(
            session=date.fromisoformat(report["session"]),
            edition=edition,
            content_hash=report["content_hash"],
            as_of=datetime.fromisoformat(report["as_of"]),
            demo=bool(report["demo"]),
            level=level,
            title=note["title"],
            label=verdict["label"],
            side=verdict["side"],
            confidence=float(verdict["confidence"]),
            day_return=float(index["day_return"]),
            vix_close=index.get("vix_close"),
            vix_change=index.get("vix_change"),
            drivers=_drivers(report["drivers"]),
            lines=tuple(_line(one) for one in note["sentences"]),
            odds=tuple(report.get("odds", ())),
            sources=tuple(report.get("sources", ())),
            late=late,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableNoteError(
            f"the note's JSON cannot be read ({type(error).__name__}: {error}); "
            "expected the report and note objects of contract version 1"
        ) from error


def _drivers(rows: Iterable[Mapping[str, Any]]) -> tuple[DriverFigures, ...]:
    return tuple(_driver(row) for row in rows)


def _driver(row: Mapping[str, Any]) -> DriverFigures:
    flow = row.get("flow_usd")
    return DriverFigures(
        slug=row["slug"],
        title=row["title"],
        grade=row["grade"],
        measured=bool(row["measured"]),
        score=float(row["score"]),
        surprise=row.get("surprise"),
        coverage=float(row["coverage"]),
        confidence=float(row["confidence"]),
        flow_usd=None if flow is None else (flow["low"], flow["mid"], flow["high"]),
        missing=tuple(row.get("missing", ())),
        caveat=row.get("caveat") or "",
        evidence=tuple(row.get("evidence", ())),
    )


def _line(row: Mapping[str, Any]) -> Line:
    return Line(row["id"], row["text"], row["rule"], dict(row["facts"]))
