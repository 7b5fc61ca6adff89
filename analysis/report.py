"""All readings of a session side by side: what they add up to, and what they do not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import floor, log10

from analysis.reading import Estimate, Evidence, Reading

VERSION = 1
"""Version of the JSON contract."""

METHOD_VERSION = "2026.11"
"""Changes whenever the same inputs would yield other figures."""

DIGITS = 6
"""Significant digits of every printed figure: more would print noise, not knowledge."""


class Label(StrEnum):
    """Who moved the market."""

    MECHANICAL = "mechanical"
    CONVICTION = "conviction"
    MIXED = "mixed"
    QUIET = "quiet"
    UNCLEAR = "unclear"


class Side(StrEnum):
    """Which way the forced flow went."""

    BUYING = "buying"
    SELLING = "selling"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDay:
    """The index over one session; the VIX is None where it is not known."""

    symbol: str
    close: float
    day_return: float
    vix_close: float | None
    vix_change: float | None
    usual_move: float | None
    """Daily volatility of the 63 sessions before [fraction]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Who moved the market, how sure we are, and the sums it rests on.

    ``reasons`` are the keys of the rules that spoke, strongest first.
    """

    label: Label
    side: Side
    confidence: float
    mechanical_usd: Estimate | None
    mechanical_share_of_volume: Estimate | None
    participation: float | None
    forced_surprise: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The part of the day's return that forced flows can explain, and the rest."""

    day_return: float
    explained_return: Estimate
    by_driver: dict[str, float]
    residual_return: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement the next sessions will mark right or wrong."""

    key: str
    claim: str
    probability: float
    base_rate: float
    interval: tuple[float, float]
    n: int
    horizon_sessions: int
    resolves_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What followed the analogues [fraction]."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogues:
    """The past sessions whose drivers looked most like today's, and what followed."""

    n: int
    sessions: tuple[date, ...]
    next_1: Spread | None
    next_5: Spread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How one source stood that evening; ``status`` is fresh, stale or missing."""

    name: str
    as_of: date | None
    age_days: int | None
    status: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReport:
    """One session, read by every driver: the whole of what an edition may say."""

    session: date
    as_of: str
    demo: bool
    index: IndexDay
    verdict: Verdict
    readings: tuple[Reading, ...]
    attribution: Attribution
    odds: tuple[Claim, ...]
    analogues: Analogues | None
    calendar: tuple[str, ...]
    sources: tuple[SourceStatus, ...]
    volume_basis: str
    """``members`` or ``spy_ratio``: what the volume yardstick rests on."""

    def reading(self, slug: str) -> Reading:
        """Return the reading of one driver."""
        return next(reading for reading in self.readings if reading.slug == slug)

    @property
    def content_hash(self) -> str:
        """The sha256 of the canonical JSON without this field."""
        canonical = json.dumps(
            self._body(), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    def as_dict(self) -> dict[str, object]:
        """Return the report in the JSON contract's shape, every figure as printed."""
        body = self._body()
        return {"version": body.pop("version"), "content_hash": self.content_hash, **body}

    def _body(self) -> dict[str, object]:
        body = {
            "version": VERSION,
            "session": self.session.isoformat(),
            "as_of": self.as_of,
            "method_version": METHOD_VERSION,
            "demo": self.demo,
            "index": {
                "symbol": self.index.symbol,
                "close": self.index.close,
                "day_return": self.index.day_return,
                "vix_close": self.index.vix_close,
                "vix_change": self.index.vix_change,
                "usual_move": self.index.usual_move,
            },
            "verdict": {
                "label": self.verdict.label.value,
                "side": self.verdict.side.value,
                "confidence": self.verdict.confidence,
                "mechanical_usd": _range(self.verdict.mechanical_usd),
                "mechanical_share_of_volume": _range(self.verdict.mechanical_share_of_volume),
                "participation": self.verdict.participation,
                "forced_surprise": self.verdict.forced_surprise,
                "reasons": list(self.verdict.reasons),
            },
            "drivers": [_driver(reading) for reading in self.readings],
            "attribution": {
                "day_return": self.attribution.day_return,
                "explained_return": _range(self.attribution.explained_return),
                "by_driver": self.attribution.by_driver,
                "residual_return": self.attribution.residual_return,
            },
            "odds": [_claim(claim) for claim in self.odds],
            "analogues": _analogues(self.analogues),
            "calendar": list(self.calendar),
            "sources": [_source(source) for source in self.sources],
            "volume_basis": self.volume_basis,
        }
        return {key: rounded(value) for key, value in body.items()}


def significant(value: float) -> float:
    """Round to the digits that are printed.

    >>> significant(5456.8999), significant(-0.0951234567), significant(0.0)
    (5456.9, -0.0951235, 0.0)
    """
    if value == 0.0:
        return 0.0
    return round(value, DIGITS - 1 - floor(log10(abs(value))))


def rounded(body: object) -> object:
    """Round every figure of a JSON body, whole numbers excepted."""
    if isinstance(body, dict):
        return {key: rounded(value) for key, value in body.items()}
    if isinstance(body, list):
        return [rounded(value) for value in body]
    return significant(body) if isinstance(body, float) else body


def _range(estimate: Estimate | None) -> dict[str, float] | None:
    if estimate is None:
        return None
    return {"low": estimate.low, "mid": estimate.mid, "high": estimate.high}


def _driver(reading: Reading) -> dict[str, object]:
    return {
        "slug": reading.slug,
        "title": reading.driver.title,
        "kind": reading.driver.kind.value,
        "grade": reading.driver.grade.value,
        "score": reading.score,
        "surprise": reading.surprise,
        "measured": reading.measured,
        "flow_usd": _range(reading.flow_usd),
        "share_of_adv": reading.share_of_adv,
        "percentile": reading.percentile,
        "coverage": reading.coverage,
        "confidence": reading.confidence,
        "evidence": [_evidence(item) for item in reading.evidence],
        "missing": list(reading.missing),
        "caveat": reading.caveat,
    }


def _evidence(item: Evidence) -> dict[str, object]:
    return {
        "key": item.key,
        "label": item.label,
        "value": item.value,
        "unit": item.unit,
        "percentile": item.percentile,
        "previous": item.previous,
        "as_of": item.as_of.isoformat(),
        "source": item.source,
    }


def _claim(claim: Claim) -> dict[str, object]:
    return {
        "key": claim.key,
        "claim": claim.claim,
        "probability": claim.probability,
        "base_rate": claim.base_rate,
        "interval": list(claim.interval),
        "n": claim.n,
        "horizon_sessions": claim.horizon_sessions,
        "resolves_on": claim.resolves_on.isoformat(),
    }


def _analogues(analogues: Analogues | None) -> dict[str, object]:
    if analogues is None:
        return {"n": 0, "sessions": [], "next_1": {}, "next_5": {}}
    return {
        "n": analogues.n,
        "sessions": [session.isoformat() for session in analogues.sessions],
        "next_1": _spread(analogues.next_1),
        "next_5": _spread(analogues.next_5),
    }


def _spread(spread: Spread | None) -> dict[str, float]:
    return {} if spread is None else {"p10": spread.p10, "p50": spread.p50, "p90": spread.p90}


def _source(source: SourceStatus) -> dict[str, object]:
    return {
        "name": source.name,
        "as_of": None if source.as_of is None else source.as_of.isoformat(),
        "age_days": source.age_days,
        "status": source.status,
        "note": source.note,
    }
