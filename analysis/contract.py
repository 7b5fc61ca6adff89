"""The report's JSON contract, version 1: names and shapes that others build on.

Additions are fine, renames are not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from math import floor, log10
from typing import TYPE_CHECKING

from analysis.analogues import Analogues, Spread
from analysis.context import Context, Settled, Since
from analysis.odds import Claim
from analysis.reading import Estimate, Evidence, Reading

if TYPE_CHECKING:
    from analysis.report import FlowReport, SourceStatus

VERSION = 1
"""Version of the contract."""

METHOD_VERSION = "2026.11"
"""Changes whenever the same inputs would yield other figures."""

DIGITS = 6
"""Significant digits of every printed figure: more would print noise, not knowledge."""


def hash_of(body: dict[str, object]) -> str:
    """Return the sha256 of a body's canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(
        body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def body_of(report: FlowReport) -> dict[str, object]:
    """Return the report in the contract's shape, without its hash, every figure as printed."""
    body = {
        "version": VERSION,
        "session": report.session.isoformat(),
        "as_of": report.as_of,
        "method_version": METHOD_VERSION,
        "demo": report.demo,
        "index": {
            "symbol": report.index.symbol,
            "close": report.index.close,
            "day_return": report.index.day_return,
            "vix_close": report.index.vix_close,
            "vix_change": report.index.vix_change,
            "usual_move": report.index.usual_move,
        },
        "verdict": {
            "label": report.verdict.label.value,
            "side": report.verdict.side.value,
            "confidence": report.verdict.confidence,
            "mechanical_usd": _range(report.verdict.mechanical_usd),
            "mechanical_share_of_volume": _range(report.verdict.mechanical_share_of_volume),
            "participation": report.verdict.participation,
            "forced_surprise": report.verdict.forced_surprise,
            "balance": report.verdict.balance,
            "reasons": list(report.verdict.reasons),
        },
        "drivers": [driver_body(reading) for reading in report.readings],
        "attribution": {
            "day_return": report.attribution.day_return,
            "explained_return": _range(report.attribution.explained_return),
            "by_driver": report.attribution.by_driver,
            "residual_return": report.attribution.residual_return,
        },
        "odds": [_claim(claim) for claim in report.odds],
        "analogues": _analogues(report.analogues),
        "calendar": list(report.calendar),
        "sources": [_source(source) for source in report.sources],
        "volume_basis": report.volume_basis,
        "context": _context(report.context),
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


def driver_body(reading: Reading) -> dict[str, object]:
    """Return one reading in the contract's shape."""
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
        "any_day": claim.any_day,
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


def _spread(spread: Spread) -> dict[str, object]:
    return {
        "p10": spread.p10,
        "p25": spread.p25,
        "p50": spread.p50,
        "p75": spread.p75,
        "p90": spread.p90,
        "up_fraction": spread.up_fraction,
        "returns": list(spread.returns),
    }


def _context(context: Context | None) -> dict[str, object] | None:
    if context is None:
        return None
    before = context.prior_session
    return {
        "data_begin": context.data_begin.isoformat(),
        "move_since": _since(context.move_since),
        "run_sessions": context.run_sessions,
        "run_since": _since(context.run_since),
        "level_since": _since(context.level_since),
        "vix_move_since": _since(context.vix_move_since),
        "prior_session": None if before is None else before.isoformat(),
        "prior_return": context.prior_return,
        "prior_forced_usd": context.prior_forced_usd,
        "flow_since": {slug: _since(since) for slug, since in context.flow_since.items()},
        "settled": _settled(context.settled),
        "shape": None if context.shape is None else asdict(context.shape),
    }


def _settled(settled: Settled | None) -> dict[str, object] | None:
    if settled is None:
        return None
    return {
        "session": settled.session.isoformat(),
        "day_return": settled.day_return,
        "sessions_after": settled.sessions_after,
        "came_true": settled.came_true,
        "probability": settled.probability,
        "undone_fraction": settled.undone_fraction,
        "beside_before_return": settled.beside_before_return,
        "beside_after_return": settled.beside_after_return,
    }


def _since(since: Since | None) -> dict[str, object] | None:
    if since is None:
        return None
    return {
        "on": None if since.on is None else since.on.isoformat(),
        "sessions": since.sessions,
    }


def _source(source: SourceStatus) -> dict[str, object]:
    return {
        "name": source.name,
        "as_of": None if source.as_of is None else source.as_of.isoformat(),
        "age_days": source.age_days,
        "status": source.status,
        "note": source.note,
    }
