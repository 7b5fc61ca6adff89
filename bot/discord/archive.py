"""Published notes, read from the ledger and kept at hand."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.discord.posts import PICTURE_TEXTS, Attachment, attachments_of
from bot.discord.published import PLAIN, PublishedNote, read_note, text_name
from bot.edition import ESTIMATE_TEXT, INTO_CLOSE, NOTE, REASON_TEXT, REVISION
from bot.ledger import Ledger
from bot.ledger.editions import EditionRow, count_frozen, edition_texts_of, list_editions
from bot.ledger.story import Story, story_of

NOTES_KEPT = 80
"""Parsed notes kept in memory, of some 60 KB each."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What stands for a session now: the note, its pictures, or that it was withdrawn.

    Two of them are the same only if they are one object, so answers may be kept by it.
    """

    note: PublishedNote
    pictures: tuple[Attachment, ...] = ()
    withdrawn: str | None = None


FRESH_SECONDS = 1.0
"""How long the list of what is published may be old: a thousand readers are one question."""


@dataclass
class Archive:
    """Reads what was frozen. Parsed notes are kept, for a frozen text never changes."""

    ledger: Ledger
    _kept: OrderedDict[tuple[int, str], Standing] = field(default_factory=OrderedDict)
    _rows: dict[date, dict[str, EditionRow]] = field(default_factory=dict)
    _noted: Sequence[date] = ()
    """The sessions that have a note, newest first."""
    _stories: dict[date, Story] = field(default_factory=dict)
    """What became of the sessions asked for since the list was read."""
    _estimates: dict[int, str] = field(default_factory=dict)
    """The day's estimate, by its edition."""
    _count: int = -1
    """How many frozen editions there were when the list was read."""
    _asked_at: float = float("-inf")
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sessions(self) -> Sequence[date]:
        """Return the sessions that have a note, newest first."""
        await self._published()
        return self._noted

    async def withdrawn(self) -> Sequence[date]:
        """Return the sessions whose note is withdrawn now, newest first."""
        noted = await self.sessions()
        return [day for day in noted if (await self._story(day)).withdrawn is not None]

    async def _published(self) -> dict[date, dict[str, EditionRow]]:
        if self._is_fresh():
            return self._rows
        async with self._line:
            if not self._is_fresh():
                async with self.ledger.read() as tx:
                    count = await count_frozen(tx)
                    # The list of three years takes the loop a tenth of a second to read.
                    if count != self._count:
                        self._take(await list_editions(tx))
                        self._count = count
                self._asked_at = time.monotonic()
        return self._rows

    def _take(self, rows: Sequence[EditionRow]) -> None:
        found: dict[date, dict[str, EditionRow]] = {}
        for row in reversed(rows):
            if row.is_frozen:
                found.setdefault(row.session, {})[row.edition] = row
        self._rows, self._stories = found, {}
        self._noted = [day for day, kinds in found.items() if NOTE in kinds or REVISION in kinds]

    def look_anew(self) -> None:
        """Ask the ledger at the next question, for something was just published or withdrawn."""
        self._asked_at = float("-inf")

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._asked_at <= FRESH_SECONDS

    async def latest(self, level: str = PLAIN) -> Standing | None:
        """Return the newest note, or nothing before the first."""
        sessions = await self.sessions()
        return await self.of(sessions[0], level) if sessions else None

    async def of(self, session: date, level: str = PLAIN) -> Standing | None:
        """Return what stands for a session: its revision where there is one."""
        story = await self._story(session)
        row = story.standing
        if row is None:
            return None
        standing = await self._read(row, level)
        if story.withdrawn is None:
            return standing
        return Standing(standing.note, withdrawn=await self._reason(story.withdrawn))

    async def _story(self, session: date) -> Story:
        rows = await self._published()
        if session not in self._stories:
            self._stories[session] = story_of(rows.get(session, {}).values())
        return self._stories[session]

    async def estimate(self, session: date) -> str | None:
        """Return the into-the-close estimate of a session in Markdown, if one was made."""
        row = (await self._published()).get(session, {}).get(INTO_CLOSE)
        if row is None:
            return None
        if row.id not in self._estimates:
            async with self.ledger.read() as tx:
                texts = await edition_texts_of(tx, row.id, (ESTIMATE_TEXT,))
            self._estimates = {row.id: texts[ESTIMATE_TEXT].decode("utf-8").strip()}
        return self._estimates[row.id]

    async def _read(self, row: EditionRow, level: str) -> Standing:
        key = (row.id, level)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        names = {text_name(level), text_name(PLAIN), *PICTURE_TEXTS}
        async with self.ledger.read() as tx:
            texts = await edition_texts_of(tx, row.id, names)
        # A note takes a millisecond to parse, and a history takes sixty of them.
        self._kept[key] = await asyncio.to_thread(_parsed, row, level, texts)
        while len(self._kept) > NOTES_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    async def _reason(self, row: EditionRow) -> str:
        async with self.ledger.read() as tx:
            texts = await edition_texts_of(tx, row.id, (REASON_TEXT,))
        return texts.get(REASON_TEXT, b"").decode("utf-8")


def _parsed(row: EditionRow, level: str, texts: dict[str, bytes]) -> Standing:
    has_level = text_name(level) in texts
    body = texts[text_name(level)] if has_level else texts.get(text_name(PLAIN), b"{}")
    note = read_note(body, level=level if has_level else PLAIN, edition=row.edition, late=row.late)
    return Standing(note, attachments_of(note, texts))
