"""A published report, cut to what a week's digest needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis.reading import Estimate, Grade, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverDay:
    """One driver on one day, as published."""

    session: date
    slug: str
    title: str
    kind: Kind
    grade: Grade
    measured: bool
    score: float
    surprise: float | None
    flow_usd: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One published report, cut to what a digest needs."""

    session: date
    content_hash: str
    as_of: str
    demo: bool
    label: str
    side: str
    close: float
    day_return: float
    vix_close: float | None
    vix_change: float | None
    forced_usd: Estimate | None
    forced_share: float | None
    """Forced trades as a share of the session's volume, middle of the range [fraction]."""
    calendar: tuple[str, ...]
    drivers: tuple[DriverDay, ...]


def day_of(report: Mapping[str, Any]) -> Day:
    """Read a day from a report in the JSON contract's shape."""
    index, verdict = report["index"], report["verdict"]
    session = date.fromisoformat(report["session"])
    share = verdict.get("mechanical_share_of_volume")
    return Day(
        session=session,
        content_hash=report["content_hash"],
        as_of=report["as_of"],
        demo=bool(report["demo"]),
        label=verdict["label"],
        side=verdict["side"],
        close=index["close"],
        day_return=index["day_return"],
        vix_close=index.get("vix_close"),
        vix_change=index.get("vix_change"),
        forced_usd=_estimate(verdict.get("mechanical_usd")),
        forced_share=None if share is None else share["mid"],
        calendar=tuple(report.get("calendar", ())),
        drivers=tuple(_driver(session, one) for one in report["drivers"]),
    )


def _driver(session: date, body: Mapping[str, Any]) -> DriverDay:
    return DriverDay(
        session=session,
        slug=body["slug"],
        title=body["title"],
        kind=Kind(body["kind"]),
        grade=Grade(body["grade"]),
        measured=bool(body["measured"]),
        score=body["score"],
        surprise=body.get("surprise"),
        flow_usd=_estimate(body.get("flow_usd")),
    )


def _estimate(body: Mapping[str, float] | None) -> Estimate | None:
    return None if body is None else Estimate(body["low"], body["mid"], body["high"])
