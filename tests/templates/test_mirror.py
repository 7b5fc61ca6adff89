"""A day turned upside down is told in the same order and strength, with the other side's words."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from analysis.report import FlowReport
from templates import write_commentary
from templates.fitting import WEAKEST_FIRST, WEAKEST_OF_A_QUIET_NOTE
from templates.note import Note, compose
from tests.templates import reports as days

ODD = ("_lead", "leveraged_etf", "dealer_gamma", "trend_following", "vol_control", "_attribution")
"""Phrase files whose sentences must all find their opposite; the other drivers are exempt."""

OTHER = {"buying": "selling", "selling": "buying", "flat": "flat"}
WAYS = {"up": "down", "buying": "selling", "fell": "rose", "below": "above", "cover": "press"}
WAYS |= {other: way for way, other in WAYS.items()}
TURNS = {"add": "liquidate", "liquidate": "add"}


def both(report: FlowReport) -> tuple[Note, Note]:
    return compose(write_commentary(report)), compose(write_commentary(days.mirrored(report)))


def droppable(sentence_id: str) -> bool:
    """Whether a note may leave it out for length, which differs with the other side's words."""
    weak = (*WEAKEST_FIRST, *WEAKEST_OF_A_QUIET_NOTE)
    return any(fnmatchcase(sentence_id, pattern) for pattern in weak)


def opposite(sentence_id: str) -> str:
    return ".".join(WAYS.get(part, part) for part in sentence_id.split("."))


DAYS = [days.rally(), days.mixed(), days.quiet(), days.poor()]


@pytest.mark.parametrize("report", DAYS)
def test_the_same_sections_stand_in_the_same_order(report: FlowReport) -> None:
    day, mirror = both(report)

    assert [one.id for one in day.sections] == [one.id for one in mirror.sections]


@pytest.mark.parametrize("report", DAYS)
def test_every_driver_has_the_same_strength_and_the_other_side(report: FlowReport) -> None:
    day = write_commentary(report).by_slug
    mirror = write_commentary(days.mirrored(report)).by_slug

    for slug, point in day.items():
        assert (mirror[slug].strength, mirror[slug].surprise) == (point.strength, point.surprise)
        assert mirror[slug].side == OTHER[point.side]


@pytest.mark.parametrize("report", DAYS)
def test_every_sentence_has_its_opposite(report: FlowReport) -> None:
    day, mirror = both(report)

    told = [s.id for s in day.sentences if s.id.startswith(ODD) and not droppable(s.id)]
    turned = [s.id for s in mirror.sentences if s.id.startswith(ODD) and not droppable(s.id)]
    skip = ("trend_following.heading", "trend_following.who", "vol_control.heading")

    assert [opposite(i) for i in told if not i.startswith(skip)] == [
        i for i in turned if not i.startswith(skip)
    ]


def test_a_rally_and_its_mirror_name_opposite_sides() -> None:
    day, mirror = both(days.rally())
    rise, fall = (" ".join(p.text for p in note.lead) for note in (day, mirror))

    assert "9.5%" in rise
    assert "9.5%" in fall
    assert "forced buying" in rise
    assert "forced selling" in fall
    assert re.search("buying|buyers|had to buy", day.title.text, re.IGNORECASE)
    assert re.search("selling|sellers|had to sell", mirror.title.text, re.IGNORECASE)
