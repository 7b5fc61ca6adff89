"""The gates a note must pass, each a small function that names what breaks it."""

from __future__ import annotations

import re
from bisect import insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

import textstat

from analysis.reading import Grade
from templates.commentary import Commentary, Shape
from templates.note import Note
from templates.phrasing import Sentence
from tests.templates.reading_back import banned_words, plain_text, unsupported, words_of

__all__ = ["Resting", "grade_of", "mask", "violations", "words_of"]

MOST_GRADE = 10.0
BANDS = {Shape.QUIET: (150, 250), Shape.POOR: (250, 800), Shape.FULL: (430, 800)}
"""Words of a plain note on real data."""

LIST_ITEM = re.compile(r"^- ")
BROKEN = re.compile(r"[{}\[\]]|\|\||\$\s|\s[.,;:)]|\(\s|\.\.|,,|  |\bnan\b|\binf\b", re.IGNORECASE)
ADVICE = re.compile(r"^(Buy|Sell|Hold|Avoid|Watch|Consider|Wait)\b|\bshould (buy|sell|hold)\b")
IDENTITY = re.compile(r"\b(had to|must have|were made to|was made to|have to)\b")
INFERENCE = re.compile(
    r"\b(look|looks|looked|seem|seems|cannot be|would fit|would match|would go)\b"
)
INFERRED = ("flow", "means", "heading", "also")
SIDES = {
    "buying": r"\b(sell|sold|selling|shed|let go|cut|trim)",
    "selling": r"\b(buy|bought|buying|find|addition)",
}
IN_DOLLARS = ("leveraged_etf", "trend_following", "vol_control")
"""Drivers whose side is the sign of their dollars."""

EXEMPT_SLOTS = {"who", "confirm", "caveat", "limits", "basis"}
"""Definitions and caveats, which may return."""

STANDING = ("_known", "_checkable", "_absent", "_terms")


def violations(
    commentary: Commentary, note: Note, opening_before: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield the kind and the detail of every gate that the note breaks."""
    headings = {note.title.id, *(section.heading.id for section in note.sections)}
    for sentence in note.sentences:
        yield from _of_sentence(sentence, commentary, sentence.id in headings)
    yield from _of_note(commentary, note, opening_before)


def _of_sentence(
    sentence: Sentence, commentary: Commentary, heading: bool
) -> Iterator[tuple[str, str]]:
    text = LIST_ITEM.sub("", sentence.text)
    if not sentence.id.startswith("_known") and unsupported(sentence, commentary):
        yield "figure", f"{sentence.id} {text}"
    if BROKEN.search(text) or not text or text != " ".join(text.split()):
        yield "broken text", f"{sentence.id} {text}"
    if banned_words(text) or ADVICE.search(text):
        yield "banned word or advice", f"{sentence.id} {text}"
    if not (text[:1].isupper() or text[:1].isdigit() or text[:1] == "$"):
        yield "no capital", f"{sentence.id} {text}"
    if text.endswith(".") == heading:
        yield "full stop", f"{sentence.id} {text}"
    if "less than one per cent" in text and abs(commentary.report.index.day_return) > 0.01:
        yield "wrong size", f"{sentence.id} {text}"
    yield from _of_evidence(sentence, commentary)
    yield from _of_side(sentence, commentary)


def _of_evidence(sentence: Sentence, commentary: Commentary) -> Iterator[tuple[str, str]]:
    """Hold the words to the evidence: no inference told as an identity, no identity as a guess."""
    slug, slot, *_ = sentence.id.split(".")
    point = commentary.by_slug.get(slug)
    if point is None or slot not in INFERRED:
        return
    if point.grade is Grade.C and IDENTITY.search(sentence.text):
        yield "inference told as identity", f"{sentence.id} {sentence.text}"
    if point.grade is Grade.C and slot == "flow" and not INFERENCE.search(sentence.text):
        yield "inference told as fact", f"{sentence.id} {sentence.text}"
    modelled = point.grade is Grade.B and slot == "flow" and "mid_usd" in dict_of(sentence, slug)
    if modelled and not re.search(r"\bmodels?\b", sentence.text, re.IGNORECASE):
        yield "model told as fact", f"{sentence.id} {sentence.text}"
    if point.grade is Grade.A and slot == "flow" and "had to" not in sentence.text:
        yield "identity not told as one", f"{sentence.id} {sentence.text}"


def dict_of(sentence: Sentence, slug: str) -> set[str]:
    """Return the keys of a driver's figures that a sentence touched."""
    return {key.removeprefix(f"{slug}.") for key, _ in sentence.facts if key.startswith(slug)}


def _of_side(sentence: Sentence, commentary: Commentary) -> Iterator[tuple[str, str]]:
    slug, slot, *_ = sentence.id.split(".")
    point = commentary.by_slug.get(slug)
    dollars = slug in IN_DOLLARS and slot == "flow"
    wrong = SIDES.get(point.side) if point is not None and dollars else None
    if wrong and re.search(wrong, sentence.text):
        yield "wrong side", f"{sentence.id} {sentence.text}"
    if point is not None and slot == "also" and slug in IN_DOLLARS and point.mid_usd:
        other = SIDES["buying" if point.mid_usd > 0 else "selling"]
        if re.search(other, sentence.text):
            yield "wrong side", f"{sentence.id} {sentence.text}"
    if slug == "_lead" and slot == "tape" and commentary.direction != "flat":
        rose = bool(re.search(r"\b(rose|jumped|up|gained|gain of)\b", sentence.text, re.IGNORECASE))
        if rose != (commentary.direction == "up"):
            yield "wrong direction", sentence.text


def _of_note(commentary: Commentary, note: Note, opening_before: str) -> Iterator[tuple[str, str]]:
    low, high = BANDS[commentary.shape]
    if not low <= words_of(note) <= high:
        yield "length", f"{commentary.shape.value} {words_of(note)}"
    if grade_of(note) > MOST_GRADE:
        yield "reading grade", f"{grade_of(note):.1f}"
    poor = commentary.shape is Shape.POOR
    if opening_before and not poor and note.lead[0].sentences[0].text[:25] == opening_before:
        yield "opening repeated", opening_before
    for section in note.sections:
        for paragraph in section.paragraphs:
            dashes = {one.text.startswith("- ") for one in paragraph.sentences}
            if len(dashes) > 1:
                yield "orphan bullet", f"{section.id} {paragraph.text[:60]}"
    first = note.lead[0].sentences[0].text
    if poor and "could not see" not in first:
        yield "blindness not told first", first


def grade_of(note: Note) -> float:
    """Return the reading grade of a whole note."""
    return float(textstat.flesch_kincaid_grade(plain_text(note)))


def mask(text: str) -> str:
    """Blank figures, dates and days of the week, so that only the words are compared."""
    text = re.sub(
        r"\b(\d{1,2} )?(January|February|March|April|May|June|July|August|September|October"
        r"|November|December)( \d{4})?\b|\b(Mon|Tues|Wednes|Thurs|Fri)day\b",
        "#",
        text,
    )
    return re.sub(r"\d[\d,.]*", "#", text)


@dataclass
class Resting:
    """How long each sentence rested before it came back [sessions]."""

    sections: bool
    """Whether only driver sections are heard, without definitions and caveats."""
    session: int = 0
    last: dict[str, int] = field(default_factory=dict)
    gaps: list[int] = field(default_factory=list)
    early: Counter[str] = field(default_factory=Counter)
    heard: int = 0

    def hear(self, note: Note) -> None:
        """Take in one note."""
        self.session += 1
        for text, name in {
            (mask(one.text), one.id): 0 for one in note.sentences if self._counts(one)
        }:
            self.heard += 1
            if text in self.last and self.last[text] < self.session:
                gap = self.session - self.last[text]
                insort(self.gaps, gap)
                self.early[name] += gap < 10
            self.last[text] = self.session

    def _counts(self, sentence: Sentence) -> bool:
        stem, slot, *_ = sentence.id.split(".")
        if stem.startswith(STANDING) or slot in EXEMPT_SLOTS:
            return False
        standing = slot == "heading" and stem.startswith("_") and stem != "_lead"
        return not (standing or (self.sections and stem.startswith("_"))) and slot != "unmeasured"

    def told(self) -> str:
        """Say how many different sentences there were and how long they rested."""
        early = sum(gap < 10 for gap in self.gaps)
        worst = ", ".join(f"{name} {count}" for name, count in self.early.most_common(12) if count)
        return (
            f"{len(self.last)} different of {self.heard}; rest before return: median "
            f"{median(self.gaps) if self.gaps else 0:.0f} sessions, under ten "
            f"{early} ({100 * early / max(1, self.heard):.2f}%) [{worst}]"
        )
