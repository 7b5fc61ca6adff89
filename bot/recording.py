"""What `undertow record` prints: the desk's marks, with the base rates they are held against."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from analysis.contract import rounded

if TYPE_CHECKING:
    from analysis.base_rates import BaseRate
    from analysis.covering_checks import CoveringRecord
    from analysis.market import Market
    from analysis.record import Bin, Record, Score
    from analysis.skill import Skill
    from bot.desk import Desk

HINDSIGHT = (
    "HINDSIGHT: today's method on each past evening with what was known then; "
    "none of these claims was published"
)


def hindsight_of(market: Market) -> Record:
    """Grade what today's method would have claimed on every evening of a market."""
    from analysis.backfill import backfill
    from analysis.base_rates import BEGIN
    from analysis.record import hindsight_record

    return hindsight_record(market, backfill(market, BEGIN, market.sessions[-1]))


def published_record(desk: Desk, market: Market) -> Record:
    """Grade what is due in the ledger and return the record of what was published."""
    from bot.assembly import ledger_of
    from bot.grading import grade_due, live_record
    from bot.service import prepare
    from bot.settings import read_settings

    async def whole() -> Record:
        ledger = ledger_of(read_settings())
        try:
            await prepare(ledger)
            await grade_due(ledger, market, desk.clock())
            return await live_record(ledger, market)
        finally:
            await ledger.close()

    return asyncio.run(whole())


def record_json(record: Record, *, demo: bool) -> str:
    """Return the record as one JSON object, figures at six digits."""
    body = {
        "version": 1,
        "demo": demo,
        "hindsight": record.hindsight,
        "first": _day(record.first),
        "last": _day(record.last),
        "base_rates": [_rate_body(rate) for rate in record.base_rates],
        "scores": [score_body(score) for score in record.scores],
        "by_year": record.by_year.astype(object)
        .where(record.by_year.notna(), None)
        .to_dict("records"),
        "short_covering": _covering_body(record.covering),
        "alarms": list(record.alarms),
    }
    return json.dumps(rounded(body), ensure_ascii=False, allow_nan=False, indent=2)


def record_table(record: Record, *, demo: bool) -> str:
    """Return the record as text."""
    lines = [HINDSIGHT if record.hindsight else "LIVE: claims as published, graded when due"]
    lines += ["SIMULATED market"] if demo else []
    if record.first is None:
        return "\n".join([*lines, "no claims: too few past cases are known for a single one"])
    lines += [f"claims from {_day(record.first)} to {_day(record.last)}", "", *_scores(record)]
    for score in record.scores:
        lines += [
            "",
            f"{score.key}: of the claims near ... came true",
            *map(_bin, score.calibration),
        ]
    lines += ["", "base rates known on the last evening", *map(_rate, record.base_rates)]
    lines += ["", _covering(record.covering)]
    return "\n".join([*lines, *(f"ALARM: {alarm}" for alarm in record.alarms)])


def _scores(record: Record) -> list[str]:
    head = f"{'claim':<14} {'n':>5} {'true':>5}  {'Brier (95 %)':<20} {'log loss':<9}"
    return [
        f"{head} skill over base rate (90 %)   skill over VIX only (90 %)",
        *(
            f"{score.key:<14} {score.n:>5} {score.came_true:>5.0%}  "
            f"{score.brier:.4f} {_bounds(score.brier_interval, '.3f'):<14} "
            f"{score.log_loss:<9.4f} {_skill(score.against_base):<29} "
            f"{_skill(score.against_control)}"
            for score in record.scores
        ),
    ]


def _skill(skill: Skill) -> str:
    if skill.n < 2:
        return "not known"
    return f"{skill.skill:+.4f} {_bounds((skill.low, skill.high), '+.3f')} n {skill.n}"


def _bounds(bounds: tuple[float, float], form: str) -> str:
    return f"[{bounds[0]:{form}}, {bounds[1]:{form}}]"


def _bin(row: Bin) -> str:
    return (
        f"  {row.low:.0%} to {row.high:.0%}: said {row.mean_probability:.1%}, came true "
        f"{row.came_true:.1%} {_bounds(row.interval, '.0%')} n {row.n}"
    )


def _rate(rate: BaseRate) -> str:
    return (
        f"  {rate.key:<21} after a day {rate.condition:<18} {rate.probability:.1%} "
        f"{_bounds(rate.interval, '.1%')} n {rate.n}, {rate.unsettled} not yet settled"
    )


def _covering(found: CoveringRecord) -> str:
    head = f"short covering: {found.calls} calls, {found.checked} checked against short interest"
    if found.fell_rate is None or found.interval is None or found.base_rate is None:
        return f"{head}; no window has two published counts yet"
    return (
        f"{head}; it fell in {found.fell_rate:.0%} {_bounds(found.interval, '.0%')} of "
        f"{found.windows} windows with a call, and in {found.base_rate:.0%} of all "
        f"{found.base_windows}"
    )


def _rate_body(rate: BaseRate) -> dict[str, object]:
    return {**asdict(rate), "interval": list(rate.interval)}


def score_body(score: Score) -> dict[str, object]:
    """Return one key's score as JSON holds it."""
    body = asdict(score)
    body["calibration"] = [_plain(asdict(row)) for row in score.calibration]
    for key in ("against_base", "against_control"):
        body[key] = _plain(body[key])
    return _plain(body)


def _covering_body(found: CoveringRecord) -> dict[str, object]:
    return _plain(asdict(found))


def _plain(body: dict[str, object]) -> dict[str, object]:
    """Turn tuples to lists and what is not a number to null, as JSON wants it."""
    return {key: _jsonable(value) for key, value in body.items()}


def _jsonable(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, float) and value != value else value


def _day(stamp: object) -> str | None:
    return None if stamp is None else f"{stamp:%Y-%m-%d}"
