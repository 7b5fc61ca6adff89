"""Write the site into a folder: only what changed, each file whole, nothing left over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from bot.errors import DeskError
from bot.site.frame import Site
from bot.site.making import made
from bot.site.plan import contents_of, planned_files
from bot.site.planned import Planned
from bot.site.shelf import Shelf

Tick = Callable[[int, int], None]

MANIFEST = ".undertow-site.json"
"""Which key every file was made with; without it all is made anew."""


NOTES_AT_ONCE = 40
"""Notes whose pieces are held in memory together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build did."""

    sessions: int
    files: int
    made: int
    removed: int


async def build(site: Site, shelf: Shelf, out: Path, tick: Tick) -> Built:
    """Bring a folder up to date with a shelf.

    A reader of the folder sees each file as it was or as it is, never half of it. Files of
    an earlier build that no longer belong to the site are removed; others are not touched.

    Raises
    ------
    DeskError
        When the folder cannot be written, or holds something else already.
    """
    contents = await contents_of(shelf)
    plan = list(planned_files(site, contents))
    try:
        before = _manifest(out)
        stale = [one for one in plan if _is_stale(out, one, before)]
        made = await _make(shelf, stale, out, tick)
        removed = _remove(out, set(before) - {one.path for one in plan})
        _place(out / MANIFEST, orjson.dumps({one.path: one.key for one in plan}))
    except OSError as error:
        raise DeskError(f"cannot write {out}: {error.strerror}; choose another --out") from error
    return Built(sessions=len(contents.entries), files=len(plan), made=made, removed=removed)


def _manifest(out: Path) -> dict[str, str]:
    path = out / MANIFEST
    if path.exists():
        try:
            found: dict[str, str] = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError:
            return {}
        return found
    if out.exists() and any(out.iterdir()):
        raise DeskError(f"{out} holds something that is no built site; choose an empty --out")
    return {}


def _is_stale(out: Path, planned: Planned, before: dict[str, str]) -> bool:
    return before.get(planned.path) != planned.key or not (out / planned.path).exists()


async def _make(shelf: Shelf, stale: Sequence[Planned], out: Path, tick: Tick) -> int:
    """Make files, those of some notes together so that their pieces are fetched at once."""
    of_notes = [one for one in stale if one.edition_id is not None]
    done = 0
    for files in _batches(of_notes):
        needed = {one.edition_id: None for one in files if one.edition_id is not None}
        names = {name for one in files for name in one.needs}
        texts = await shelf.texts(list(needed), names)
        for one in files:
            if one.edition_id is not None:
                _place(out / one.path, one.make(texts[one.edition_id]))
        done += len(files)
        tick(done, len(stale))
    for one in stale:
        if one.edition_id is None:
            _place(out / one.path, await made(shelf, one))
            done += 1
    tick(done, len(stale))
    return done


def _batches(files: Sequence[Planned]) -> Iterator[list[Planned]]:
    """Give the files of so many notes at once; a note's come one after the other."""
    batch: list[Planned] = []
    notes: set[int | None] = set()
    for one in files:
        if one.edition_id not in notes and len(notes) == NOTES_AT_ONCE:
            yield batch
            batch, notes = [], set()
        batch.append(one)
        notes.add(one.edition_id)
    if batch:
        yield batch


def _place(path: Path, body: bytes) -> None:
    """Write a file whole, in a folder that may be new."""
    try:
        _write(path, body)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, body)


def _write(path: Path, body: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(body)
    draft.replace(path)


def _remove(out: Path, paths: set[str]) -> int:
    """Remove files of an earlier build, and folders that are empty then."""
    for path in paths:
        (out / path).unlink(missing_ok=True)
        folder = (out / path).parent
        while folder != out and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
    return len(paths)
