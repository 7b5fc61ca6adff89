"""Read a note back: which figures it prints, and whether its own facts bear them out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.commentary import Commentary
from templates.note import Note, compose
from templates.phrasing import Sentence

FIGURE = re.compile(
    r"\$?(\d[\d,]*(?:\.\d+)?)( trillion| billion| million|%| percentage points?| points)?"
)
SCALE = {
    " trillion": (1e12,),
    " billion": (1e9,),
    " million": (1e6,),
    "%": (0.01, 100.0),
    " percentage point": (0.01,),
    " percentage points": (0.01,),
    " points": (1.0, 0.01),
}
"""What a unit multiplies a printed figure by; basis points and VIX points are told so too."""
NAMES = re.compile(r"S&P 500|Nasdaq-100|Russell 2000|begin in \d{4}")
DATES = re.compile(
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December)(?: \d{4})?"
)
BEYOND = re.compile(r"more than 99%|less than 1%")

BANNED = (
    "significant",
    "notable",
    "amid",
    "robust",
    "landscape",
    "worth noting",
    "opportunity",
    "you should",
    "investors should",
    "we recommend",
    "prone to",
    "will rise",
    "will fall",
    "will reverse",
    "will continue",
    "nan",
    "none(?! of)",
    "null",
    "undefined",
)
"""Words a note never uses, advice and forecasts among them, and marks of an unfilled slot."""


def figures_of(sentence: Sentence, commentary: Commentary) -> Iterator[tuple[str, float, float]]:
    """Yield each figure as printed, its value, and half a unit of its last digit."""
    text = sentence.text
    for claim in commentary.claims:
        text = text.replace(claim.claim.replace(" %", "%"), "")
    for pattern in (NAMES, DATES, BEYOND):
        text = pattern.sub("", text)
    for found in FIGURE.finditer(text):
        digits = found[1].replace(",", "")
        decimals = len(digits.partition(".")[2])
        zeros = len(digits) - len(digits.rstrip("0")) if not decimals else 0
        half_unit = 0.5 * 10.0 ** (zeros - decimals)
        for scale in SCALE.get(found[2] or "", (1.0,)):
            yield found[0], float(digits) * scale, half_unit * scale


def unsupported(sentence: Sentence, commentary: Commentary) -> list[str]:
    """Return the figures of a sentence that none of its facts rounds to."""
    values = [abs(float(value)) for _, value in sentence.facts]
    printed: dict[str, bool] = {}
    for text, figure, half_unit in figures_of(sentence, commentary):
        near = any(abs(value - figure) <= half_unit * 1.000001 for value in values)
        printed[text] = printed.get(text, False) or near
    return [text for text, borne_out in printed.items() if not borne_out]


def banned_words(text: str) -> list[str]:
    """Return the banned words a text uses, as whole words."""
    return [word for word in BANNED if re.search(rf"\b{word}\b", text, re.IGNORECASE)]


def words_of(note: Note) -> int:
    """Count the words of a note, headings and sources included, the box of terms not."""
    counted = (one for one in note.sentences if not one.id.startswith("_terms."))
    return sum(len(one.text.split()) for one in counted)


def note_of(commentary: Commentary) -> Note:
    """Compose the note of a commentary."""
    return compose(commentary)


def plain_text(note: Note) -> str:
    """Return the sentences of a note, one a line."""
    return "\n".join(sentence.text for sentence in note.sentences)
