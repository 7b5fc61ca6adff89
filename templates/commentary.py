"""From a report to the facts a sentence may use. The phrases see nothing else.

What is decided here: which drivers get a section and in which order, and which arc the
note takes. What a sentence says is decided in ``phrases/``, next to the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from analysis.odds import Claim
from analysis.reading import Grade, Kind, Reading
from analysis.report import FlowReport, SourceStatus
from analysis.verdict import Label
from templates import words
from templates.facts import Figures
from templates.figures import clause, day_within, source_name
from templates.gather import driver_figures, odds_figures, tape_figures, with_parts

SECTION_FROM = 0.40
FILL_FROM = 0.20
FEWEST_SECTIONS, MOST_SECTIONS = 3, 4
"""Moderate drivers get a section, mild ones fill up to three; a reader takes in four."""

FEW_MEASURED = 5
"""With fewer drivers measured than this a note must speak of what it cannot see first."""

CONVICTION_SLUG = "real_money"


class Shape(StrEnum):
    """Which arc the note takes."""

    FULL = "full"
    QUIET = "quiet"
    POOR = "poor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A piece of news, as the operator's file gives it; the desk adds none of its own."""

    words: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One driver, ready to be put into words."""

    slug: str
    title: str
    grade: Grade
    side: str
    """``buying``, ``selling`` or ``flat``."""
    strength: str
    surprise: str
    """``usual``, ``heavier``, ``unusual``, or ``unknown`` where history is too short."""
    with_tape: bool | None
    """Whether it pushed the way the index went; None where either has no direction."""
    figures: Figures
    parts: tuple[str, ...]
    """What the largest parts of its dollars are called, largest first."""
    missing: tuple[str, ...]
    caveat: str

    @property
    def proof(self) -> str:
        """When an inference can first be checked, as the driver tells it."""
        _, said, rest = self.caveat.partition("It cannot be confirmed")
        return said + rest if said else self.caveat

    @property
    def buying(self) -> bool:
        """Whether the flow bought."""
        return self.side == "buying"

    @property
    def selling(self) -> bool:
        """Whether the flow sold."""
        return self.side == "selling"

    @property
    def big(self) -> bool:
        """Whether it is worth the reader's first minute."""
        return self.strength in {"strong", "extreme"}

    @property
    def weak(self) -> bool:
        """Whether a line is enough."""
        return self.strength in {"negligible", "mild"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """A driver that could not be measured, and why."""

    slug: str
    title: str
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why, as a clause that follows a comma."""
        return words.reason_clause(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commentary:
    """Everything an edition may say about a day."""

    report: FlowReport
    shape: Shape
    direction: str
    """``up``, ``down`` or ``flat``."""
    size: str
    """The move against its own volatility, in a word; empty where that is not known."""
    tape: Figures
    points: tuple[Point, ...]
    """Drivers with a section of their own, strongest first."""
    also: tuple[Point, ...]
    """Measured drivers that a line is enough for."""
    participation: Point | None
    unmeasured: tuple[Unmeasured, ...]
    odds: dict[str, Figures]
    events: tuple[Event, ...]

    @property
    def session(self) -> date:
        """The session the note is about."""
        return self.report.session

    @property
    def demo(self) -> bool:
        """Whether the market is simulated: every edition says so."""
        return self.report.demo

    @property
    def label(self) -> str:
        """The verdict in a word."""
        return self.report.verdict.label.value

    @property
    def weekday(self) -> str:
        """The session's day of the week."""
        return f"{self.session:%A}"

    @property
    def unseen(self) -> list[str]:
        """What could not be measured, for use within a sentence."""
        return [one.title[0].lower() + one.title[1:] for one in self.unmeasured]

    @property
    def next_futures_report(self) -> date:
        """The Friday whose report of futures positions first covers this session."""
        return words.next_futures_report(self.session)

    @property
    def calendar_words(self) -> list[str]:
        """What was special about the day, for the reader."""
        return words.calendar_words(self.report.calendar)

    @property
    def surprising(self) -> bool:
        """Whether any driver did far more than a move of this size always brings."""
        return any(point.surprise == "unusual" for point in self.by_slug.values())

    def stands(self, slug: str, side: str) -> bool:
        """Say whether a driver reads strongly on that side."""
        point = self.by_slug.get(slug)
        return point is not None and point.big and point.side == side

    def leads(self, reason: str) -> bool:
        """Say whether that reason weighed most in the verdict."""
        return self.report.verdict.reasons[:1] == (reason,)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What the next sessions will mark right or wrong."""
        return self.report.odds

    @property
    def sources(self) -> tuple[SourceStatus, ...]:
        """How each source stood."""
        return self.report.sources

    @property
    def fresh_sources(self) -> list[SourceStatus]:
        """The sources that were as new as they should be."""
        return [source for source in self.sources if source.status == "fresh"]

    @property
    def fresh_sources_by_day(self) -> list[tuple[date, list[str]]]:
        """The names of the fresh sources by the day they describe, newest first."""
        days: dict[date, list[str]] = {}
        for source in self.fresh_sources:
            if source.as_of is not None:
                days.setdefault(source.as_of, []).append(source_name(source.name))
        return sorted(days.items(), reverse=True)

    @property
    def older_sources(self) -> list[str]:
        """The sources that were older than they should be, each with its day."""
        return [
            f"{source_name(source.name)} ({day_within(source.as_of, self.session)})"
            for source in self.sources
            if source.status == "stale" and source.as_of is not None
        ]

    @property
    def missing_sources(self) -> list[str]:
        """The sources that had nothing to say by this session."""
        return [source_name(source.name) for source in self.sources if source.as_of is None]

    @property
    def by_slug(self) -> dict[str, Point]:
        """Every measured driver, for the sentences that set one against another."""
        everyone = (*self.points, *self.also, *filter(None, [self.participation]))
        return {point.slug: point for point in everyone}


def write_commentary(report: FlowReport, events: Iterable[Event] = ()) -> Commentary:
    """Choose what the note says of a session, and in which order.

    ``events`` come from the operator's dated file, already cut to the session; without
    them the note names no cause.
    """
    measured = [reading for reading in report.readings if reading.measured]
    forced = sorted(
        (reading for reading in measured if reading.driver.kind is Kind.MECHANICAL),
        key=lambda reading: (-abs(reading.score), reading.driver.grade.value, reading.slug),
    )
    told = _sections(forced)
    day_return = report.index.day_return
    conviction = next((one for one in measured if one.slug == CONVICTION_SLUG), None)
    return Commentary(
        report=report,
        shape=_shape(report, len(measured)),
        direction=words.direction(day_return),
        size=words.size(day_return, report.index.usual_move),
        tape=tape_figures(report),
        points=tuple(_point(reading, day_return) for reading in told),
        also=tuple(_point(reading, day_return) for reading in forced if reading not in told),
        participation=None if conviction is None else _point(conviction, day_return),
        unmeasured=tuple(_unmeasured(one) for one in report.readings if not one.measured),
        odds={claim.key: odds_figures(claim) for claim in report.odds},
        events=tuple(Event(words=clause(e.words), source=clause(e.source)) for e in events),
    )


def _sections(forced: list[Reading]) -> list[Reading]:
    """Take the drivers that deserve a section, strongest first.

    Where there are too many, those stay that were large *and* more than such a day brings;
    a fourth gets in only if it was.
    """
    strong = [reading for reading in forced if abs(reading.score) >= SECTION_FROM]
    ranked = sorted(strong, key=_interest, reverse=True)[:MOST_SECTIONS]
    kept = [
        reading
        for place, reading in enumerate(ranked, start=1)
        if place <= FEWEST_SECTIONS or abs(reading.surprise or 0.0) >= words.SURPRISES[0][0]
    ]
    fill = [reading for reading in forced if FILL_FROM <= abs(reading.score) < SECTION_FROM]
    room = max(0, FEWEST_SECTIONS - len(kept))
    return [reading for reading in forced if reading in kept or reading in fill[:room]]


def _interest(reading: Reading) -> float:
    return abs(reading.score) + abs(reading.surprise or 0.0)


def _shape(report: FlowReport, measured: int) -> Shape:
    if report.verdict.label is Label.UNCLEAR or measured < min(FEW_MEASURED, len(report.readings)):
        return Shape.POOR
    return Shape.QUIET if report.verdict.label is Label.QUIET else Shape.FULL


def _point(reading: Reading, day_return: float) -> Point:
    side = "flat" if reading.score == 0 else "buying" if reading.score > 0 else "selling"
    tape = words.direction(day_return)
    undirected = "flat" in (side, tape)
    figures, parts = with_parts(driver_figures(reading))
    return Point(
        slug=reading.slug,
        title=reading.driver.title,
        grade=reading.driver.grade,
        side=side,
        strength=words.strength(reading.score),
        surprise=words.surprise_word(reading.surprise),
        with_tape=None if undirected else (side == "buying") == (tape == "up"),
        figures=figures,
        parts=parts,
        missing=reading.missing,
        caveat=reading.caveat,
    )


def _unmeasured(reading: Reading) -> Unmeasured:
    return Unmeasured(slug=reading.slug, title=reading.driver.title, reasons=reading.missing)
