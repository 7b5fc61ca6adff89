"""From a report to the facts a sentence may use. The phrases see nothing else.

What is decided here: which drivers get a section, in which order, and the words for
size and side. What a sentence says is decided in ``phrases/``, next to the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from analysis.odds import Claim
from analysis.reading import Grade, Kind, Reading
from analysis.report import FlowReport, SourceStatus
from analysis.verdict import Label
from templates.facts import Figure, Figures, Standing
from templates.figures import day_within, listed, source_name

STRENGTHS = (
    (0.20, "negligible"),
    (0.40, "mild"),
    (0.65, "moderate"),
    (0.85, "strong"),
    (float("inf"), "extreme"),
)
"""Upper ends of |score| for each word."""

SURPRISES = ((0.40, "usual"), (0.65, "heavier"), (float("inf"), "unusual"))
"""Upper ends of |surprise|: was this more than a move of this size always brings?"""

SIZES = ((0.35, "tiny"), (0.75, "small"), (1.5, "ordinary"), (2.5, "large"), (float("inf"), "huge"))
"""Upper ends of the move in units of its own volatility."""

SECTION_FROM = 0.40
FILL_FROM = 0.20
FEWEST_SECTIONS, MOST_SECTIONS = 3, 4
"""Moderate drivers get a section, mild ones fill up to three, and four is what a reader takes in."""

FEW_MEASURED = 5
"""With fewer drivers measured than this a note must speak of what it cannot see first."""

UNCHANGED = 0.0005
"""A return within five hundredths of one per cent is no direction [fraction]."""

CONVICTION_SLUG = "real_money"

PARTS = {
    "bucket_ndx_usd": "the Nasdaq-100",
    "bucket_spx_usd": "the S&P 500",
    "bucket_rty_usd": "small companies",
    "bucket_dow_usd": "the Dow",
    "bucket_semis_usd": "chip makers",
    "bucket_tech_usd": "technology shares",
    "bucket_financials_usd": "banks",
    "bucket_single_stocks_usd": "funds on a single stock",
    "bucket_other_usd": "other sectors",
}
"""What the parts of the leveraged funds' trade are called."""

CALENDAR = {
    "quad_witching": "It was a quadruple expiry, when index and stock options and futures run "
    "out together, so volume says less than usual.",
    "monthly_expiry": "Monthly options expired, and dealers' hedges with them.",
    "vix_expiry": "VIX options and futures expired in the morning.",
    "quarter_end": "The quarter ended, when large funds bring their mix back into line.",
    "month_end": "The month ended, when large funds bring their mix back into line.",
    "half_day": "The exchange closed early, so volume says little.",
    "after_holiday": "It was the first session after a holiday.",
    "russell_reconstitution": "The Russell indices were reshuffled at the close, so volume "
    "says little.",
}
"""What a special day means for the reader; of two that go together the first is said."""

SENTENCES = ("its inputs are",)
"""Reasons that begin like this are clauses; all others name what was lacking."""

MOST_REASONS = 3
"""Of a long list of what was lacking, the first two and "more" are enough."""

FRIDAY, TUESDAY = 4, 1


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
        whole = [reason for reason in self.reasons if reason.startswith(SENTENCES)]
        lacking = [
            re.split("[,:]", reason)[0] for reason in self.reasons if reason not in whole
        ]
        if len(lacking) > MOST_REASONS:
            lacking = [*lacking[: MOST_REASONS - 1], "more"]
        wanted = [f"for want of {listed(lacking)}"] if lacking else []
        return "; ".join([*wanted, *(f"because {reason}" for reason in whole)])


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
        """The Friday whose report of futures positions first covers this session.

        Positions are counted on Tuesdays; public holidays move the day later, never sooner.
        """
        counted = self.session + timedelta((TUESDAY - self.session.weekday()) % 7)
        return counted + timedelta(FRIDAY - TUESDAY)

    @property
    def calendar_words(self) -> list[str]:
        """What was special about the day, for the reader."""
        words = self.report.calendar
        covered = {"monthly_expiry": "quad_witching", "month_end": "quarter_end"}
        return [CALENDAR[w] for w in CALENDAR if w in words and covered.get(w) not in words]

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
        direction=direction(day_return),
        size=_size(report),
        tape=tape_figures(report),
        points=tuple(_point(reading, day_return) for reading in told),
        also=tuple(_point(reading, day_return) for reading in forced if reading not in told),
        participation=None if conviction is None else _point(conviction, day_return),
        unmeasured=tuple(_unmeasured(one) for one in report.readings if not one.measured),
        odds={claim.key: _odds_figures(claim) for claim in report.odds},
        events=tuple(events),
    )


def strength(score: float) -> str:
    """Return the word for a score's size.

    >>> strength(0.1), strength(-0.5), strength(0.9)
    ('negligible', 'moderate', 'extreme')
    """
    return next(word for end, word in STRENGTHS if abs(score) < end)


def surprise_word(surprise: float | None) -> str:
    """Return whether a flow was more than a move of its size always brings.

    >>> surprise_word(None), surprise_word(0.1), surprise_word(-0.9)
    ('unknown', 'usual', 'unusual')
    """
    if surprise is None:
        return "unknown"
    return next(word for end, word in SURPRISES if abs(surprise) < end)


def direction(day_return: float) -> str:
    """Return which way the tape went.

    >>> direction(0.01), direction(-0.01), direction(0.0002)
    ('up', 'down', 'flat')
    """
    if abs(day_return) < UNCHANGED:
        return "flat"
    return "up" if day_return > 0 else "down"


def tape_figures(report: FlowReport) -> Figures:
    """Gather the figures of the day itself: index, VIX, forced flow, what it explains."""
    index, verdict, attribution = report.index, report.verdict, report.attribution
    dollars, volume = verdict.mechanical_usd, verdict.mechanical_share_of_volume
    explained = attribution.explained_return
    coverages = [reading.coverage for reading in report.readings]
    measured = sum(reading.measured for reading in report.readings)
    vix_known = index.vix_close is not None and index.vix_change is not None
    values: dict[str, tuple[float | None, str]] = {
        "close": (index.close, "points"),
        "day_return": (index.day_return, "fraction"),
        "usual_move": (index.usual_move, "fraction"),
        "move": (abs(index.day_return) / index.usual_move if index.usual_move else None, "x"),
        "vix_close": (index.vix_close, "points"),
        "vix_change": (index.vix_change, "points"),
        "vix_before": (
            (index.vix_close or 0.0) - (index.vix_change or 0.0) if vix_known else None,
            "points",
        ),
        "forced_low_usd": (dollars and dollars.low, "USD"),
        "forced_usd": (dollars and dollars.mid, "USD"),
        "forced_high_usd": (dollars and dollars.high, "USD"),
        "forced_share_low": (volume and volume.low, "fraction"),
        "forced_share": (volume and volume.mid, "fraction"),
        "forced_share_high": (volume and volume.high, "fraction"),
        "forced_surprise": (verdict.forced_surprise, "score"),
        "participation": (verdict.participation, "fraction"),
        "confidence": (verdict.confidence, "fraction"),
        "explained_low": (explained.low, "fraction"),
        "explained": (explained.mid, "fraction"),
        "explained_high": (explained.high, "fraction"),
        "residual": (attribution.residual_return, "fraction"),
        "measured": (float(measured), "drivers"),
        "drivers": (float(len(report.readings)), "drivers"),
        "coverage": (sum(coverages) / len(coverages) if coverages else None, "fraction"),
    }
    return {
        key: Figure(value, key, Standing(label=key.replace("_", " "), unit=unit))
        for key, (value, unit) in values.items()
        if value is not None
    }


def _sections(forced: list[Reading]) -> list[Reading]:
    """Take the drivers that deserve a section, strongest first.

    Where there are too many, those stay that were large *and* more than such a day brings.
    """
    strong = [reading for reading in forced if abs(reading.score) >= SECTION_FROM]
    kept = sorted(strong, key=_interest, reverse=True)[:MOST_SECTIONS]
    fill = [reading for reading in forced if FILL_FROM <= abs(reading.score) < SECTION_FROM]
    room = max(0, FEWEST_SECTIONS - len(kept))
    return [reading for reading in forced if reading in kept or reading in fill[:room]]


def _interest(reading: Reading) -> float:
    return abs(reading.score) + abs(reading.surprise or 0.0)


def _shape(report: FlowReport, measured: int) -> Shape:
    if report.verdict.label is Label.UNCLEAR or measured < min(FEW_MEASURED, len(report.readings)):
        return Shape.POOR
    return Shape.QUIET if report.verdict.label is Label.QUIET else Shape.FULL


def _size(report: FlowReport) -> str:
    usual = report.index.usual_move
    if not usual:
        return ""
    move = abs(report.index.day_return) / usual
    return next(word for end, word in SIZES if move < end)


def _point(reading: Reading, day_return: float) -> Point:
    side = "flat" if reading.score == 0 else "buying" if reading.score > 0 else "selling"
    tape = direction(day_return)
    undirected = "flat" in (side, tape)
    figures, parts = _with_parts(_driver_figures(reading))
    return Point(
        slug=reading.slug,
        title=reading.driver.title,
        grade=reading.driver.grade,
        side=side,
        strength=strength(reading.score),
        surprise=surprise_word(reading.surprise),
        with_tape=None if undirected else (side == "buying") == (tape == "up"),
        figures=figures,
        parts=parts,
        missing=reading.missing,
        caveat=reading.caveat,
    )


def _driver_figures(reading: Reading) -> Figures:
    """Gather a driver's own figures, its evidence, and the evidence of the time before."""
    flow = reading.flow_usd
    values: dict[str, tuple[float | None, str]] = {
        "score": (reading.score, "score"),
        "surprise": (reading.surprise, "score"),
        "low_usd": (flow and flow.low, "USD"),
        "mid_usd": (flow and flow.mid, "USD"),
        "high_usd": (flow and flow.high, "USD"),
        "share_of_adv": (reading.share_of_adv, "fraction"),
        "rank": (reading.percentile, "fraction"),
        "coverage": (reading.coverage, "fraction"),
        "confidence": (reading.confidence, "fraction"),
    }
    figures = {
        key: Figure(value, key, Standing(label=key.replace("_", " "), unit=unit))
        for key, (value, unit) in values.items()
        if value is not None
    }
    for item in reading.evidence:
        standing = Standing(
            label=item.label,
            unit=item.unit,
            source=item.source,
            as_of=item.as_of,
            percentile=item.percentile,
        )
        figures[item.key] = Figure(item.value, item.key, standing)
        if item.previous is not None:
            key = f"{item.key}_before"
            figures[key] = Figure(item.previous, key, standing)
    return figures


def _with_parts(figures: Figures) -> tuple[Figures, tuple[str, ...]]:
    """Add the two largest parts of the dollars, and say what they are called."""
    ranked = sorted((key for key in PARTS if key in figures), key=lambda key: -abs(figures[key]))
    whole = figures.get("identity_usd", 0.0)
    same_side = [key for key in ranked if figures[key] * whole > 0]
    named = {
        name: Figure(figures[key], key, figures[key].standing)
        for name, key in zip(("first_part", "second_part"), same_side, strict=False)
    }
    if "first_part" in named:
        standing = Standing(label="largest part of the whole", unit="fraction")
        part = named["first_part"] / whole
        named["first_part_fraction"] = Figure(part, "first_part_fraction", standing)
    return {**figures, **named}, tuple(PARTS[key] for key in same_side)


def _unmeasured(reading: Reading) -> Unmeasured:
    return Unmeasured(slug=reading.slug, title=reading.driver.title, reasons=reading.missing)


def _odds_figures(claim: Claim) -> Figures:
    values = {
        "probability": (claim.probability, "fraction"),
        "base_rate": (claim.base_rate, "fraction"),
        "low": (claim.interval[0], "fraction"),
        "high": (claim.interval[1], "fraction"),
        "n": (float(claim.n), "days"),
        "horizon": (float(claim.horizon_sessions), "sessions"),
    }
    return {
        key: Figure(value, f"{claim.key}.{key}", Standing(label=key, unit=unit))
        for key, (value, unit) in values.items()
    }
