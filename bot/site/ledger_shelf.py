"""The notes that the ledger holds: what readers got, and how its claims were marked."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from bot.edition import AGAIN, NOTE, REASON_TEXT, RETRACTION, REVISION
from bot.ledger import Ledger
from bot.ledger.database import Transaction
from bot.ledger.editions import UNFINISHED, EditionRow, edition_texts_of, list_editions
from bot.ledger.record import ClaimRow, Grade, graded_claims, ungraded_claims
from bot.ledger.story import Story, story_of
from bot.ledger.tables import edition_texts, editions, grades
from bot.site.entries import Entry, Facts, Marked, Revision, Withdrawal, day_path, facts_of
from bot.site.older import older_facts, older_words
from bot.site.shelf import NO_RECORD, Json

SHOWN = frozenset({NOTE, REVISION, RETRACTION, AGAIN})
"""What a reader of the site is told of: the note and what became of it."""

PAGE, OLDER = "page.json", "note.json"
PLAIN, OLDER_PLAIN = "page.plain.html", "note.html"
AT_ONCE = 500
"""Editions whose heads are read in one question to the ledger."""


@dataclass(frozen=True, slots=True)
class LedgerShelf:
    """Frozen notes of a ledger; ``drafts`` too where somebody wants to see them first."""

    ledger: Ledger
    drafts: bool = False

    async def state(self) -> str:
        """Return a mark that changes whenever a note or a grade is added."""
        last = func.coalesce(func.max(editions.c.frozen_at), func.max(editions.c.created_at))
        async with self.ledger.read() as tx:
            notes = (await tx.execute(select(func.count(), last))).one()
            marks = (await tx.execute(select(func.count()).select_from(grades))).scalar_one()
        return f"{notes[0]} {notes[1]} {marks}"

    async def entries(self) -> tuple[Entry, ...]:
        """Return every note that may be shown, oldest first; those without any page are left."""
        async with self.ledger.read() as tx:
            rows = [row for row in await list_editions(tx) if self._shown(row)]
            heads = await _heads(tx, [row.id for row in rows])
            reasons = await _reasons(tx, [row.id for row in rows if row.kind == RETRACTION])
        claims: dict[date, list[Marked]] = {}
        for one in await self._claims():
            claims.setdefault(one.session, []).append(one)
        told: dict[date, list[EditionRow]] = {}
        for row in rows:
            told.setdefault(row.session, []).append(row)
        stories = {day: story_of(words) for day, words in told.items()}
        return tuple(
            _entry(row, heads, stories[row.session], reasons, claims.get(row.session, []))
            for row in rows
            if row.edition == NOTE and row.id in heads
        )

    async def texts(
        self, edition_ids: Collection[int], names: Collection[str]
    ) -> dict[int, dict[str, bytes]]:
        """Return, by edition, those of the named pieces that it has; old ones from its web page."""
        found: dict[int, dict[str, bytes]] = {one: {} for one in edition_ids}
        query = select(edition_texts.c.edition_id, edition_texts.c.name, edition_texts.c.body)
        async with self.ledger.read() as tx:
            rows = await tx.execute(
                query.where(edition_texts.c.edition_id.in_(found), edition_texts.c.name.in_(names))
            )
            for row in rows:
                found[row.edition_id][row.name] = row.body
            for edition_id, texts in found.items():
                if PLAIN in names and PLAIN not in texts:
                    older = await edition_texts_of(tx, edition_id, [OLDER_PLAIN])
                    texts[PLAIN] = older_words(older.get(OLDER_PLAIN, b""))
        return found

    async def record(self) -> Json:
        """Return the live record: graded claims, and those still open."""
        from bot.grading import live_claims

        claims = await live_claims(self.ledger)
        if claims.empty:
            return NO_RECORD
        from bot.site.recorded import record_of_claims

        return await asyncio.to_thread(record_of_claims, claims)

    async def marked(self) -> tuple[Marked, ...]:
        """Return the claims that were marked, oldest first."""
        return tuple(one for one in await self._claims() if one.came_true is not None)

    def _shown(self, row: EditionRow) -> bool:
        return row.kind in SHOWN and (self.drafts or row.state not in UNFINISHED)

    async def _claims(self) -> list[Marked]:
        async with self.ledger.read() as tx:
            graded = await graded_claims(tx)
            open_ones = await ungraded_claims(tx, date.max)
        return [_marked(row, grade) for row, grade in graded] + [
            _marked(row, None) for row in open_ones
        ]


async def _heads(tx: Transaction, ids: list[int]) -> dict[int, Facts]:
    """Read the heads of editions: the site's own, else the machine edition's."""
    heads: dict[int, Facts] = {}
    for name, read in ((PAGE, facts_of), (OLDER, older_facts)):
        wanted = [one for one in ids if one not in heads]
        for at in range(0, len(wanted), AT_ONCE):
            query = select(edition_texts.c.edition_id, edition_texts.c.body).where(
                edition_texts.c.name == name,
                edition_texts.c.edition_id.in_(wanted[at : at + AT_ONCE]),
            )
            heads |= {row.edition_id: read(row.body) for row in await tx.execute(query)}
    return heads


async def _reasons(tx: Transaction, ids: list[int]) -> dict[int, str]:
    """Read why notes were withdrawn."""
    query = select(edition_texts.c.edition_id, edition_texts.c.body).where(
        edition_texts.c.name == REASON_TEXT, edition_texts.c.edition_id.in_(ids)
    )
    return {row.edition_id: row.body.decode() for row in await tx.execute(query)}


def _entry(
    row: EditionRow,
    heads: dict[int, Facts],
    story: Story,
    reasons: dict[int, str],
    claims: list[Marked],
) -> Entry:
    end, again = story.withdrawn, story.again
    shown = story.original if story.original and story.original.id in heads else row
    return Entry(
        edition_id=shown.id,
        session=row.session,
        key=" ".join(map(_key, (row, *(one for one in (end, again) if one)))),
        facts=heads[shown.id],
        published_at=_out_at(row),
        draft=not row.is_frozen,
        revision=_revision(story.correction, heads),
        again_at=_out_at(again) if again else None,
        mended=shown is not row,
        withdrawn=Withdrawal(at=_out_at(end), reason=reasons.get(end.id, "")) if end else None,
        claims=tuple(claims),
    )


def _revision(later: EditionRow | None, heads: dict[int, Facts]) -> Revision | None:
    """Return what corrects a note, if it has pages to show."""
    if later is None or later.id not in heads:
        return None
    return Revision(
        edition_id=later.id,
        key=_key(later),
        revised_at=_out_at(later),
        reason=later.reason,
        facts=heads[later.id],
        path=day_path(later.session) + "revision/",
    )


def _out_at(row: EditionRow) -> datetime:
    return row.frozen_at or row.created_at


def _key(row: EditionRow) -> str:
    return f"{row.id} {row.state.value} {row.content_hash} {row.frozen_at or row.created_at}"


def _marked(row: ClaimRow, grade: Grade | None) -> Marked:
    return Marked(
        session=row.session,
        words=row.claim.words,
        probability=row.claim.probability,
        came_true=None if grade is None else grade.came_true,
        evidence="" if grade is None else grade.evidence,
    )
