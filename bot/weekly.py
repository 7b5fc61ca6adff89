"""The week's digest for the ledger: made of the notes that were published, and of nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bot.edition import Edition, WritingError
from bot.ledger import Ledger
from bot.ledger.editions import edition_text
from bot.ledger.record import claims_settled_between
from bot.ledger.story import read_story
from bot.publishing import REPORT, TEXTS
from bot.schedule.calendar import SessionCalendar

if TYPE_CHECKING:
    from analysis.week import Settled, Week

WEEK = "week.json"

MAIL = {"mail.plain.txt": "mail", "mail.plain.html": "mail_html"}
"""A digest is written at one level, so a mail of it is too."""


@dataclass(frozen=True, slots=True)
class DigestWriter:
    """Reads a week of notes back from the ledger and sets its digest.

    ``open_ledger`` gives a ledger of the writer's own: it works in a thread, with a loop of
    its own, and a ledger belongs to one loop.
    """

    open_ledger: Callable[[], Ledger]
    calendar: Callable[[Ledger], SessionCalendar]

    def write(self, session: date) -> Edition:
        """Return the digest of the week that ends with a session.

        Raises
        ------
        WritingError
            When no note of the week was published; there will be none later either.
        """
        from analysis.week import NoNotesError

        try:
            week = asyncio.run(self._week(session))
        except NoNotesError as error:
            raise WritingError(session, str(error), permanent=True) from error
        return digest_of(week)

    async def _week(self, session: date) -> Week:
        from analysis.week import week_of

        ledger = self.open_ledger()
        try:
            sessions = week_sessions(self.calendar(ledger), session)
            reports = [await _published(ledger, day) for day in sessions]
            settled = await _settled(ledger, session)
        finally:
            await ledger.close()
        known = [report for report in reports if report is not None]
        live = not any(report["demo"] for report in known)
        return week_of(known, sessions, settled if live else None)


def digest_of(week: Week) -> Edition:
    """Set a week in every edition a channel may want."""
    from templates.weekly_editions import render_week

    texts = {name: render_week(week, kind) for name, kind in (TEXTS | MAIL).items()}
    texts[WEEK] = json.dumps(week.as_dict(), ensure_ascii=False, allow_nan=False)
    return Edition(
        session=week.session,
        texts={name: text.encode() for name, text in texts.items()},
        content_hash=week.content_hash,
    )


def week_sessions(calendar: SessionCalendar, session: date) -> list[date]:
    """Return the sessions of a session's week, up to it."""
    monday = session - timedelta(session.weekday())
    return [one.day for one in calendar.sessions(monday, session)]


async def _published(ledger: Ledger, session: date) -> Mapping[str, Any] | None:
    """Return a session's report as it stands: its revision, or nothing where it was withdrawn."""
    async with ledger.read() as tx:
        story = await read_story(tx, session)
        if story.withdrawn is not None:
            return None
        for row in sorted(story.rows, key=story.rank, reverse=True):
            body = await edition_text(tx, row.id, REPORT)
            if body is not None:
                report: Mapping[str, Any] = json.loads(body)
                return report
    return None


async def _settled(ledger: Ledger, session: date) -> Sequence[Settled]:
    from analysis.week import Settled

    monday = session - timedelta(session.weekday())
    async with ledger.read() as tx:
        rows = await claims_settled_between(tx, monday, session)
    return [
        Settled(
            session=row.session,
            key=row.claim.key,
            probability=row.claim.probability,
            base_rate=row.claim.base_rate,
            came_true=grade.came_true,
        )
        for row, grade in rows
    ]
