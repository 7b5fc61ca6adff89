"""The digest: a week of notes put into sentences, in the arc every edition follows.

Its facts are those of the notes that were published; its words stand in the phrase files
whose names begin with ``_weekly``. The editions are set like a note's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import yaml

from analysis.reading import Estimate, Kind
from analysis.week import Day, DriverWeek, Settled, Week
from templates import words
from templates.facts import Figure, Figures, Standing, Trace, Traced
from templates.figures import day as said_day
from templates.figures import listed
from templates.mailing import cut_at_word
from templates.note import Note, Section
from templates.phrasing import Paragraph, Sentence, write
from templates.render import DESCRIPTION_LIMIT, set_note

ARC = ("forced", "chosen", "days", "odds", "known")
"""What follows the lead, in order; the first two are numbered."""

NUMBERED = 2

MOST_DRIVERS = 3
"""A reader takes in three kinds of trader; the rest get a line together."""

BOTH_WAYS = 0.3
"""Net forced dollars under this part of the gross have pulled both ways."""

VERDICTS = {
    "mechanical": "forced",
    "conviction": "chosen",
    "mixed": "mixed",
    "quiet": "quiet",
    "unclear": "unclear",
}
"""What a verdict is called in a digest."""

Named = Mapping[str, tuple[float | None, str]]
"""Value and unit by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPoint:
    """One session of the week, ready to be put into words; without a note, no figures."""

    session: date
    verdict: str
    direction: str
    figures: Figures

    @property
    def weekday(self) -> str:
        """The session's day of the week."""
        return f"{self.session:%A}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverPoint:
    """One driver's week, ready to be put into words."""

    week: DriverWeek
    figures: Figures

    @property
    def crowd(self) -> str:
        """What its traders are called within a sentence."""
        return words.CROWDS.get(self.week.slug, self.week.title)

    @property
    def grade(self) -> str:
        """How firmly its method stands."""
        return self.week.grade.value

    @property
    def side(self) -> str:
        """The side of its dollars, or of most of its days; ``both`` where neither leads."""
        net = self.week.net_usd
        lean = net.mid if net else self.week.days_buying - self.week.days_selling
        return "buying" if lean > 0 else "selling" if lean < 0 else "both"

    @property
    def heaviest(self) -> str:
        """The weekday it was heaviest on."""
        return f"{self.week.heaviest.session:%A}"


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
        return net is not None and abs(net.mid) < BOTH_WAYS * _gross(self.report)

    @property
    def forced(self) -> list[DriverPoint]:
        """The forced drivers that were strong on any day, those strong most often first."""
        found = [one for one in self._mechanical if one.days_strong]
        return [_driver_point(one) for one in found[:MOST_DRIVERS]]

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
        return next((_driver_point(one) for one in found), None)

    @property
    def unseen(self) -> str:
        """The drivers no day could measure, for use within a sentence."""
        return listed([title[0].lower() + title[1:] for title in self.report.unmeasured])

    @property
    def all_days(self) -> list[DayPoint]:
        """Every session, those without a note too."""
        days = {day.session: day for day in self.report.days}
        return [_day_point(session, days.get(session)) for session in self.report.sessions]

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


def render_week(week: Week, edition: str) -> str:
    """Return a week's digest in one edition, as `templates.render` does for a note."""
    commentary = WeekCommentary(report=week)
    if edition == "json":
        return _machine_edition(commentary)
    text = set_note(commentary, commentary.note, "markdown" if edition == "blog" else edition)
    return _front_matter(commentary) + "\n" + text if edition == "blog" else text


def _machine_edition(commentary: WeekCommentary) -> str:
    sentences = [_explained(one) for one in commentary.note.sentences]
    body = {
        "week": commentary.report.as_dict(),
        "note": {
            "level": "plain",
            "title": commentary.note.title.text,
            "dateline": commentary.dateline,
            "sentences": sentences,
        },
    }
    return json.dumps(body, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _explained(sentence: Sentence) -> dict[str, object]:
    facts = {key: float(value) for key, value in sentence.facts}
    return {"id": sentence.id, "text": sentence.text, "rule": sentence.rule, "facts": facts}


def _front_matter(commentary: WeekCommentary) -> str:
    head: dict[str, object] = {
        "title": commentary.note.title.text,
        "date": commentary.report.as_of,
        "slug": f"{commentary.session.isoformat()}-weekly",
        "description": cut_at_word(commentary.note.lead[0].text, DESCRIPTION_LIMIT),
        "tags": ["weekly"],
        "content_hash": commentary.report.content_hash,
    }
    if commentary.demo:
        head["simulated"] = True
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)}---"


def week_figures(week: Week) -> Figures:
    """Gather the figures of the week itself; what is not known is left out."""
    first, last = week.days[0], week.days[-1]
    before = None
    if first.vix_close is not None and first.vix_change is not None:
        before = first.vix_close - first.vix_change
    counts = {f"{word}_days": week.labels[label] for label, word in VERDICTS.items()}
    return _figures(
        {
            "index_return": (week.index_return, "fraction"),
            "close": (last.close, "points"),
            "best_return": (max(day.day_return for day in week.days), "fraction"),
            "worst_return": (min(day.day_return for day in week.days), "fraction"),
            "vix_before": (before, "points"),
            "vix_close": (last.vix_close, "points"),
            "sessions": (float(len(week.sessions)), "sessions"),
            "noted": (float(len(week.days)), "sessions"),
            **_range("forced", week.forced_usd),
            "forced_gross_usd": (_gross(week) or None, "USD"),
            "forced_share": (week.forced_share, "fraction"),
            **{name: (float(count), "days") for name, count in counts.items()},
            **_settled_values(week.settled),
        }
    )


def _settled_values(settled: tuple[Settled, ...] | None) -> Named:
    if settled is None:
        return {}
    return {
        "due": (float(len(settled)), "claims"),
        "came_true": (float(sum(one.came_true for one in settled)), "claims"),
        "expected": (sum(one.probability for one in settled), "claims"),
        "base_expected": (sum(one.base_rate for one in settled), "claims"),
    }


def _driver_point(one: DriverWeek) -> DriverPoint:
    heaviest = one.heaviest.flow_usd
    return DriverPoint(
        week=one,
        figures=_figures(
            {
                **_range("net", one.net_usd),
                "heaviest_usd": (None if heaviest is None else heaviest.mid, "USD"),
                "days_measured": (float(one.days_measured), "days"),
                "days_strong": (float(one.days_strong), "days"),
                "days_buying": (float(one.days_buying), "days"),
                "days_selling": (float(one.days_selling), "days"),
                "days_unusual": (float(one.days_unusual), "days"),
            }
        ),
    )


def _day_point(session: date, day: Day | None) -> DayPoint:
    if day is None:
        return DayPoint(session=session, verdict="", direction="flat", figures={})
    forced = None if day.forced_usd is None else day.forced_usd.mid
    return DayPoint(
        session=session,
        verdict=VERDICTS[day.label],
        direction=words.direction(day.day_return),
        figures=_figures(
            {"day_return": (day.day_return, "fraction"), "forced_usd": (forced, "USD")}
        ),
    )


def _gross(week: Week) -> float:
    return sum(abs(day.forced_usd.mid) for day in week.days if day.forced_usd is not None)


def _range(name: str, estimate: Estimate | None) -> Named:
    if estimate is None:
        return {}
    return {
        f"{name}_low_usd": (estimate.low, "USD"),
        f"{name}_usd": (estimate.mid, "USD"),
        f"{name}_high_usd": (estimate.high, "USD"),
    }


def _figures(values: Named) -> dict[str, Figure]:
    return {
        key: Figure(value, key, Standing(label=key.replace("_", " "), unit=unit))
        for key, (value, unit) in values.items()
        if value is not None
    }


def _headed(paragraphs: list[Paragraph]) -> tuple[Sentence, list[Paragraph]]:
    """Part the first sentence, a title or heading, from what stands under it."""
    (first, *others), *rest = [list(paragraph.sentences) for paragraph in paragraphs]
    bodies = [others, *rest] if others else rest
    return first, [Paragraph(tuple(body)) for body in bodies]


def _names(days: tuple[date, ...]) -> str:
    """Say days of one week by their weekdays."""
    return listed([f"{day:%A}" for day in days])
