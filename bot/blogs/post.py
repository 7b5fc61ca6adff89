"""The note as a blog's post, read back from the texts that were frozen with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import yaml

from bot.channels import Delivery

NEW_YORK = ZoneInfo("America/New_York")
NOTE_TEXT = "blog.md"
PICTURE_TEXT = "drivers.png"
ALT_TEXT = "drivers.png.alt.txt"
RULE = "---\n"

AFTER_THE_BELL = time(16)
"""The hour a post bears [New York]: the session's own day, however late it is corrected."""

NEVER_AHEAD = timedelta(minutes=1)
"""How far before now a post is dated at least: blogs hold back what is dated ahead."""


class UnreadablePostError(ValueError):
    """The frozen texts hold no post."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart, and its words for those who cannot see it."""

    body: bytes = field(repr=False)
    alt: str

    @property
    def mark(self) -> str:
        """Eight characters that change with the picture."""
        return hashlib.sha256(self.body).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Post:
    """One session's post. ``lead`` and ``rest`` are Markdown; the picture goes between them."""

    session: date
    title: str
    description: str
    tags: tuple[str, ...]
    dated: datetime
    revised: datetime | None
    simulated: bool
    content_hash: str
    lead: str
    rest: str
    picture: Picture | None

    @property
    def slug(self) -> str:
        """What the post is called on every blog."""
        return self.session.isoformat()

    @property
    def digest(self) -> str:
        """A short hash of all that a reader can see."""
        seen = (self.title, self.description, *self.tags, self.lead, self.rest)
        drawn = (self.picture.mark, self.picture.alt) if self.picture else ()
        return hashlib.sha256("\0".join((*seen, *drawn)).encode()).hexdigest()[:40]


def read_post(delivery: Delivery, now: datetime) -> Post:
    """Return the post of a delivery.

    Raises
    ------
    UnreadablePostError
        If the edition has no ``blog.md``, or one without its head.
    """
    text = delivery.texts.get(NOTE_TEXT, b"").decode("utf-8")
    before, _, after = text.partition(RULE)
    head_text, _, body = after.partition("\n" + RULE)
    try:
        head = yaml.safe_load(head_text)
        if before or not isinstance(head, dict):
            raise ValueError("no front matter")
        known_at = datetime.fromisoformat(head["date"])
        return _post(delivery, head, body, min(known_at, now - NEVER_AHEAD))
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise UnreadablePostError(
            f"the edition's {NOTE_TEXT} cannot be read as a post ({type(error).__name__}: "
            f"{str(error)[:80]}); expected a YAML head and Markdown"
        ) from error


def _post(delivery: Delivery, head: Mapping[str, object], body: str, known_at: datetime) -> Post:
    close = datetime.combine(delivery.session, AFTER_THE_BELL, NEW_YORK)
    revised = known_at.astimezone(NEW_YORK) if delivery.is_correction else None
    simulated = bool(head.get("simulated", False))
    tags = head.get("tags")
    names = [str(tag).replace("_", " ") for tag in tags] if isinstance(tags, list) else []
    lead, rest = _parted(body)
    return Post(
        session=delivery.session,
        title=f"Simulated: {head['title']}" if simulated else str(head["title"]),
        description=str(head["description"]),
        tags=(*names, "simulated") if simulated else tuple(names),
        dated=min(close, known_at).astimezone(NEW_YORK),
        revised=revised,
        simulated=simulated,
        content_hash=str(head["content_hash"]),
        lead=lead if revised is None else f"{_corrected(revised)}\n\n{lead}",
        rest=rest,
        picture=_picture(delivery.texts),
    )


def _parted(body: str) -> tuple[str, str]:
    """Return what stands before the first section and what follows, the title left out."""
    lines = body.strip().split("\n")
    if lines[0].startswith("# "):
        lines = lines[1:]
    first = next((n for n, line in enumerate(lines) if line.startswith("## ")), len(lines))
    return "\n".join(lines[:first]).strip(), "\n".join(lines[first:]).strip()


def _corrected(at: datetime) -> str:
    return f"*Corrected on {at.day} {at:%B %Y}, when later figures had come in.*"


def _picture(texts: Mapping[str, bytes]) -> Picture | None:
    body = texts.get(PICTURE_TEXT)
    alt = texts.get(ALT_TEXT, b"").decode("utf-8").strip()
    return Picture(body, alt or "Chart of the session's forced flows") if body else None
