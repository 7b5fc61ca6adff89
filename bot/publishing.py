"""One session's edition for the ledger: every text a channel may want, and the claims."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.edition import Claim, Edition, WritingError
from bot.safety import is_local

if TYPE_CHECKING:
    from analysis.report import FlowReport
    from bot.evening import Evening

TEXTS = {
    "blog.md": "blog",
    "note.txt": "text",
    "note.html": "html",
    "note.json": "json",
    "discord.md": "discord",
}
"""The texts of a note by name, and the edition each is set in."""

REPORT = "report.json"

PICTURE = "drivers.png"
"""The chart of the drivers; its words for those who cannot see it stand beside it."""


@dataclass(frozen=True, slots=True)
class NoteWriter:
    """Reads a session with a desk and sets it for every kind of reader."""

    read: Callable[[str], FlowReport]
    events: Path | None = None
    """The operator's file of news, see `bot.events`."""
    site: str = ""
    """The public address of the notes, for links; empty where only this machine sees them."""
    evening: Callable[[str], Evening] | None = None
    """Reads a session with its past and its chain, for all of the charts; without it a note
    has those that the report alone can give."""

    def write(self, session: date) -> Edition:
        """Return the session's edition from what is known now.

        Raises
        ------
        WritingError
            When the session cannot be read yet, or ever.
        """
        told = self._evening(session)
        report = told.report
        body = json.dumps(report.as_dict(), ensure_ascii=False, allow_nan=False)
        return Edition(
            session=report.session,
            texts={**self._texts(told), **_picture(report), REPORT: body.encode()},
            content_hash=report.content_hash,
            claims=claims_of(report),
        )

    def _texts(self, evening: Evening) -> dict[str, bytes]:
        """Set the note in every edition, its facts at every level, and the site's pieces."""
        from bot.events import events_of
        from templates import LEVELS, render, write_commentary
        from templates.site import frozen_texts

        report = evening.report
        events = events_of(self.events, report.session)
        levels = {level: write_commentary(report, events, level, self.site) for level in LEVELS}
        plain, *others = levels.values()
        texts = {name: render(plain, kind) for name, kind in TEXTS.items()}
        texts |= {f"note.{told.level}.json": render(told, "json") for told in others}
        for told in (plain, *others):
            texts[f"mail.{told.level}.txt"] = render(told, "mail")
            texts[f"mail.{told.level}.html"] = render(told, "mail_html")
        set_texts = {name: text.encode() for name, text in texts.items()}
        return set_texts | frozen_texts(levels, evening.extras)

    def _evening(self, session: date) -> Evening:
        from analysis.sources import SourceError
        from bot.evening import Evening

        try:
            if self.evening is not None:
                return self.evening(session.isoformat())
            return Evening(self.read(session.isoformat()))
        except SourceError as error:
            raise WritingError(session, str(error), permanent=error.permanent) from error
        except ValueError as error:
            raise WritingError(session, str(error)) from error


def public_site(address: str) -> str:
    """Return the address under which readers find the notes, empty if only this machine does.

    >>> public_site("https://notes.example.org"), public_site("http://localhost:8080")
    ('https://notes.example.org', '')
    """
    return "" if is_local(urlsplit(address).hostname or "") else address


def _picture(report: FlowReport) -> dict[str, bytes]:
    """Draw the drivers, where there is anything to draw."""
    from templates.charts import charts_of, render_png

    drawn = next((chart for chart in charts_of(report) if chart.slug == "driver_bars"), None)
    if drawn is None:
        return {}
    return {PICTURE: render_png(drawn.spec), f"{PICTURE}.alt.txt": drawn.alt.encode()}


def claims_of(report: FlowReport) -> tuple[Claim, ...]:
    """Return the claims that count: a simulated market's note grades nothing."""
    if report.demo:
        return ()
    return tuple(
        Claim(
            key=claim.key,
            words=claim.claim,
            probability=claim.probability,
            base_rate=claim.base_rate,
            interval=claim.interval,
            n=claim.n,
            horizon_sessions=claim.horizon_sessions,
            resolves_on=claim.resolves_on,
        )
        for claim in report.odds
    )
