"""The digest: a week of notes put into sentences, in the arc every edition follows.

Its facts are those of the notes that were published; its words stand in the phrase files
whose names begin with ``_weekly``. The editions are set like a note's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from analysis.reading import Kind
from analysis.week import DriverWeek, Week
from analysis.week_days import Day
from templates import words
from templates.facts import Trace, Traced
from templates.figures import day as said_day
from templates.figures import listed
from templates.note import Note, Section
from templates.phrasing import Paragraph, Sentence, write
from templates.weekly_figures import (
    VERDICTS,
    DayPoint,
    DriverPoint,
    day_point,
    driver_point,
    gross_usd,
    week_figures,
)

ARC = ("forced", "chosen", "days", "odds", "known")
"""What follows the lead, in order; the first two are numbered."""

NUMBERED = 2

MOST_DRIVERS = 3
"""A reader takes in three kinds of trader; the rest get a line together."""

BOTH_WAYS = 0.3
"""Net forced dollars under this part of the gross have pulled both ways."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WeekCommentary:
    """Everything a digest may say about a week; the editions ask it what they ask of a note."""

    report: Week
    points: tuple[()] = field(default=())
    also: tuple[()] = field(default=())
    """A digest has no table of drivers."""

    @property
    def session(self) -> date:
        """The week's last session."""
        return self.report.session

    @property
    def explained_on(self) -> None:
        """A digest explains its own terms and points to no other note for them."""
        return None

    @property
    def demo(self) -> bool:
        """Whether the market is simulated."""
        return self.report.demo

    @property
    def dateline(self) -> str:
        """The line under the title."""
        first, last = self.report.sessions[0], self.report.sessions[-1]
        if first == last:
            return f"The week of {said_day(last)} {last.year}"
        return f"The week from {said_day(first)} to {said_day(last)} {last.year}"

    @property
    def main(self) -> str:
        """The verdict of most days, ``mixed`` where none has more than half of them."""
        label, count = self.report.labels.most_common(1)[0]
        return label if 2 * count > len(self.report.days) else "mixed"

    @property
    def whole(self) -> bool:
        """Whether every session has its note."""
        return not self.report.missing

    @property
    def spans(self) -> bool:
        """Whether the first and the last session have theirs, so that the return is the week's."""
        days = self.report.days
        return (days[0].session, days[-1].session) == (
            self.report.sessions[0],
            self.report.sessions[-1],
        )

    @property
    def tally(self) -> list[tuple[str, str]]:
        """The verdicts of the week, most frequent first: name of the count, and word."""
        return [
            (f"{VERDICTS[label]}_days", VERDICTS[label])
            for label, _ in self.report.labels.most_common()
        ]

    @property
    def best(self) -> Day:
        """The day of the largest gain, or of the smallest loss."""
        return max(self.report.days, key=lambda day: day.day_return)

    @property
    def worst(self) -> Day:
        """The day of the largest loss, or of the smallest gain."""
        return min(self.report.days, key=lambda day: day.day_return)

    @property
    def both_ways(self) -> bool:
        """Whether forced orders mostly cancelled over the week."""
        net = self.report.forced_usd
        return net is not None and abs(net.mid) < BOTH_WAYS * gross_usd(self.report)

    @property
    def forced(self) -> list[DriverPoint]:
        """The forced drivers that were strong on any day, those strong most often first."""
        found = [one for one in self._mechanical if one.days_strong]
        return [driver_point(one) for one in found[:MOST_DRIVERS]]

    @property
    def forced_crowds(self) -> str:
        """Those traders, for use within a sentence."""
        return listed([point.crowd for point in self.forced])

    @property
    def light(self) -> str:
        """Those that were measured and are not told of, for use within a sentence."""
        told = {point.week.slug for point in self.forced}
        rest = [one for one in self._mechanical if one.slug not in told]
        return listed([words.CROWDS.get(one.slug, one.title) for one in rest])

    @property
    def chosen(self) -> DriverPoint | None:
        """Real money, where any day could measure it."""
        found = (one for one in self.report.drivers if one.kind is Kind.CONVICTION)
        return next((driver_point(one) for one in found), None)

    @property
    def unseen(self) -> str:
        """The drivers no day could measure, for use within a sentence."""
        return listed([title[0].lower() + title[1:] for title in self.report.unmeasured])

    @property
    def all_days(self) -> list[DayPoint]:
        """Every session, those without a note too."""
        days = {day.session: day for day in self.report.days}
        return [day_point(session, days.get(session)) for session in self.report.sessions]

    @property
    def _mechanical(self) -> list[DriverWeek]:
        return [one for one in self.report.drivers if one.kind is Kind.MECHANICAL]

    @cached_property
    def note(self) -> Note:
        """The digest in sentences."""
        return compose_week(self)


def compose_week(commentary: WeekCommentary) -> Note:
    """Put a week into sentences."""
    trace = Trace()
    context: dict[str, object] = {
        "w": commentary,
        "week": commentary.report,
        "sums": Traced("week", week_figures(commentary.report), trace),
        "trace": lambda scope, figures: Traced(scope, figures, trace),
        "names": _names,
    }
    turn = commentary.session.toordinal() // 7
    title, lead = _headed(write("_weekly_lead", context, turn, trace))
    sections = []
    for place, stem in enumerate(ARC, start=1):
        paragraphs = write(f"_weekly_{stem}", context, turn, trace)
        if paragraphs:
            heading, rest = _headed(paragraphs)
            number = place if place <= NUMBERED else None
            sections.append(Section(stem, heading, tuple(rest), number))
    return Note(title, tuple(lead), tuple(sections))


def _headed(paragraphs: list[Paragraph]) -> tuple[Sentence, list[Paragraph]]:
    """Part the first sentence, a title or heading, from what stands under it."""
    (first, *others), *rest = [list(paragraph.sentences) for paragraph in paragraphs]
    bodies = [others, *rest] if others else rest
    return first, [Paragraph(tuple(body)) for body in bodies]


def _names(days: tuple[date, ...]) -> str:
    """Say days of one week by their weekdays."""
    return listed([f"{day:%A}" for day in days])
