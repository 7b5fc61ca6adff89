"""The note: a commentary put into sentences, in the arc every edition follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from templates.commentary import Commentary, Point, Shape
from templates.facts import Trace, Traced
from templates.phrasing import Paragraph, Sentence, contrast_stems, has_phrases, write

FULL_ARC = ("_attribution", "real_money", "_stick", "_checkable", "_known")
QUIET_ARC = ("_stick", "_checkable", "_known")
"""What follows the driver sections, in order."""

MOST_CONTRASTS = 2

LONG_SECTIONS = 2
"""From the third driver on a section says only what it must."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; ``number`` is None outside the drivers."""

    id: str
    heading: Sentence
    paragraphs: tuple[Paragraph, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A whole note in sentences, before any edition sets it."""

    title: Sentence
    lead: tuple[Paragraph, ...]
    sections: tuple[Section, ...]

    @property
    def sentences(self) -> Iterator[Sentence]:
        """Walk over every sentence in reading order."""
        yield self.title
        for paragraph in self.lead:
            yield from paragraph.sentences
        for section in self.sections:
            yield section.heading
            for paragraph in section.paragraphs:
                yield from paragraph.sentences


def compose(commentary: Commentary) -> Note:
    """Put a commentary into sentences."""
    desk = _Desk(commentary)
    title, lead = desk.headed(desk.write("_lead"))
    lead = _with_contrasts(lead, desk.contrasts())
    told = () if commentary.shape is Shape.QUIET else commentary.points
    sections = [desk.driver_section(point, place) for place, point in enumerate(told, start=1)]
    sections += desk.also_section(told)
    arc = QUIET_ARC if commentary.shape is Shape.QUIET else FULL_ARC
    sections += [section for stem in arc for section in desk.standing_section(stem)]
    return Note(title, tuple(lead), tuple(sections))


class _Desk:
    """Hands each phrase file the facts it may use."""

    def __init__(self, commentary: Commentary) -> None:
        self._commentary = commentary
        self._trace = Trace()
        self._turn = turn(commentary)
        self._context = self._shared_context()

    def write(self, stem: str, **more: object) -> list[Paragraph]:
        """Write one phrase file with the day's context."""
        return write(stem, {**self._context, **more}, self._turn, self._trace)

    def driver_section(self, point: Point, place: int) -> Section:
        """Write the section of one driver."""
        heading, paragraphs = self.headed(_without("also", self._driver(point, place)))
        return Section(point.slug, heading, tuple(paragraphs), place)

    def contrasts(self) -> list[Sentence]:
        """Return the contrasts of the day that are worth a sentence, weightiest first."""
        most = MOST_CONTRASTS if self._commentary.shape is Shape.FULL else 1
        found: list[Sentence] = []
        for stem in contrast_stems():
            found += [one for paragraph in self.write(stem) for one in paragraph.sentences]
            if len(found) >= most:
                break
        return found[:most]

    def also_section(self, told: Iterable[Point]) -> list[Section]:
        """Write a line for each driver that has no section, and for those not measured."""
        slugs = {point.slug for point in told}
        everyone = (*self._commentary.points, *self._commentary.also)
        lines = [
            sentence
            for point in everyone
            if point.slug not in slugs
            for sentence in _only("also", self._driver(point, 0))
        ]
        heading, rest = self.headed(self.write("_also"))
        unmeasured = [s for s in _only("unmeasured", rest)]
        paragraphs = [Paragraph((*lines, *unmeasured))] if lines or unmeasured else []
        paragraphs += _without("unmeasured", rest)
        return [Section("also", heading, tuple(paragraphs))] if paragraphs else []

    def standing_section(self, stem: str) -> list[Section]:
        """Write a section that every note has, unless it has nothing to say today."""
        if stem == "real_money":
            point = self._commentary.participation
            paragraphs = self._driver(point, 0) if point else self.write("_absent")
        else:
            paragraphs = self.write(stem)
        if not paragraphs:
            return []
        heading, rest = self.headed(_without("also", paragraphs))
        return [Section(stem.strip("_"), heading, tuple(rest))]

    def headed(self, paragraphs: list[Paragraph]) -> tuple[Sentence, list[Paragraph]]:
        """Part the first sentence, a title or heading, from what stands under it."""
        (first, *others), *rest = [list(paragraph.sentences) for paragraph in paragraphs]
        bodies = [others, *rest] if others else rest
        return first, [Paragraph(tuple(body)) for body in bodies]

    def _driver(self, point: Point, place: int) -> list[Paragraph]:
        stem = point.slug if has_phrases(point.slug) else "_default"
        facts = Traced(point.slug, point.figures, self._trace)
        return self.write(stem, point=point, facts=facts, brief=place > LONG_SECTIONS)

    def _shared_context(self) -> dict[str, object]:
        commentary, points = self._commentary, self._commentary.by_slug
        return {
            "c": commentary,
            "plain": commentary.level == "plain",
            "trader": commentary.level == "trader",
            "quant": commentary.level == "quant",
            "alike": Traced("alike", commentary.alike, self._trace),
            "up": commentary.direction == "up",
            "down": commentary.direction == "down",
            "tape": Traced("tape", commentary.tape, self._trace),
            "points": points,
            "of": {
                slug: Traced(slug, point.figures, self._trace) for slug, point in points.items()
            },
            "odds": {
                key: Traced(f"odds.{key}", figures, self._trace)
                for key, figures in commentary.odds.items()
            },
        }


def turn(commentary: Commentary) -> int:
    """Count weekdays, so that neighbouring sessions take neighbouring alternatives."""
    weeks, weekday = divmod(commentary.session.toordinal() - 1, 7)
    return 5 * weeks + min(weekday, 4)


def _with_contrasts(lead: list[Paragraph], contrasts: list[Sentence]) -> list[Paragraph]:
    """Set the contrasts before the last paragraph of the lead, which sums the flows up."""
    if not contrasts:
        return lead
    at = len(lead) - 1 if len(lead) > 2 else len(lead)
    return [*lead[:at], Paragraph(tuple(contrasts)), *lead[at:]]


def _slot(sentence: Sentence) -> str:
    return sentence.id.split(".")[1]


def _only(slot: str, paragraphs: Iterable[Paragraph]) -> list[Sentence]:
    return [s for paragraph in paragraphs for s in paragraph.sentences if _slot(s) == slot]


def _without(slot: str, paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    kept = (tuple(s for s in paragraph.sentences if _slot(s) != slot) for paragraph in paragraphs)
    return [Paragraph(sentences) for sentences in kept if sentences]
