"""What machines read to know what is new: Atom, RSS, JSON Feed, sitemap, robots."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias

import orjson

from bot.site.entries import Entry
from bot.site.frame import Site, stamp
from bot.site.planned import QUOTED, Maker, Planned, Texts, key_of
from templates.site import page

Writer: TypeAlias = Callable[[Site, Sequence["Item"]], str]

NEWEST = 20
"""Notes that a feed holds, with all their words."""

MARK = re.compile(r'<a class="why"[^>]*>[^<]*</a>')
SENTENCE = re.compile(r'<span class="s">(.*?)</span>', re.DOTALL)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of a feed without notes: it must have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A note in a feed."""

    entry: Entry
    html: str

    @property
    def published(self) -> str:
        """When it went out."""
        return stamp(self.entry.published_at)

    @property
    def updated(self) -> str:
        """When it was last added to."""
        return stamp(self.entry.updated_at)

    @property
    def published_mail(self) -> str:
        """When it went out, as mail writes a date."""
        return format_datetime(self.entry.published_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A page in the sitemap."""

    path: str
    changed: str = ""


def feed_files(site: Site, entries: Sequence[Entry]) -> Iterator[Planned]:
    """Plan the three feeds, the sitemap, and what robots may read."""
    newest = [entry for entry in entries if not entry.draft][-NEWEST:][::-1]
    shown = key_of(site.key, [(one.key, one.revision and one.revision.key) for one in newest])
    for path, make in (("feed.atom", atom), ("feed.rss", rss), ("feed.json", json_feed)):
        yield Planned(
            path=path,
            key=key_of(shown, path),
            make=_fed(site, newest, make),
            quotes=tuple(one.edition_id for one in newest),
        )
    yield Planned(
        path="sitemap.xml",
        key=key_of(site.key, [(one.key, one.updated_at) for one in entries]),
        make=lambda _texts: sitemap(site, entries).encode(),
    )
    yield Planned(
        path="robots.txt",
        key=key_of(site.key),
        make=lambda _texts: robots(site).encode(),
    )


def item_of(site: Site, entry: Entry, words: bytes) -> Item:
    """Return a note as a feed holds it: whole, with whole addresses, without evidence marks."""
    text = words.decode()
    text = text.replace("urn:day:", site.url(entry.path)).replace("urn:site:", site.url(""))
    plain = SENTENCE.sub(r"\1", MARK.sub("", text))
    return Item(entry=entry, html=plain.replace("\x00", ""))


def atom(site: Site, items: Sequence[Item]) -> str:
    """Return the Atom feed."""
    return page("feed.atom.xml", site=site, items=items, updated=stamp(_newest(items)))


def rss(site: Site, items: Sequence[Item]) -> str:
    """Return the RSS feed."""
    when = format_datetime(_newest(items))
    return page("feed.rss.xml", site=site, items=items, updated_mail=when)


def json_feed(site: Site, items: Sequence[Item]) -> str:
    """Return the JSON Feed, version 1.1."""
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.name,
        "description": site.tagline,
        "home_page_url": site.url(""),
        "feed_url": site.url("feed.json"),
        "icon": site.url(site.asset_path("icon.svg")),
        "language": "en",
        "authors": [{"name": site.name, "url": site.url("")}],
        "items": [_item(site, one) for one in items],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _item(site: Site, one: Item) -> dict[str, object]:
    facts = one.entry.facts
    return {
        "id": site.url(one.entry.path),
        "url": site.url(one.entry.path),
        "title": ("Simulated: " if facts.demo else "") + facts.title,
        "summary": facts.description,
        "content_html": one.html,
        "image": site.url(one.entry.path + "card.png"),
        "date_published": one.published,
        "date_modified": one.updated,
        "tags": [facts.label, facts.side, *([facts.leader] if facts.leader else [])],
    }


def sitemap(site: Site, entries: Sequence[Entry]) -> str:
    """Return the sitemap: what search engines are welcome to show."""
    listed = [entry for entry in entries if not entry.hidden]
    places = [Address(path=path) for path in ("method/", "glossary/", "about/", "privacy/")]
    if listed:
        newest = stamp(listed[-1].updated_at)
        places += [Address(path=path, changed=newest) for path in ("", "archive/", "drivers/")]
        places += [Address(path="record/", changed=newest)]
    places += [Address(path=one.path, changed=stamp(one.updated_at)) for one in listed]
    return page("sitemap.xml", site=site, places=places)


def robots(site: Site) -> str:
    """Return what robots may read: all of it."""
    return f"User-agent: *\nAllow: /\nSitemap: {site.url('sitemap.xml')}\n"


def _fed(site: Site, entries: Sequence[Entry], write: Writer) -> Maker:
    def make(texts: Texts) -> bytes:
        items = [
            item_of(site, one, texts.get(f"{one.edition_id}/{QUOTED}", b"")) for one in entries
        ]
        return write(site, items).encode()

    return make


def _newest(items: Sequence[Item]) -> datetime:
    return max((one.entry.updated_at for one in items), default=BEGINNING)
