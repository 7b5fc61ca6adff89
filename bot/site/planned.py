"""A file of the site before it is made: where it goes, what it rests on, how it is made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Texts: TypeAlias = Mapping[str, bytes]
Maker: TypeAlias = Callable[[Texts], bytes]

QUOTED = "page.plain.html"
"""The piece that is quoted of a note: its plain words."""

TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "xml": "application/xml",
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A file that can be made from frozen pieces.

    ``key`` changes with anything it shows; ``needs`` are the pieces of ``edition_id`` that
    ``make`` is handed. What rests on several notes has ``quotes`` instead: editions of which
    it is handed one piece each, as ``EDITION/NAME``.
    """

    path: str
    key: str
    make: Maker
    edition_id: int | None = None
    needs: tuple[str, ...] = ()
    quotes: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """What sort of file it is, as a browser is told."""
        if self.path == "feed.json":
            return "application/feed+json"
        return TYPES[self.path.rpartition(".")[2]]


def key_of(*parts: object) -> str:
    """Return a short mark of everything given."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]


def page_file(path: str) -> str:
    """Return the file of a page.

    >>> page_file("archive/"), page_file("feed.atom")
    ('archive/index.html', 'feed.atom')
    """
    return f"{path}index.html" if not path or path.endswith("/") else path
