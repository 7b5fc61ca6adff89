"""Read the figures of the trader and quant levels back: signed, ranked, at their rounding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.commentary import Commentary
from templates.facts import Figure
from templates.note import Note
from templates.phrasing import Sentence
from tests.templates.reading_back import DATES, unsupported

SET_OUT = ("line", "score", "evidence")
"""Slots in which a level sets figures out, sign and all."""

CONSTANT = ("formula", "inputs", "method")
"""Slots that print constants of the method, not figures of the day."""

FIGURE = re.compile(
    r"(?P<sign>[-+])?\$?(?P<digits>\d[\d,]*(?:\.\d+)?)"
    r"(?P<unit> trillion| billion| million|%|(?:st|nd|rd|th) percentile)?"
)
SCALE = {" trillion": 1e12, " billion": 1e9, " million": 1e6, "%": 0.01}
EXTREME = {"top percentile": 0.995, "lowest percentile": 0.005}
WORDS = re.compile(r"past three years|Grade [ABC]|grade [ABC]")


def misread(note: Note, commentary: Commentary) -> Iterator[str]:
    """Yield every figure of a note that no fact of its sentence bears out, with the sentence."""
    for sentence in note.sentences:
        slot = _slot(sentence)
        if slot in CONSTANT or sentence.id.startswith("_known"):
            continue
        found = _set_out(sentence) if slot in SET_OUT else unsupported(sentence, commentary)
        yield from (f"{sentence.id}: {figure} in {sentence.text!r}" for figure in found)


def _slot(sentence: Sentence) -> str:
    return sentence.id.split(".")[1]


def _set_out(sentence: Sentence) -> list[str]:
    """Return the figures of a line of figures that its facts, signs included, do not give."""
    text = WORDS.sub("", sentence.text)
    if _slot(sentence) == "evidence":
        text = DATES.sub("", text.rpartition(": ")[2])
    facts = [figure for _, figure in sentence.facts]
    wrong = [match[0] for match in FIGURE.finditer(text) if not _borne_out(match, facts)]
    return wrong + [said for said in EXTREME if said in text and not _extreme(said, facts)]


def _borne_out(match: re.Match[str], facts: list[Figure]) -> bool:
    digits, unit = match["digits"].replace(",", ""), match["unit"] or ""
    decimals = len(digits.partition(".")[2])
    zeros = len(digits) - len(digits.rstrip("0")) if not decimals else 0
    half_unit = 0.5 * 10.0 ** (zeros - decimals)
    if unit.endswith("percentile"):
        return any(abs(100.0 * rank - float(digits)) <= 0.5 + 1e-9 for rank in _ranks(facts))
    scale = SCALE.get(unit, 1.0)
    value = float(digits) * scale * (-1.0 if match["sign"] == "-" else 1.0)
    signed = match["sign"] is not None
    return any(
        abs(fact - value) <= half_unit * scale * 1.000001
        or (
            not signed
            and _is_share(fact)
            and abs(abs(fact) - value) <= half_unit * scale * 1.000001
        )
        for fact in facts
    )


def _is_share(fact: Figure) -> bool:
    """Whether a figure is told without its sign: the share of trading beside a signed flow."""
    return fact.key == "share_of_adv"


def _ranks(facts: list[Figure]) -> list[float]:
    own = [float(fact) for fact in facts if fact.key == "rank"]
    return own + [fact.percentile for fact in facts if fact.percentile is not None]


def _extreme(said: str, facts: list[Figure]) -> bool:
    bound = EXTREME[said]
    return any(rank >= bound if bound > 0.5 else rank <= bound for rank in _ranks(facts))
