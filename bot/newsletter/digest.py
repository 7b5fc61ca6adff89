"""Write the week's digest from the notes that were published, as they were published."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.edition import NOTE, WEEKLY, Edition, WritingError
from bot.ledger.database import open_ledger
from bot.ledger.editions import edition_text, list_editions

if TYPE_CHECKING:
    from templates.digest import Day

MACHINE_TEXT = "note.json"


@dataclass(frozen=True, slots=True)
class DigestWriter:
    """Reads a week's notes from the ledger and sets them as a digest.

    ``ledger_address`` is opened anew for each digest: it is written in a thread of its own.
    """

    ledger_address: str
    site: str

    def write(self, session: date) -> Edition:
        """Return the digest of the week that ``session`` ends.

        Raises
        ------
        WritingError
            If no note of that week was published.
        """
        from templates.digest import day_of, digest_texts

        bodies = asyncio.run(notes_of_the_week(self.ledger_address, session))
        if not bodies:
            raise WritingError(session, "no note of the week was published; there is no digest")
        days = [day_of(json.loads(body)) for body in bodies]
        texts = digest_texts(days, self.site)
        texts[MACHINE_TEXT] = json.dumps(machine_body(days), ensure_ascii=False, indent=2) + "\n"
        whole = "\0".join(f"{name}\0{text}" for name, text in sorted(texts.items()))
        digest = hashlib.sha256(whole.encode()).hexdigest()
        return Edition(
            session, {name: text.encode() for name, text in texts.items()}, f"sha256:{digest}"
        )


def machine_body(days: list[Day]) -> dict[str, object]:
    """Return the digest for programs."""
    return {
        "kind": WEEKLY,
        "notes": [
            {
                "session": one.session.isoformat(),
                "title": one.title,
                "day_return": one.day_return,
                "close": one.close,
                "path": one.path,
                "demo": one.demo,
            }
            for one in days
        ],
    }


async def notes_of_the_week(ledger_address: str, session: date) -> list[bytes]:
    """Return the machine editions of the notes from Monday to ``session``, in order."""
    monday = session - timedelta(days=session.weekday())
    ledger = open_ledger(ledger_address)
    try:
        async with ledger.read() as tx:
            week = [
                row
                for row in await list_editions(tx, NOTE)
                if row.is_frozen and monday <= row.session <= session
            ]
            bodies = [await edition_text(tx, row.id, MACHINE_TEXT) for row in week]
    finally:
        await ledger.close()
    return [body for body in bodies if body is not None]
