"""The week's JSON, version 1: names and shapes that others build on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.contract import rounded
from analysis.reading import Estimate

if TYPE_CHECKING:
    from analysis.week import DriverWeek, Settled, Week
    from analysis.week_days import Day

VERSION = 1
"""Version of the week's JSON."""


def week_body(week: Week) -> dict[str, object]:
    """Return a week as JSON, without its hash, every figure as printed."""
    body: dict[str, object] = {
        "version": VERSION,
        "sessions": [session.isoformat() for session in week.sessions],
        "missing": [session.isoformat() for session in week.missing],
        "as_of": week.as_of,
        "demo": week.demo,
        "index_return": week.index_return,
        "forced_usd": _range(week.forced_usd),
        "notes": [_note(day) for day in week.days],
        "drivers": [_driver_body(one) for one in week.drivers],
        "settled": None if week.settled is None else [_settled(one) for one in week.settled],
    }
    return {key: rounded(value) for key, value in body.items()}


def _note(day: Day) -> dict[str, object]:
    return {
        "session": day.session.isoformat(),
        "content_hash": day.content_hash,
        "label": day.label,
        "side": day.side,
        "day_return": day.day_return,
        "forced_usd": _range(day.forced_usd),
    }


def _driver_body(one: DriverWeek) -> dict[str, object]:
    return {
        "slug": one.slug,
        "title": one.title,
        "kind": one.kind.value,
        "grade": one.grade.value,
        "days_measured": one.days_measured,
        "days_strong": one.days_strong,
        "days_buying": one.days_buying,
        "days_selling": one.days_selling,
        "days_unusual": one.days_unusual,
        "mean_score": one.mean_score,
        "net_usd": _range(one.net_usd),
        "heaviest": one.heaviest.session.isoformat(),
    }


def _settled(one: Settled) -> dict[str, object]:
    return {
        "session": one.session.isoformat(),
        "key": one.key,
        "probability": one.probability,
        "base_rate": one.base_rate,
        "came_true": one.came_true,
    }


def _range(estimate: Estimate | None) -> dict[str, float] | None:
    if estimate is None:
        return None
    return {"low": estimate.low, "mid": estimate.mid, "high": estimate.high}
