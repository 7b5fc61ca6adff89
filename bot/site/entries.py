"""A published note as lists, calendars and feeds see it, without its texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverLine:
    """What one driver said of a session; dollars signed [USD], None where it had none."""

    slug: str
    measured: bool
    score: float
    surprise: float | None
    low_usd: float | None
    mid_usd: float | None
    high_usd: float | None
    share_of_adv: float | None
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLine:
    """A chart that was frozen with the note."""

    slug: str
    title: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The head of a note; see `templates.site.facts`."""

    title: str
    description: str
    as_of: str
    content_hash: str
    demo: bool
    index_close: float
    day_return: float
    vix_close: float | None
    vix_change: float | None
    label: str
    side: str
    confidence: float
    leader: str | None
    drivers: tuple[DriverLine, ...]
    charts: tuple[ChartLine, ...]

    def driver(self, slug: str) -> DriverLine | None:
        """Return one driver's line, None where this note knew no such driver."""
        return next((one for one in self.drivers if one.slug == slug), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A claim of a note; ``came_true`` is None while it is open."""

    session: date
    words: str
    probability: float
    came_true: bool | None
    evidence: str = ""

    @property
    def outcome(self) -> str:
        """What became of it: ``true``, ``false`` or ``open``."""
        return "open" if self.came_true is None else "true" if self.came_true else "false"

    @property
    def said(self) -> str:
        """Say what became of it."""
        return {"open": "open", "true": "came true", "false": "did not come true"}[self.outcome]

    @property
    def path(self) -> str:
        """Where its note stands on the site."""
        return day_path(self.session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A later version of a note; the note itself stays as it was."""

    edition_id: int
    key: str
    revised_at: datetime
    reason: str
    facts: Facts
    path: str

    @property
    def when(self) -> str:
        """The day and time of it, for a reader."""
        return spoken_time(self.revised_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Why a note was taken back, and when."""

    at: datetime
    reason: str

    @property
    def when(self) -> str:
        """The day and time of it, for a reader."""
        return spoken_time(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A note on the site.

    ``key`` changes with anything that was frozen; ``published_at`` is the time it went out, and
    ``again_at`` when it was published once more. A note that is withdrawn keeps its address only.
    """

    edition_id: int
    session: date
    key: str
    facts: Facts
    published_at: datetime
    draft: bool = False
    revision: Revision | None = None
    again_at: datetime | None = None
    mended: bool = False
    """Whether what was published once more has other figures than the first version."""
    withdrawn: Withdrawal | None = None
    claims: tuple[Marked, ...] = field(default=())

    @property
    def path(self) -> str:
        """Where its page stands on the site."""
        return day_path(self.session)

    @property
    def hidden(self) -> bool:
        """Whether search engines shall leave it out."""
        return self.draft or self.facts.demo

    @property
    def updated_at(self) -> datetime:
        """When it was last added to."""
        revised = self.revision.revised_at if self.revision else self.published_at
        return max(revised, self.again_at or revised)

    @property
    def again_when(self) -> str:
        """The day and time it was published once more, for a reader; empty if it never was."""
        return spoken_time(self.again_at) if self.again_at else ""


def spoken_time(at: datetime) -> str:
    """Say a day and time.

    >>> spoken_time(datetime(2025, 4, 9, 21, 15))
    '9 April 2025, 21:15 UTC'
    """
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def day_path(session: date) -> str:
    """Return where a session stands on the site.

    >>> day_path(date(2025, 4, 9))
    '2025/04/09/'
    """
    return f"{session.year:04}/{session.month:02}/{session.day:02}/"


def facts_of(body: bytes) -> Facts:
    """Read a frozen ``page.json``."""
    return facts_from(orjson.loads(body))


def facts_from(raw: Mapping[str, Any]) -> Facts:
    """Read a note's head from its JSON."""
    drivers = tuple(_line(one) for one in raw["drivers"])
    charts = tuple(ChartLine(**one) for one in raw["charts"])
    rest = {name: raw[name] for name in Facts.__slots__ if name not in ("drivers", "charts")}
    return Facts(**rest, drivers=drivers, charts=charts)


def _line(raw: Mapping[str, Any]) -> DriverLine:
    return DriverLine(**{name: raw[name] for name in DriverLine.__slots__})
