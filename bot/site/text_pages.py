"""Pages that do not change with the market: method, glossary, about, privacy, no such page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.site.documents import as_html, document
from bot.site.frame import Head, Site
from bot.site.planned import Planned, Texts, key_of, page_file
from templates.glossary import Term, terms
from templates.site import page

MISSING = "404.html"

PROSE = (
    (
        "method/",
        "The method",
        "docs/method.md",
        "Every rule and every constant behind a report, with its source.",
    ),
    (
        "about/",
        "About",
        "templates/site/about.md",
        "What this desk does after every US session, and what it does not claim.",
    ),
    (
        "privacy/",
        "Privacy",
        "templates/site/privacy.md",
        "What is kept of a reader: a mail address for as long as they want, and nothing else.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """A glossary entry and the name it is linked to by."""

    term: Term
    anchor: str


def text_files(site: Site) -> Iterator[Planned]:
    """Plan the pages of text."""
    for path, title, source, words in PROSE:
        yield _prose(site, Head(title=title, description=words, path=path), source)
    yield _glossary(site)
    yield _missing(site)


def _prose(site: Site, head: Head, source: str) -> Planned:
    def make(_texts: Texts) -> bytes:
        prose = as_html(site, document(source))
        return page("prose.html", site=site, at=head.path, head=head, prose=prose).encode()

    return Planned(path=page_file(head.path), key=key_of(site.key, document(source)), make=make)


def _glossary(site: Site) -> Planned:
    def make(_texts: Texts) -> bytes:
        words = "The words of the trade, each in a plain sentence."
        head = Head(title="Glossary", description=words, path="glossary/")
        entries = [Anchored(term=one, anchor=anchor(one.term)) for one in terms()]
        return page("glossary.html", site=site, at="glossary/", head=head, terms=entries).encode()

    return Planned(path=page_file("glossary/"), key=key_of(site.key, terms()), make=make)


def _missing(site: Site) -> Planned:
    def make(_texts: Texts) -> bytes:
        head = Head(
            title="No such page",
            description="There is nothing at this address.",
            path=MISSING,
            unlisted=True,
        )
        return page("missing.html", site=site, at=MISSING, head=head).encode()

    return Planned(path=MISSING, key=key_of(site.key), make=make)


def anchor(term: str) -> str:
    """Return the name a term is linked to by.

    >>> anchor("short interest")
    'short-interest'
    """
    return re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
