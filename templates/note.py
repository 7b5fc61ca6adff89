"""The note: a commentary put into sentences, in the arc every edition follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from templates.commentary import CONVICTION_SLUG, Commentary, Shape
from templates.facts import Trace, Traced
from templates.fitting import WEAKEST_FIRST, WEAKEST_OF_A_QUIET_NOTE, fitted
from templates.levels import methods, told_figures
from templates.phrasing import Paragraph, Sentence, contrast_stems, has_phrases, write
from templates.points import Point
from templates.sections import FEWEST_SECTIONS, due_of
from templates.theme import Theme

FULL_ARC = (
    *("_attribution", "real_money", "_stick", "_checkable"),
    *("_settled", "_terms", "_known"),
)
QUIET_ARC = ("_stick", "_checkable", "_settled", "_terms", "_known")
"""What follows the driver sections, in order."""

ABOUT_THE_CROWD = (Theme.CROWD, Theme.THIN)
"""Themes whose section is that on who took part; it stands first then."""

TERMS = "terms"
"""The box that explains the week's terms; it stands beside the note and is not counted."""

MOST_CONTRASTS = 2

ROOMY, USUAL, TIGHTEST = 0, 1, 3
"""How tightly a note is told: roomy where there is little to tell, tightest where there is much."""

LONG_SECTIONS = (4, 2, 0, 0)
"""By tightness, how many sections say more than they must."""

PLAIN = "plain"

SHORTEST, LONGEST = 560, 780
"""Words under which a plain note may explain more, and over which it is told tighter."""

LONGEST_QUIET = 250


_KEPT: WeakKeyDictionary[Commentary, Note] = WeakKeyDictionary()


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
    preface: Sentence | None = None
    """What must be known of the note itself; it stands with the date."""

    @property
    def words(self) -> int:
        """Count the words, headings and sources included, the week's terms not."""
        counted = (one for one in self.sentences if not one.id.startswith(f"_{TERMS}."))
        return sum(len(sentence.text.split()) for sentence in counted)

    @property
    def sentences(self) -> Iterator[Sentence]:
        """Walk over every sentence in reading order."""
        yield self.title
        if self.preface is not None:
            yield self.preface
        for paragraph in self.lead:
            yield from paragraph.sentences
        for section in self.sections:
            yield section.heading
            for paragraph in section.paragraphs:
                yield from paragraph.sentences


def compose(commentary: Commentary) -> Note:
    """Put a commentary into sentences, leaving out more where the note would grow too long.

    The note is kept as long as the commentary is, so that all editions share it.
    """
    if commentary not in _KEPT:
        _KEPT[commentary] = _fitting(commentary)
    return _KEPT[commentary]


def _fitting(commentary: Commentary) -> Note:
    note = _composed(_Desk(commentary, USUAL))
    if commentary.level != PLAIN:
        return note
    if commentary.shape is Shape.QUIET:
        return fitted(note, LONGEST_QUIET, WEAKEST_OF_A_QUIET_NOTE)
    if note.words < SHORTEST and commentary.shape is Shape.FULL:
        return _composed(_Desk(commentary, ROOMY))
    for tightness in range(USUAL, TIGHTEST + 1):
        note = fitted(_composed(_Desk(commentary, tightness)), LONGEST, WEAKEST_FIRST)
        if note.words <= LONGEST:
            break
    return note


def _composed(desk: _Desk) -> Note:
    commentary = desk.commentary
    title, lead = desk.headed(desk.write("_lead"))
    preface = next(iter(_only("preface", lead)), None)
    lead = _with_contrasts(_without("preface", lead), desk.contrasts())
    told = () if commentary.shape is Shape.QUIET else desk.told
    first, rest = _arc(commentary)
    sections = [section for stem in first for section in desk.standing_section(stem)]
    sections += [desk.driver_section(place, told) for place in range(1, len(told) + 1)]
    sections += desk.also_section(told)
    sections += [section for stem in rest for section in desk.standing_section(stem)]
    return Note(title, tuple(lead), tuple(sections), preface)


def _arc(commentary: Commentary) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands before the driver sections, and what after them."""
    if commentary.shape is Shape.QUIET:
        return (), QUIET_ARC
    if commentary.shape is Shape.FULL and commentary.theme in ABOUT_THE_CROWD:
        return (CONVICTION_SLUG,), tuple(one for one in FULL_ARC if one != CONVICTION_SLUG)
    return (), FULL_ARC


class _Desk:
    """Hands each phrase file the facts it may use."""

    def __init__(self, commentary: Commentary, tightness: int) -> None:
        self.commentary = commentary
        self._tightness = tightness
        self._trace = Trace()
        self._turn = turn(commentary)
        self._context = self._shared_context()

    @property
    def told(self) -> tuple[Point, ...]:
        """The drivers with a section of their own; at the tightest the dullest goes.

        Of those that the note owes no section, if there is one, else of those not named.
        """
        points = self.commentary.points
        if self._tightness < TIGHTEST or len(points) <= FEWEST_SECTIONS:
            return points
        due = due_of((*points, *self.commentary.also), self.commentary.named)
        spare = [point for point in points if point.slug not in due]
        spare = spare or [one for one in points if one.slug not in self.commentary.named]
        dullest = min(spare, key=lambda point: point.interest)
        return tuple(point for point in points if point is not dullest)

    def write(self, stem: str, **more: object) -> list[Paragraph]:
        """Write one phrase file with the day's context."""
        return write(stem, {**self._context, **more}, self._turn, self._trace)

    def driver_section(self, place: int, told: tuple[Point, ...]) -> Section:
        """Write the section of one driver; it may lean on the one before."""
        point, before = told[place - 1], told[place - 2] if place > 1 else None
        heading, paragraphs = self.headed(_without("also", self._driver(point, place, before)))
        paragraphs += self.figures(point)
        return Section(point.slug, heading, tuple(paragraphs), place)

    def figures(self, point: Point) -> list[Paragraph]:
        """List a driver's figures for those who trade or calculate; nothing in plain words."""
        if self.commentary.level == PLAIN:
            return []
        facts = Traced(point.slug, point.figures, self._trace)
        shown = told_figures(point, self.commentary.level)
        told = self.write("_figures", point=point, facts=facts, shown=shown, methods=methods())
        return [
            replace(one, sentences=tuple(_under(point.slug, said) for said in one.sentences))
            for one in told
        ]

    def contrasts(self) -> list[Sentence]:
        """Return the contrasts of the day that are worth a sentence, weightiest first."""
        roomy = self.commentary.shape is Shape.FULL and self._tightness <= USUAL
        most = MOST_CONTRASTS if roomy else 1
        found: list[Sentence] = []
        for stem in contrast_stems():
            if len(found) >= most:
                break
            found += [one for paragraph in self.write(stem) for one in paragraph.sentences]
        return found[:most]

    def also_section(self, told: Iterable[Point]) -> list[Section]:
        """Write a line for each driver that has no section, and for those not measured."""
        slugs = {point.slug for point in told}
        everyone = (*self.commentary.points, *self.commentary.also)
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
            point = self.commentary.participation
            paragraphs = self._driver(point, 0) if point else self.write("_absent")
            paragraphs = paragraphs + (self.figures(point) if point else [])
        elif stem == f"_{TERMS}" and not self._explains_terms():
            return []
        else:
            paragraphs = self.write(stem)
        if not paragraphs:
            return []
        heading, rest = self.headed(_without("also", paragraphs))
        return [Section(stem.strip("_"), heading, tuple(rest))]

    def _explains_terms(self) -> bool:
        """Whether this is the week's first note in plain words, which explains who trades."""
        return self.commentary.level == PLAIN and self.commentary.explained_on is None

    def headed(self, paragraphs: list[Paragraph]) -> tuple[Sentence, list[Paragraph]]:
        """Part the first sentence, a title or heading, from what stands under it."""
        (first, *others), *rest = [list(paragraph.sentences) for paragraph in paragraphs]
        bodies = [others, *rest] if others else rest
        return first, [Paragraph(tuple(body)) for body in bodies]

    def _brief(self, place: int) -> bool:
        """Whether the section at that place says only what it must; traders get it all."""
        return self.commentary.level == PLAIN and place > LONG_SECTIONS[self._tightness]

    def _driver(self, point: Point, place: int, before: Point | None = None) -> list[Paragraph]:
        stem = point.slug if has_phrases(point.slug) else "_default"
        facts = Traced(point.slug, point.figures, self._trace)
        opposed = before is not None and {before.side, point.side} == {"buying", "selling"}
        return self.write(stem, point=point, facts=facts, brief=self._brief(place), opposed=opposed)

    def _shared_context(self) -> dict[str, object]:
        commentary, points = self.commentary, self.commentary.by_slug
        return {
            "c": commentary,
            "plain": commentary.level == PLAIN,
            "tight": self._tightness,
            "short_terms": self._tightness > ROOMY,
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


def _under(slug: str, sentence: Sentence) -> Sentence:
    """Give a sentence of the common figures the id of its driver."""
    return replace(sentence, id=sentence.id.replace("_figures", slug, 1))


def _slot(sentence: Sentence) -> str:
    return sentence.id.split(".")[1]


def _only(slot: str, paragraphs: Iterable[Paragraph]) -> list[Sentence]:
    return [s for paragraph in paragraphs for s in paragraph.sentences if _slot(s) == slot]


def _without(slot: str, paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    kept = (tuple(s for s in paragraph.sentences if _slot(s) != slot) for paragraph in paragraphs)
    return [Paragraph(sentences) for sentences in kept if sentences]
