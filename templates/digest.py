"""The week's notes in short: each day's move, its claim, how its lead begins, where it stands.

Nothing is judged anew. Every sentence is one that a note of the week has said already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from templates.compiled import compiled_templates
from templates.figures import FILTERS, day, spelled
from templates.mailing import check_mjml, cut_at_word, html_of_mjml
from templates.render import markdown

TELLING = ("_lead.forced", "_lead.turn")
"""Sentences of a lead that say who traded; a quiet day's note has none of them."""

PREHEADER_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Day:
    """A note of the week, as far as the digest repeats it."""

    session: date
    title: str
    lead: str
    day_return: float
    close: float
    demo: bool

    @property
    def path(self) -> str:
        """Where the note stands on the site."""
        return f"/{self.session:%Y/%m/%d}/"


@dataclass(frozen=True, slots=True)
class Digest:
    """A week: its notes in order, and where readers find them."""

    days: tuple[Day, ...]
    site: str

    @property
    def week_return(self) -> float:
        """The index's change from before the first note's session to the last [fraction].

        From two closes, so a session without a note leaves no hole in it.
        """
        first, last = self.days[0], self.days[-1]
        return last.close / (first.close / (1.0 + first.day_return)) - 1.0

    @property
    def title(self) -> str:
        """What the digest is called."""
        count = len(self.days)
        notes = "one note" if count == 1 else f"{spelled(count)} notes"
        words = f"The week to {day(self.days[-1].session)} in {notes}"
        return f"Simulated: {words}" if self.demo else words

    @property
    def demo(self) -> bool:
        """Whether the market is simulated."""
        return any(one.demo for one in self.days)

    @property
    def preheader(self) -> str:
        """What a mail program shows behind the subject."""
        return cut_at_word("; ".join(one.title for one in self.days), PREHEADER_LIMIT)


def day_of(body: Mapping[str, Any]) -> Day:
    """Return what the digest repeats of a note's machine edition.

    Raises
    ------
    KeyError
        If it is no such edition.
    """
    report, note = body["report"], body["note"]
    lead = {
        sentence["id"]: sentence["text"]
        for sentence in note["sentences"]
        if sentence["id"].startswith("_lead.") and not sentence["id"].startswith("_lead.title")
    }
    tape, *others = [*lead.values(), ""]
    telling = (text for id_, text in lead.items() if id_.startswith(TELLING) and text != tape)
    return Day(
        date.fromisoformat(report["session"]),
        note["title"],
        f"{tape} {next(telling, others[0] if others else '')}".strip(),
        report["index"]["day_return"],
        report["index"]["close"],
        bool(report["demo"]),
    )


def digest_texts(days: Sequence[Day], site: str) -> dict[str, str]:
    """Return the digest's texts by name, as a note's are named."""
    week = Digest(tuple(sorted(days, key=lambda one: one.session)), site.rstrip("/"))
    mjml = _filled("mail/digest.mjml.j2", week)
    check_mjml(mjml)
    return {
        "blog.md": _filled("mail/digest.md.j2", week),
        "note.txt": _filled("mail/digest.txt.j2", week).partition("\n\n")[2],
        "mail.plain.txt": _filled("mail/digest.txt.j2", week),
        "mail.plain.html": html_of_mjml(mjml),
    }


def _filled(name: str, week: Digest) -> str:
    return _environment().get_template(name).render(week=week).strip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("templates", ""),
        bytecode_cache=compiled_templates(),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["mjml.j2"]),
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS | {"markdown": markdown}
    return environment
