"""One session's edition for the ledger: every text a channel may want, and the claims."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.edition import Claim, Edition, WritingError

if TYPE_CHECKING:
    from analysis.report import FlowReport

TEXTS = {
    "blog.md": "markdown",
    "note.txt": "text",
    "note.html": "html",
    "note.json": "json",
    "discord.md": "discord",
}
"""The texts of a note by name, and the edition each is set in."""

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class NoteWriter:
    """Reads a session with a desk and sets it for every kind of reader."""

    read: Callable[[str], FlowReport]

    def write(self, session: date) -> Edition:
        """Return the session's edition from what is known now.

        Raises
        ------
        WritingError
            When the session cannot be read yet, or ever.
        """
        from templates import render, write_commentary

        report = self._report(session)
        commentary = write_commentary(report)
        texts = {name: render(commentary, kind).encode() for name, kind in TEXTS.items()}
        body = json.dumps(report.as_dict(), ensure_ascii=False, allow_nan=False)
        return Edition(
            session=report.session,
            texts={**texts, REPORT: body.encode()},
            content_hash=report.content_hash,
            claims=claims_of(report),
        )

    def _report(self, session: date) -> FlowReport:
        from analysis.sources import SourceError

        try:
            return self.read(session.isoformat())
        except SourceError as error:
            raise WritingError(session, str(error), permanent=error.permanent) from error
        except ValueError as error:
            raise WritingError(session, str(error)) from error


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
