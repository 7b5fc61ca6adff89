"""Make one planned file: fetch the pieces it needs, and no others."""

from __future__ import annotations

from bot.site.planned import QUOTED, Planned, Texts
from bot.site.shelf import Shelf


async def made(shelf: Shelf, planned: Planned) -> bytes:
    """Return a file's bytes."""
    return planned.make(await texts_of(shelf, planned))


async def texts_of(shelf: Shelf, planned: Planned) -> Texts:
    """Return the pieces a file is made from."""
    if planned.edition_id is not None:
        return await shelf.texts(planned.edition_id, planned.needs)
    quoted = {}
    for edition_id in planned.quotes:
        found = await shelf.texts(edition_id, (QUOTED,))
        quoted[f"{edition_id}/{QUOTED}"] = found.get(QUOTED, b"")
    return quoted
