"""A week of published reports side by side: what was forced, what was chosen, what came due.

A week is made from reports as they were published, in the JSON contract's shape, and from
nothing else: no figure is measured again, so a digest can never differ from its notes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from analysis.contract import hash_of
from analysis.reading import Estimate, Grade, Kind
from analysis.week_contract import week_body
from analysis.week_days import Day, DriverDay, day_of

TRADING_DAYS = 5
"""Mondays to Fridays."""


class NoNotesError(ValueError):
    """A week of which no note was published: there is nothing to sum up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverWeek:
    """One driver over a week.

    ``mean_size`` is the mean |score| over the days it was measured [0 to 1]; ``net_usd`` adds
    up the days with dollars, low ends with low ends; ``heaviest`` is its largest day.
    """

    slug: str
    title: str
    kind: Kind
    grade: Grade
    days_measured: int
    days_strong: int
    days_buying: int
    days_selling: int
    days_unusual: int
    mean_size: float
    mean_score: float
    net_usd: Estimate | None
    heaviest: DriverDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A claim whose last close came in this week, and what became of it."""

    session: date
    key: str
    probability: float
    base_rate: float
    came_true: bool


@dataclass(frozen=True, kw_only=True)
class Week:
    """What a digest may say of a week.

    ``sessions`` are the exchange's; ``days`` those with a published note, which may be fewer.
    ``settled`` is None where no live record is kept, as on a simulated market.
    """

    sessions: tuple[date, ...]
    days: tuple[Day, ...]
    drivers: tuple[DriverWeek, ...]
    settled: tuple[Settled, ...] | None

    @property
    def session(self) -> date:
        """The last session, which the digest is filed under."""
        return self.sessions[-1]

    @property
    def demo(self) -> bool:
        """Whether any of it is simulated."""
        return any(day.demo for day in self.days)

    @property
    def as_of(self) -> str:
        """When the newest figure in it was known."""
        return max(day.as_of for day in self.days)

    @property
    def missing(self) -> tuple[date, ...]:
        """Sessions without a published note."""
        told = {day.session for day in self.days}
        return tuple(session for session in self.sessions if session not in told)

    @property
    def closed(self) -> tuple[date, ...]:
        """Mondays to Fridays on which the exchange did not open."""
        monday = self.session - timedelta(self.session.weekday())
        weekdays = (monday + timedelta(place) for place in range(TRADING_DAYS))
        return tuple(day for day in weekdays if day not in self.sessions)

    @property
    def half_days(self) -> tuple[date, ...]:
        """Sessions that closed early."""
        return tuple(day.session for day in self.days if "half_day" in day.calendar)

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Titles of the drivers that no day could measure."""
        seen = {one.slug for one in self.drivers}
        never = {one.slug: one.title for day in self.days for one in day.drivers}
        return tuple(title for slug, title in never.items() if slug not in seen)

    @property
    def index_return(self) -> float:
        """Return from the close before the first note to the close of the last [fraction]."""
        first, last = self.days[0], self.days[-1]
        return last.close / (first.close / (1.0 + first.day_return)) - 1.0

    @property
    def labels(self) -> Counter[str]:
        """How many days had each verdict."""
        return Counter(day.label for day in self.days)

    @property
    def forced_usd(self) -> Estimate | None:
        """Net forced dollars of the days that have them; ends add up as if errors went together."""
        return added(day.forced_usd for day in self.days)

    @property
    def forced_share(self) -> float | None:
        """Mean share of volume that was forced, over the days that have it [fraction]."""
        shares = [day.forced_share for day in self.days if day.forced_share is not None]
        return sum(shares) / len(shares) if shares else None

    @cached_property
    def content_hash(self) -> str:
        """The sha256 of the canonical JSON without this field."""
        return hash_of(week_body(self))

    def as_dict(self) -> dict[str, object]:
        """Return the week as JSON."""
        return {"content_hash": self.content_hash, **week_body(self)}


def week_of(
    reports: Iterable[Mapping[str, Any]],
    sessions: Sequence[date],
    settled: Sequence[Settled] | None = None,
) -> Week:
    """Sum a week up from its published reports.

    Parameters
    ----------
    reports
        In the JSON contract's shape, any order; those outside ``sessions`` are left out.
    sessions
        The exchange's sessions of one week, in order.
    settled
        Claims that came due in the week.

    Raises
    ------
    NoNotesError
        If no report is of one of the sessions.
    """
    days = sorted(
        (day for day in map(day_of, reports) if day.session in sessions),
        key=lambda day: day.session,
    )
    if not days:
        first, last = sessions[0], sessions[-1]
        raise NoNotesError(f"no note was published from {first} to {last}; there is no digest")
    return Week(
        sessions=tuple(sessions),
        days=tuple(days),
        drivers=_drivers(days),
        settled=None if settled is None else tuple(settled),
    )


def added(estimates: Iterable[Estimate | None]) -> Estimate | None:
    """Add ranges up, ends with ends; None where there is none."""
    known = [one for one in estimates if one is not None]
    if not known:
        return None
    return Estimate(
        sum(one.low for one in known), sum(one.mid for one in known), sum(one.high for one in known)
    )


NEGLIGIBLE, STRONG, UNUSUAL = 0.20, 0.65, 0.65
"""|score| under which a day has no side, from which it is strong, and |surprise| likewise."""


def _drivers(days: Sequence[Day]) -> tuple[DriverWeek, ...]:
    """Sum up every driver that was measured at all, those that weighed most first."""
    by_slug: dict[str, list[DriverDay]] = {}
    for day in days:
        for one in day.drivers:
            if one.measured:
                by_slug.setdefault(one.slug, []).append(one)
    weeks = [_driver_week(measured) for measured in by_slug.values()]
    return tuple(sorted(weeks, key=lambda one: (-one.days_strong, -one.mean_size, one.slug)))


def _driver_week(days: Sequence[DriverDay]) -> DriverWeek:
    return DriverWeek(
        slug=days[-1].slug,
        title=days[-1].title,
        kind=days[-1].kind,
        grade=days[-1].grade,
        days_measured=len(days),
        days_strong=sum(abs(one.score) >= STRONG for one in days),
        days_buying=sum(one.score >= NEGLIGIBLE for one in days),
        days_selling=sum(one.score <= -NEGLIGIBLE for one in days),
        days_unusual=sum(abs(one.surprise or 0.0) >= UNUSUAL for one in days),
        mean_size=sum(abs(one.score) for one in days) / len(days),
        mean_score=sum(one.score for one in days) / len(days),
        net_usd=added(one.flow_usd for one in days),
        heaviest=max(days, key=_weight),
    )


def _weight(one: DriverDay) -> tuple[float, float]:
    return (0.0 if one.flow_usd is None else abs(one.flow_usd.mid), abs(one.score))
