"""Make one planned file: fetch the pieces it needs, and no others."""

from __future__ import annotations

import asyncio

from bot.site.planned import QUOTED, Planned, Texts
from bot.site.shelf import Shelf


async def made(shelf: Shelf, planned: Planned) -> bytes:
    """Return a file's bytes."""
    texts = await texts_of(shelf, planned)
    # A picture takes a second to draw, and others are asking for pages meanwhile.
    return await asyncio.to_thread(planned.make, texts)


async def texts_of(shelf: Shelf, planned: Planned) -> Texts:
    """Return the pieces a file is made from."""
    if planned.edition_id is not None:
        found = await shelf.texts((planned.edition_id,), planned.needs)
        return found[planned.edition_id]
    quoted = await shelf.texts(planned.quotes, (QUOTED,)) if planned.quotes else {}
    return {f"{one}/{QUOTED}": texts.get(QUOTED, b"") for one, texts in quoted.items()}
