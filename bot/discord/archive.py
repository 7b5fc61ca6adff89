"""Published notes, read from the ledger and kept at hand."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date

from bot.discord.editions import REASON_TEXT, RETRACTION
from bot.discord.posts import PICTURE_TEXTS, Attachment, attachments_of
from bot.discord.published import PLAIN, PublishedNote, read_note, text_name
from bot.edition import INTO_CLOSE, NOTE, REVISION
from bot.ledger import Ledger
from bot.ledger.editions import (
    EditionRow,
    edition_texts_of,
    find_edition,
    list_editions,
)

NOTES_KEPT = 60
"""Parsed notes kept in memory, of some 60 KB each."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for a session now: the note, its pictures, or that it was withdrawn."""

    note: PublishedNote
    pictures: tuple[Attachment, ...] = ()
    withdrawn: str | None = None


@dataclass
class Archive:
    """Reads what was frozen. Parsed notes are kept, for a frozen text never changes."""

    ledger: Ledger
    _kept: OrderedDict[tuple[int, str], Standing] = field(default_factory=OrderedDict)

    async def sessions(self) -> list[date]:
        """Return the sessions that have a note, newest first."""
        async with self.ledger.read() as tx:
            rows = await list_editions(tx, NOTE)
        return [row.session for row in reversed(rows) if row.is_frozen]

    async def latest(self, level: str = PLAIN) -> Standing | None:
        """Return the newest note, or nothing before the first."""
        sessions = await self.sessions()
        return await self.of(sessions[0], level) if sessions else None

    async def of(self, session: date, level: str = PLAIN) -> Standing | None:
        """Return what stands for a session: its revision where there is one."""
        async with self.ledger.read() as tx:
            rows = [await find_edition(tx, session, kind) for kind in (RETRACTION, REVISION, NOTE)]
        retraction, *notes = [row if row is not None and row.is_frozen else None for row in rows]
        row = next((one for one in notes if one is not None), None)
        if row is None:
            return None
        standing = await self._read(row, level)
        if retraction is None:
            return standing
        return Standing(standing.note, withdrawn=await self._reason(retraction))

    async def estimate(self, session: date) -> Standing | None:
        """Return the into-the-close estimate of a session, if one was published."""
        async with self.ledger.read() as tx:
            row = await find_edition(tx, session, INTO_CLOSE)
        return await self._read(row, PLAIN) if row is not None and row.is_frozen else None

    async def _read(self, row: EditionRow, level: str) -> Standing:
        key = (row.id, level)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        names = {text_name(level), text_name(PLAIN), *PICTURE_TEXTS}
        async with self.ledger.read() as tx:
            texts = await edition_texts_of(tx, row.id, names)
        has_level = text_name(level) in texts
        body = texts[text_name(level)] if has_level else texts.get(text_name(PLAIN), b"{}")
        note = read_note(
            body, level=level if has_level else PLAIN, edition=row.edition, late=row.late
        )
        self._kept[key] = Standing(note, attachments_of(note, texts))
        while len(self._kept) > NOTES_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    async def _reason(self, row: EditionRow) -> str:
        async with self.ledger.read() as tx:
            texts = await edition_texts_of(tx, row.id, (REASON_TEXT,))
        return texts.get(REASON_TEXT, b"").decode("utf-8")
