"""Write the site into a folder: only what changed, each file whole, nothing left over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import orjson

from bot.errors import DeskError
from bot.site.frame import Site
from bot.site.making import texts_of
from bot.site.plan import contents_of, planned_files
from bot.site.planned import Planned
from bot.site.shelf import Shelf

Tick = Callable[[int, int], None]

MANIFEST = ".undertow-site.json"
"""Which key every file was made with; without it all is made anew."""


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
        _write(out / MANIFEST, orjson.dumps({one.path: one.key for one in plan}))
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
    """Make files, a note's together so that its pieces are fetched once."""
    done = 0
    folders: set[Path] = set()
    for files in _by_note(stale):
        texts = await texts_of(shelf, _together(files))
        for one in files:
            path = out / one.path
            if path.parent not in folders:
                path.parent.mkdir(parents=True, exist_ok=True)
                folders.add(path.parent)
            _write(path, one.make(texts))
        done += len(files)
        tick(done, len(stale))
    return done


def _by_note(stale: Sequence[Planned]) -> Iterator[list[Planned]]:
    for edition_id, files in groupby(stale, key=lambda one: one.edition_id):
        if edition_id is None:
            yield from ([one] for one in files)
        else:
            yield list(files)


def _together(files: Sequence[Planned]) -> Planned:
    """Return one file that needs what all of these need."""
    needs = tuple(dict.fromkeys(name for one in files for name in one.needs))
    first = files[0]
    return Planned(
        path=first.path,
        key=first.key,
        make=first.make,
        edition_id=first.edition_id,
        needs=needs,
        quotes=first.quotes,
    )


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
