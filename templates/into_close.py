"""The estimate into the close, put into a few sentences for somebody who asks before the bell.

Its words stand in ``phrases/_into_close.md.j2``; the text editions are set like a note's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from analysis.into_close import IntoClose
from templates import words
from templates.facts import Figures, Trace, Traced, named_figures, range_values
from templates.figures import day as said_day
from templates.gather import with_parts
from templates.note import Note
from templates.phrasing import write
from templates.render import markdown, set_note

NEW_YORK = ZoneInfo("America/New_York")

LITTLE_USD = 5e8
"""A trade under half a billion dollars is little in this market, either way."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CloseCommentary:
    """Everything that may be said of an estimate; the editions ask it what they ask of a note."""

    report: IntoClose

    @property
    def session(self) -> date:
        """The session that runs."""
        return self.report.session

    @property
    def demo(self) -> bool:
        """Whether the market is simulated."""
        return self.report.demo

    @property
    def dateline(self) -> str:
        """The line under the title."""
        return (
            f"An estimate before the close of {self.session:%A}, "
            f"{said_day(self.session)} {self.session.year}"
        )

    @property
    def at(self) -> str:
        """When the prices were made, New York time: a minute, or from one to another."""
        first, last = (_clock(moment) for moment in self.report.made_between)
        return last if first == last else f"{first} to {last}"

    @property
    def direction(self) -> str:
        """Which way the index has gone so far: ``up``, ``down`` or ``flat``."""
        return words.direction(self.report.here.day_return)

    @property
    def buying(self) -> bool:
        """Whether the funds must buy if nothing moves any more."""
        return self.report.here.flow_usd.mid > 0.0

    @property
    def little(self) -> bool:
        """Whether there is little for them to trade."""
        return abs(self.report.here.flow_usd.mid) < LITTLE_USD

    @property
    def by_fund(self) -> bool:
        """Whether it was added up fund by fund, and is no published total."""
        return bool(self.report.buckets_usd)

    @cached_property
    def note(self) -> Note:
        """The estimate in sentences."""
        trace = Trace()
        figures, parts = with_parts(_figures(self.report))
        context = {"c": self, "sums": Traced("close", figures, trace), "parts": parts}
        title, *lead = write("_into_close", context, self.session.toordinal(), trace)
        return Note(title.sentences[0], tuple(lead), ())


def render_into_close(estimate: IntoClose, edition: str) -> str:
    """Return an estimate as ``text``, as ``discord`` for an answer there, or as ``json``."""
    told = CloseCommentary(report=estimate)
    own = {"json": _machine_edition, "discord": _answer}.get(edition)
    return set_note(told, told.note, edition) if own is None else own(told)


def _answer(told: CloseCommentary) -> str:
    """Set the estimate to stand above yesterday's note: its title, then running text."""
    title, paragraphs = told.note.title.text, [one.text for one in told.note.lead]
    return f"{markdown(title)}. {markdown(' '.join(paragraphs))}\n"


def _machine_edition(told: CloseCommentary) -> str:
    note = told.note
    body = {
        "estimate": told.report.as_dict(),
        "note": {
            "level": "plain",
            "title": note.title.text,
            "paragraphs": [paragraph.text for paragraph in note.lead],
            "sentences": [
                {
                    "id": one.id,
                    "text": one.text,
                    "rule": one.rule,
                    "facts": {key: float(value) for key, value in one.facts},
                }
                for one in note.sentences
            ],
        },
    }
    return json.dumps(body, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _figures(estimate: IntoClose) -> Figures:
    values = {
        "index_return": (estimate.here.day_return, "fraction"),
        "identity_usd": (estimate.identity_usd, "USD"),
        "share_of_adv": (estimate.share_of_adv, "fraction"),
        "covered_fraction": (estimate.covered_fraction, "fraction"),
        "backcast_fraction": (estimate.backcast_fraction, "fraction"),
        **{f"bucket_{name}_usd": (usd, "USD") for name, usd in estimate.buckets_usd.items()},
    }
    for one in estimate.scenarios:
        values |= range_values(one.key, one.flow_usd)
        values[f"{one.key}_move"] = (one.move_from_here, "fraction")
    return named_figures(values)


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(NEW_YORK):%H:%M}"
