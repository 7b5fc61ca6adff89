"""From a report to the facts a sentence may use. The phrases see nothing else.

What is decided here: which drivers get a section and in which order, and which arc the
note takes. What a sentence says is decided in ``phrases/``, next to the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial

from analysis.context import Settled, Since
from analysis.contract import METHOD_VERSION
from analysis.odds import Claim
from analysis.reading import Grade, Kind, Reading
from analysis.report import FlowReport, SourceStatus
from analysis.sessions import near_quarter_end
from analysis.verdict import Label, Side
from templates import words
from templates.facts import Figures
from templates.figures import clause, full_day
from templates.gather import alike_figures, odds_figures, tape_figures
from templates.points import Point, Unmeasured, point_of
from templates.provenance import SAME_THING, SourceLines, source_lines
from templates.sections import sections_of
from templates.signs import Signs, signs_of
from templates.theme import ABOUT, Theme, pushing, theme_of
from templates.vix_line import Doubt, doubt_of, is_stretched
from templates.weeks import explained_on

FEW_MEASURED = 5
"""With fewer drivers measured than this a note must speak of what it cannot see first."""

CONVICTION_SLUG = "real_money"

LEVELS = ("plain", "trader", "quant")

DAY_SINCE_SESSIONS, LEVEL_SINCE_SESSIONS, VIX_SINCE_SESSIONS = 60, 60, 120
FLOW_SINCE_SESSIONS = 60
"""From how long ago on "the best day since" is worth a reader's time."""

TOLD_PART = 0.02
"""Who has a smaller part of the forced dollars than this is not named in their sum."""

RECORD_SHARE = 0.10
"""A model's order is told as a record only from this part of a normal day's trading on."""

RARE_SESSIONS = 500
"""A move unseen for two years has hardly a like to be compared with."""

STORMY_MONTH = 1.3
"""The past month's volume over the past year's from which even its usual days are wild ones."""

LOUD_RETURN = 0.0075
"""A move this large is never called quiet without saying beside what [fraction]."""


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
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
    alike: Figures
    """What followed the past days most like this one; empty where too few were found."""
    events: tuple[Event, ...]
    site: str = ""
    """The public address under which the notes are kept; empty where there is none."""
    level: str = "plain"
    """How it is told: ``plain``, ``trader`` or ``quant``. The facts are the same."""

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
    def dateline(self) -> str:
        """The line under the title."""
        return full_day(self.session)

    @property
    def unseen(self) -> list[str]:
        """What could not be measured, for use within a sentence."""
        return [one.title[0].lower() + one.title[1:] for one in self.unmeasured]

    @property
    def next_futures_report(self) -> date:
        """The Friday whose report of futures positions first covers this session."""
        return words.next_futures_report(self.session)

    @property
    def method_version(self) -> str:
        """The version of the method behind every figure."""
        return METHOD_VERSION

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
        return self.leading == reason

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
    def lacking(self) -> list[str]:
        """What the measured drivers had to do without."""
        measured = (*self.points, *self.also, *filter(None, [self.participation]))
        return words.lacking(reason for point in measured for reason in point.missing)

    @property
    def lacking_else(self) -> list[str]:
        """What they had to do without, and no line on the sources has named already."""
        named = {SAME_THING.get(name, name) for name in self.source_lines.absent}
        measured = (*self.points, *self.also, *filter(None, [self.participation]))
        reasons = (reason for point in measured for reason in point.missing)
        return words.lacking(one for one in reasons if not one.startswith(tuple(named)))

    @property
    def source_lines(self) -> SourceLines:
        """The sources by their plain names: those that matter, the fresh rest, the old."""
        return source_lines(self.sources)

    @property
    def since(self) -> Since | None:
        """When the index last moved as far this way, where that is long ago."""
        return _long_ago(self._past("move_since"), DAY_SINCE_SESSIONS)

    @property
    def level_since(self) -> Since | None:
        """When the index last closed beyond this level, where that is long ago."""
        return _long_ago(self._past("level_since"), LEVEL_SINCE_SESSIONS)

    @property
    def vix_since(self) -> date | None:
        """When the VIX last moved as far this way, where that is long ago."""
        since = _long_ago(self._past("vix_move_since"), VIX_SINCE_SESSIONS)
        return None if since is None else since.on

    @property
    def vix_record(self) -> bool:
        """Whether the VIX never moved as far this way in all our figures."""
        since = _long_ago(self._past("vix_move_since"), VIX_SINCE_SESSIONS)
        return since is not None and since.on is None

    @property
    def vix_doubt(self) -> Doubt:
        """Why no conclusion is drawn from the VIX; empty where it may be read."""
        hedges = self.by_slug.get("hedge_unwinding")
        if hedges is None:
            return Doubt.NONE
        change = self.report.index.vix_change
        lagged = hedges.with_tape is False
        went_along = change is not None and (change < 0) == (self.direction == "up")
        record = went_along and (self.vix_record or self.vix_since is not None)
        day_return = self.report.index.day_return
        return doubt_of(hedges.figures, day_return, lagged=lagged, record=record)

    @property
    def vix_stretched(self) -> bool:
        """Whether no move the same way in the past year was as large as the day's."""
        hedges = self.by_slug.get("hedge_unwinding")
        return hedges is not None and is_stretched(hedges.figures, self.report.index.day_return)

    @property
    def vix_trusted(self) -> bool:
        """Whether something may be read from what the VIX did beside the index."""
        return self.vix_doubt is Doubt.NONE

    @property
    def vix_lagged(self) -> bool:
        """Whether the VIX clearly stayed behind the index, and may be said to have."""
        hedges = self.by_slug.get("hedge_unwinding")
        clear = hedges is not None and hedges.big and hedges.with_tape is False
        return clear and self.vix_trusted

    @property
    def run_since(self) -> date | None:
        """When a run of days this long last stood, where that is long ago."""
        since = _long_ago(self._past("run_since"), DAY_SINCE_SESSIONS)
        return None if since is None else since.on

    @property
    def settled(self) -> Settled | None:
        """A large day of the last week whose undoing by half was decided today."""
        return None if self.report.context is None else self.report.context.settled

    @property
    def dealers_doubted(self) -> bool:
        """Whether the option count gives dealers one side and another reading the other."""
        dealers = self.by_slug.get("dealer_gamma")
        return dealers is not None and dealers.doubted

    @property
    def best_sector(self) -> str:
        """What the sector fund that gained most is called; empty where none is known."""
        return self._sector(max)

    @property
    def worst_sector(self) -> str:
        """What the sector fund that lost most is called; empty where none is known."""
        return self._sector(min)

    def _sector(self, end: Callable[..., str]) -> str:
        past = self.report.context
        sectors = {} if past is None or past.shape is None else past.shape.sectors
        return words.SECTORS[end(sectors, key=lambda one: sectors[one])] if sectors else ""

    def flow_since(self, slug: str) -> Since | None:
        """When a driver's dollars were last as large on the same side, where that is long ago.

        None where the sizes behind the dollars were worked out afterwards, which no record can
        rest on, and for a modelled order that is small beside a normal day's trading.
        """
        past, point = self.report.context, self.by_slug.get(slug)
        if point is None or point.sized_afterwards:
            return None
        share = abs(float(point.figures.get("share_of_adv", 0.0)))
        if point.grade is not Grade.A and share < RECORD_SHARE:
            return None
        return _long_ago(None if past is None else past.flow_since.get(slug), FLOW_SINCE_SESSIONS)

    @property
    def rare(self) -> bool:
        """Whether moves like this are too few to say what is usual after them."""
        since = self._past("move_since")
        return since is not None and (since.on is None or since.sessions >= RARE_SESSIONS)

    @property
    def light_volume(self) -> bool:
        """Whether a large move came on less than the usual volume, in a month that was no storm."""
        took = None if self.participation is None else self.participation.figures
        if took is None or "relative_volume" not in took or "half_day" in self.report.calendar:
            return False
        stormy = took.get("month_volume", 1.0) >= STORMY_MONTH
        return self.size in ("large", "huge") and took["relative_volume"] < 0.95 and not stormy

    @property
    def unpriced(self) -> list[str]:
        """Who had to trade, by this note or by the calendar, and has no dollars in it."""
        found = [
            crowd
            for slug, crowd in words.UNPRICED.items()
            if slug in self.by_slug and self.by_slug[slug].forced_unsized
        ]
        near_end = near_quarter_end(self.session)
        return [*found, words.REBALANCING] if near_end else found

    @property
    def hindsight(self) -> bool:
        """Whether the note rests on fund sizes that nobody knew on its evening."""
        told = (*self.points, *self.also)
        return any(one.sized_afterwards for one in told)

    @property
    def explained_on(self) -> date | None:
        """The session of this week that explained the terms; None where this is the one."""
        return explained_on(self.session)

    @property
    def loud(self) -> bool:
        """Whether a move is small only beside an unusually wild time."""
        large = abs(self.report.index.day_return) >= LOUD_RETURN
        return large and self.size in ("tiny", "small")

    @property
    def small(self) -> bool:
        """Whether a move is small by any measure, and the way to it as well."""
        return self.size in ("tiny", "small") and not self.loud and not self.swung

    @property
    def swung(self) -> bool:
        """Whether best and worst of the day lay twice a usual day's move apart, or further."""
        tape = self.tape
        if "low_return" not in tape or "high_return" not in tape:
            return False
        usual = max(float(tape.get("usual_move", 0.0)), LOUD_RETURN)
        return float(tape["high_return"] - tape["low_return"]) >= 2.0 * usual

    @property
    def theme(self) -> Theme:
        """The one thought the note is about; title, lead and first section follow from it."""
        return theme_of(self)

    @property
    def named(self) -> list[str]:
        """The drivers that title and lead speak of, which must have a section."""
        if self.shape is not Shape.FULL or self.direction == "flat":
            return []
        about = ABOUT.get(self.theme)
        busy = [point.slug for point in self.busy] if self.theme is Theme.LIGHT else []
        return busy[:1] if about is None else [about]

    @property
    def silent(self) -> set[str]:
        """The drivers without dollars from which no conclusion is drawn; a line is enough."""
        everyone = self.by_slug.values()
        doubted = {one.slug for one in everyone if one.disputed or one.hangs_on_multiple}
        if not self.vix_trusted:
            doubted.add("hedge_unwinding")
        return {slug for slug in doubted if not self.by_slug[slug].sized}

    @property
    def busy(self) -> list[Point]:
        """The drivers that went with the move and did more than such a move asks of them."""
        return pushing(self)

    @property
    def leading(self) -> str:
        """The reason that weighed most in the verdict; empty where there is none."""
        return next(iter(self.report.verdict.reasons), "")

    @property
    def forced_surprise(self) -> float:
        """How the forced dollars stand among those of such moves; 0 where that is not known."""
        return self.report.verdict.forced_surprise or 0.0

    @property
    def participated(self) -> float:
        """How many joined in, ranked among such moves; a half where that cannot be said."""
        return 0.5 if self._crowd is None else self._crowd

    @property
    def _crowd(self) -> float | None:
        """How many joined in, ranked among such moves; None where there are too few of them."""
        return None if self.rare else self.report.verdict.participation

    @property
    def leans_against(self) -> bool:
        """Whether the forced dollars went against the index on balance."""
        with_move = "buying" if self.direction == "up" else "selling"
        return self.direction != "flat" and self.forced_side not in ("flat", with_move)

    @property
    def forced_side(self) -> str:
        """Which way the forced dollars went on balance; ``flat`` where that is next to nothing."""
        dollars = self.report.verdict.mechanical_usd
        if dollars is None or self.report.verdict.side is Side.FLAT:
            return Side.FLAT.value
        return Side.BUYING.value if dollars.mid > 0 else Side.SELLING.value

    @property
    def signs(self) -> Signs:
        """What speaks for force and what for choice."""
        verdict = self.report.verdict
        # Without a direction there is nothing that forced dollars could have gone with.
        surprise = None if self.direction == "flat" else verdict.forced_surprise
        heard = {slug: one for slug, one in self.by_slug.items() if not one.hangs_on_multiple}
        if not self.vix_trusted:
            heard.pop("hedge_unwinding", None)
        return signs_of(heard, surprise, self._crowd)

    @property
    def sized_later(self) -> Point | None:
        """The largest of the drivers sized on a later year than the session's, if there is one."""
        late = [point for point in (*self.points, *self.also) if point.sized_later]
        return max(late, key=lambda point: abs(point.mid_usd), default=None)

    @property
    def in_the_sum(self) -> list[str]:
        """Who stands behind the net forced dollars, those with most first."""
        everyone = (*self.points, *self.also)
        least = TOLD_PART * sum(abs(point.mid_usd) for point in everyone)
        sized = [point for point in everyone if point.sized and abs(point.mid_usd) >= least]
        return [one.crowd for one in sorted(sized, key=lambda point: -abs(point.mid_usd))]

    @property
    def beyond_the_sum(self) -> list[str]:
        """Who was measured or looked for, and is not in the sum for want of dollars."""
        sized = {point.slug for point in (*self.points, *self.also) if point.sized}
        if self.dealers_doubted:  # These are named with their doubt.
            sized.add("dealer_gamma")
        return [crowd for slug, crowd in words.UNSIZED.items() if slug not in sized]

    @property
    def floor(self) -> Point | None:
        """The largest driver in dollars, where its count is the least of several."""
        sized = [point for point in (*self.points, *self.also) if point.sized]
        largest = max(sized, key=lambda point: abs(point.mid_usd), default=None)
        return largest if largest is not None and largest.least and largest.large else None

    def dollars_on(self, side: str) -> Point | None:
        """Return the forced driver with most dollars on a side, if they are large and strong."""
        found = [
            point
            for point in (*self.points, *self.also)
            if point.side == side and point.big and "mid_usd" in point.figures
        ]
        largest = max(found, key=lambda point: abs(point.figures["mid_usd"]), default=None)
        return largest if largest is not None and largest.large else None

    def _past(self, name: str) -> Since | None:
        return None if self.report.context is None else getattr(self.report.context, name)

    @property
    def by_slug(self) -> dict[str, Point]:
        """Every measured driver, for the sentences that set one against another."""
        everyone = (*self.points, *self.also, *filter(None, [self.participation]))
        return {point.slug: point for point in everyone}


def write_commentary(
    report: FlowReport, events: Iterable[Event] = (), level: str = "plain", site: str = ""
) -> Commentary:
    """Choose what the note says of a session, and in which order.

    ``events`` come from the operator's dated file, already cut to the session; without
    them the note names no cause. ``site`` is the public address of the notes, for links.

    Raises
    ------
    ValueError
        If there is no such level; the message names those there are.
    """
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}, but there are {', '.join(LEVELS)}; name one")
    measured = [reading for reading in report.readings if reading.measured]
    forced = sorted(
        (reading for reading in measured if reading.driver.kind is Kind.MECHANICAL),
        key=lambda reading: (-abs(reading.score), reading.driver.grade.value, reading.slug),
    )
    day_return = report.index.day_return
    point = partial(point_of, report=report)
    conviction = next((one for one in measured if one.slug == CONVICTION_SLUG), None)
    everyone = Commentary(
        report=report,
        shape=_shape(report, len(measured)),
        direction=words.direction(day_return),
        size=words.size(day_return, report.index.usual_move),
        tape=tape_figures(report),
        points=tuple(point(reading) for reading in forced),
        also=(),
        participation=None if conviction is None else point(conviction),
        unmeasured=tuple(_unmeasured(one) for one in report.readings if not one.measured),
        odds={claim.key: odds_figures(claim) for claim in report.odds},
        alike=alike_figures(report.analogues),
        level=level,
        site=site,
        events=tuple(Event(words=clause(e.words), source=clause(e.source)) for e in events),
    )
    told = sections_of(everyone.points, everyone.named, everyone.silent)
    also = tuple(one for one in everyone.points if one not in told)
    # A flat day that owes nobody a section is told as the quiet one that it was.
    hushed = everyone.shape is Shape.FULL and everyone.direction == "flat" and not told
    return replace(
        everyone, shape=Shape.QUIET if hushed else everyone.shape, points=told, also=also
    )


def _shape(report: FlowReport, measured: int) -> Shape:
    if report.verdict.label is Label.UNCLEAR or measured < min(FEW_MEASURED, len(report.readings)):
        return Shape.POOR
    return Shape.QUIET if report.verdict.label is Label.QUIET else Shape.FULL


def _unmeasured(reading: Reading) -> Unmeasured:
    return Unmeasured(slug=reading.slug, title=reading.driver.title, reasons=reading.missing)


def _long_ago(since: Since | None, sessions: int) -> Since | None:
    return since if since is not None and since.sessions >= sessions else None
