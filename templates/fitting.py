"""Fit a note to its length: the weakest sentences go first, in an order laid down here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from templates.phrasing import Paragraph

if TYPE_CHECKING:
    from templates.note import Note

WEAKEST_FIRST = (
    "real_money.limits",
    "hedge_unwinding.aside.*",
    "real_money.who",
    "dealer_gamma.flip",
    "leveraged_etf.parts.*",
    "dealer_gamma.rough*",
    "vol_control.tomorrow.*",
    "trend_following.trigger.*",
    "_stick.alike",
    "*.turned.*",
    "real_money.lag.*",
    "real_money.volume.usual",
    "*.surprise.usual",
    "_lead.order.with",
    "_attribution.takers",
    "_also.calendar.*",
    "real_money.credit.lead",
    "_lead.share",
    "_lead.path.slow",
    "_lead.sectors.*",
    "_lead.beyond",
    "*.surprise.heavier",
    "_stick.mind.*",
    "*.surprise.unusual",
    "*.redeemed.*",
    "real_money.created.*",
    "_lead.vix_since.????",
    "_known.rest",
    "real_money.credit.lag",
    "_lead.path.gap.*",
    "_known.rounded",
    "_contrast_*",
    "hedge_unwinding.who.*",
    "*.surprise.*",
    "_lead.vix_since.*",
    "_attribution.odd",
    "real_money.volume.heavy",
    "_lead.spread",
    "_settled.past.*",
)
"""Sentences a full note can do without, weakest first: what repeats, hedges or adds detail.

Nothing that says what a driver did, what it means, what is missing or what is not known
stands here, so the longest note still has its whole arc.
"""

WEAKEST_OF_A_QUIET_NOTE = (
    "_known.spy_ratio",
    "short_covering.also.weak",
    "hedge_unwinding.also.weak",
    "dealer_gamma.also.tiny",
    "_known.count",
    "_lead.turn.quiet*",
    "_settled.past.*",
    "_contrast_*",
    "_lead.since.*",
    "_also.calendar.*",
    "_stick.base.*",
    "leveraged_etf.also.tiny",
    "_lead.vix_since.*",
    "_known.lacking",
    "_stick.*",
)
"""What a quiet note drops, weakest first."""


def fitted(note: Note, longest: int, order: Iterable[str]) -> Note:
    """Drop sentences in that order until the note is no longer than ``longest`` words."""
    words = note.words
    for pattern in order:
        if words <= longest:
            break
        if _can_drop(note, pattern):
            note = _without(note, pattern)
            words = note.words
    return note


def _can_drop(note: Note, pattern: str) -> bool:
    """Say whether a note holds such a sentence, or a section that has none left at all."""
    return any(fnmatchcase(one.id, pattern) for one in note.sentences) or not all(
        section.paragraphs for section in note.sections
    )


def _without(note: Note, pattern: str) -> Note:
    sections = tuple(
        replace(section, paragraphs=_kept(section.paragraphs, pattern)) for section in note.sections
    )
    return replace(
        note,
        lead=_kept(note.lead, pattern),
        sections=tuple(one for one in sections if one.paragraphs),
    )


def _kept(paragraphs: Iterable[Paragraph], pattern: str) -> tuple[Paragraph, ...]:
    kept = (
        tuple(one for one in paragraph.sentences if not fnmatchcase(one.id, pattern))
        for paragraph in paragraphs
    )
    return tuple(Paragraph(sentences) for sentences in kept if sentences)
