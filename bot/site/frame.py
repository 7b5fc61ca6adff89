"""What all pages of one site share: its name, its address, its menu, its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from bot.site.entries import Entry
from templates.site import asset
from templates.site.pictures import charts_script

MENU = (
    ("", "Latest"),
    ("archive/", "Archive"),
    ("drivers/", "Drivers"),
    ("record/", "Record"),
    ("method/", "Method"),
    ("glossary/", "Glossary"),
)

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action {forms}; base-uri 'none'"
)
"""Nothing is asked of anybody else, and no text is run as a program."""

NAME, TAGLINE = "Undertow", "Who had to trade, who chose to, after every US session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the head of a page says."""

    title: str
    description: str
    path: str
    """Its canonical place on the site."""
    image: str | None = None
    published: str | None = None
    modified: str | None = None
    draft: bool = False
    simulated: bool = False
    unlisted: bool = False
    facts_hash: str = ""
    """Of what search engines read in the page, as a content policy names it."""

    @property
    def hidden(self) -> bool:
        """Whether search engines shall leave it out."""
        return self.draft or self.simulated or self.unlisted


def head_of(entry: Entry, path: str, title: str = "") -> Head:
    """Return the head of a page about one note."""
    facts = entry.facts
    mark = "Simulated: " if facts.demo else ""
    return Head(
        title=mark + (title or facts.title),
        description=facts.description,
        path=path,
        image=f"{entry.path}card.png",
        published=stamp(entry.published_at),
        modified=stamp(entry.updated_at),
        draft=entry.draft,
        simulated=facts.demo,
    )


def stamp(when: object) -> str:
    """Say a time as the web's machines read it."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


@cache
def assets() -> Mapping[str, bytes]:
    """Return the site's own files by name: style, scripts, icon."""
    files = {name: asset(name).encode() for name in ("style.css", "site.js", "icon.svg")}
    return {**files, "charts.js": charts_script().encode()}


@cache
def asset_names() -> Mapping[str, str]:
    """Return the name each file is served under, which changes with what is in it."""
    named = {}
    for name, body in assets().items():
        stem, _, kind = name.partition(".")
        named[name] = f"assets/{stem}.{hashlib.sha256(body).hexdigest()[:10]}.{kind}"
    return named


@cache
def frame_key() -> str:
    """Return a mark of everything that pages are made with: templates, texts, assets, code."""
    root = Path(__file__).parent.parent.parent
    digest = hashlib.sha256("".join(asset_names().values()).encode())
    for folder in ("templates/site", "bot/site", "docs"):
        for path in sorted((root / folder).glob("*.*")):
            if path.suffix in (".j2", ".md", ".py"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site at one address.

    ``address`` is where readers find it, without a slash at the end; ``subscribe`` takes the
    form's post, and without it there is no form; ``api`` says whether the JSON API is beside.
    """

    address: str
    subscribe: str = ""
    api: bool = False
    name: str = NAME
    tagline: str = TAGLINE
    menu: tuple[tuple[str, str], ...] = field(default=MENU)

    @property
    def prefix(self) -> str:
        """The path under which the site lies, empty at the root of a host."""
        return urlsplit(self.address).path.rstrip("/")

    @property
    def policy(self) -> str:
        """The content policy of its pages."""
        form = urlsplit(self.subscribe)
        forms = f"{form.scheme}://{form.netloc}" if form.netloc else "'self'"
        return POLICY.format(forms=forms)

    def policy_for(self, head: Head) -> str:
        """Return the content policy of one page, which names what it holds by its hash."""
        if not head.facts_hash:
            return self.policy
        return self.policy.replace("script-src 'self'", f"script-src 'self' '{head.facts_hash}'")

    @property
    def key(self) -> str:
        """A mark of everything in these settings that pages show."""
        return f"{self.address} {self.subscribe} {self.api} {self.name} {frame_key()}"

    def at(self, path: str) -> str:
        """Return the address of a page, as links on this site use it."""
        return f"{self.prefix}/{path}"

    def url(self, path: str) -> str:
        """Return the whole address of a page, for those who come from elsewhere."""
        return f"{self.address.rstrip('/')}/{path}"

    def asset(self, name: str) -> str:
        """Return the address of one of the site's own files."""
        return self.at(asset_names()[name])

    def asset_path(self, name: str) -> str:
        """Return the path of one of the site's own files."""
        return asset_names()[name]

    def filled(self, kept: bytes, folder: str) -> str:
        """Return a kept piece with the addresses of its session and of this site filled in."""
        text = kept.decode()
        return text.replace("urn:day:", self.at(folder)).replace("urn:site:", self.at(""))
