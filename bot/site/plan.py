"""All files of a site, planned from what its shelf holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.site.calendars import archive_files
from bot.site.driver_pages import driver_files
from bot.site.entries import Entry, Marked
from bot.site.feeds import feed_files
from bot.site.frame import Head, Site, asset_names, assets
from bot.site.planned import Maker, Planned, Texts, key_of
from bot.site.record_page import record_files
from bot.site.sessions import Place, note_page, session_files, withdrawn_page
from bot.site.shelf import Json, Shelf
from bot.site.text_pages import text_files
from templates.site import page


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a shelf held at one moment; withdrawn notes apart from those that stand."""

    entries: tuple[Entry, ...]
    withdrawn: tuple[Entry, ...]
    record: Json
    marked: tuple[Marked, ...]

    @property
    def demo(self) -> bool:
        """Whether any note is of a simulated market."""
        return any(entry.facts.demo for entry in self.entries)


async def contents_of(shelf: Shelf) -> Contents:
    """Read what a shelf holds now."""
    entries = await shelf.entries()
    return Contents(
        entries=tuple(one for one in entries if one.withdrawn is None),
        withdrawn=tuple(one for one in entries if one.withdrawn is not None),
        record=await shelf.record(),
        marked=await shelf.marked(),
    )


def planned_files(site: Site, contents: Contents) -> Iterator[Planned]:
    """Plan every file of a site, a session's files one after the other."""
    places = places_of(contents.entries)
    for place in places:
        yield from session_files(site, place)
    for gone in contents.withdrawn:
        yield withdrawn_page(site, gone)
    yield _first_page(site, places)
    yield from archive_files(site, contents.entries)
    yield from driver_files(site, contents.entries)
    newest = contents.entries[-1].session if contents.entries else None
    yield from record_files(site, contents.record, contents.marked, newest, demo=contents.demo)
    yield from text_files(site)
    yield from feed_files(site, contents.entries)
    yield from asset_files()


def places_of(entries: Sequence[Entry]) -> list[Place]:
    """Return every note among its neighbours."""
    befores = [None, *entries][: len(entries)]
    afters = [*entries[1:], None][: len(entries)]
    return [
        Place(entry=entry, before=before, after=after)
        for entry, before, after in zip(entries, befores, afters, strict=True)
    ]


def _first_page(site: Site, places: Sequence[Place]) -> Planned:
    public = [place for place in places if not place.entry.draft]
    if public:
        return note_page(site, public[-1], "plain", "index.html")

    def make(_texts: Texts) -> bytes:
        head = Head(title=site.name, description=site.tagline, path="")
        return page("empty.html", site=site, at="", head=head).encode()

    return Planned(path="index.html", key=key_of(site.key), make=make)


def asset_files() -> Iterator[Planned]:
    """Plan the site's own files: style, scripts, icon."""
    for name, path in asset_names().items():
        yield Planned(path=path, key=path, make=_given(assets()[name]))


def _given(body: bytes) -> Maker:
    return lambda _texts: body
