"""Who moved the market: the one rule that turns readings into a label.

A label that only says "it was a large move" is worthless, and on a large move every
price-driven flow is large. So the rule asks witnesses that do not follow from the size of
the move, each in [-1, 1], above zero for "these traders had no choice":

- the surprise of the forced dollars: were they a larger share of the day's volume, in the
  direction of the move, than moves of this size usually bring?
- each mechanical driver's own return-free evidence, in the direction of the move and ranked
  among moves of this size: the most-shorted basket against its beta, the VIX against what
  the index explains, the sign and size of dealers' gamma;
- participation, counted against: were more members, more volume and more credit with the
  move than moves of this size usually bring?

The balance is their mean, weighted by confidence. Far enough above zero, and with the forced
witnesses above zero by themselves, the day is mechanical; far enough below, and with more
participation than usual, it is conviction; the rest is mixed. So nobody's absence makes a
day: thin participation alone is not force, and idle machines alone are not belief. A small
move without a strong driver is quiet; with half of the witnesses missing the day is unclear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from analysis.reading import Estimate

DECISIVE = 0.1
"""Balance past which a side is named [-1 to 1]."""

QUIET_MOVE = 0.5
"""A return of less than half its own daily volatility is a small one [x]."""

STRONG_SCORE = 0.65
"""Where the words begin to say "strong"."""

LEAST_WITNESSES = 0.5
"""Share of the witnesses' full weight below which there is no verdict."""

FLAT_SHARE = 0.001
"""A net forced flow under a thousandth of the day's volume has no side."""

FORCED_WEIGHT = 1.0
"""Weight of the forced dollars' surprise; the return-free witnesses weigh their confidence."""

PARTICIPATION_WEIGHT = 1.0

PARTICIPATION = "participation"

Heard: TypeAlias = dict[str, tuple[float, float]]
"""Weight and value of each witness, by key."""


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
class Hearing:
    """What the rule hears of a session; None and absent keys were not measured.

    Attributes
    ----------
    move
        The index's return over its own volatility [x], signed.
    scores, confidences
        Score and confidence of the measured mechanical drivers, by slug.
    caps
        The most confidence each driver with return-free evidence can have, measured or not.
    witnesses
        Rank of that evidence among moves of this size, above zero with the move [-1 to 1].
    forced_surprise
        Rank of the forced share of volume among moves of this size, [-1 to 1].
    participation
        Rank of the breadth and weight of the move among moves of this size, [0 to 1].
    mechanical_usd
        Net forced dollars, where any driver has them.
    volume_usd
        Dollar volume of the session, where it is known.
    """

    move: float
    scores: Mapping[str, float]
    confidences: Mapping[str, float]
    caps: Mapping[str, float]
    witnesses: Mapping[str, float]
    forced_surprise: float | None
    participation: float | None
    mechanical_usd: Estimate | None
    volume_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The label, its side, and what it rests on; ``reasons`` lead with the weightiest witness."""

    label: Label
    side: Side
    confidence: float
    balance: float | None
    reasons: tuple[str, ...]


def judge(day: Hearing) -> Judgement:
    """Apply the rule of this module to one session."""
    heard = _heard(day)
    full = FORCED_WEIGHT + PARTICIPATION_WEIGHT + sum(day.caps.values())
    known = sum(weight for weight, _ in heard.values())
    side = _side(day)
    if known < LEAST_WITNESSES * full:
        return Judgement(label=Label.UNCLEAR, side=side, confidence=0.0, balance=None, reasons=())
    balance = sum(weight * value for weight, value in heard.values()) / known
    label = _label(day, heard, balance)
    return Judgement(
        label=label,
        side=side,
        confidence=_mean_confidence(day) * _decisiveness(label, day.move, balance),
        balance=balance,
        reasons=_reasons(heard, balance),
    )


def _heard(day: Hearing) -> Heard:
    """Weight and value of every witness who was there."""
    heard = {slug: (day.confidences[slug], value) for slug, value in day.witnesses.items()}
    if day.forced_surprise is not None:
        heard["forced_surprise"] = (FORCED_WEIGHT, day.forced_surprise)
    if day.participation is not None:
        heard[PARTICIPATION] = (PARTICIPATION_WEIGHT, 1.0 - 2.0 * day.participation)
    return heard


def _label(day: Hearing, heard: Heard, balance: float) -> Label:
    strongest = max((abs(score) for score in day.scores.values()), default=0.0)
    if abs(day.move) < QUIET_MOVE and strongest < STRONG_SCORE:
        return Label.QUIET
    forced = sum(weight * value for key, (weight, value) in heard.items() if key != PARTICIPATION)
    if balance >= DECISIVE and forced > 0.0:
        return Label.MECHANICAL
    crowd = day.participation is not None and day.participation > 0.5
    return Label.CONVICTION if balance <= -DECISIVE and crowd else Label.MIXED


def _mean_confidence(day: Hearing) -> float:
    """Mean confidence of the mechanical drivers, those not measured counting as zero."""
    return sum(day.confidences.values()) / max(1, len(day.confidences))


def _decisiveness(label: Label, move: float, balance: float) -> float:
    """From a half at the border between two labels to one well inside a label."""
    if label is Label.QUIET:
        return 1.0 - 0.5 * abs(move) / QUIET_MOVE
    if label is Label.MIXED:
        return max(0.5, 1.0 - 0.5 * abs(balance) / DECISIVE)
    return min(1.0, 0.5 * abs(balance) / DECISIVE)


def _side(day: Hearing) -> Side:
    """Return the side of the forced dollars, or of the weighted scores where there are none."""
    if day.mechanical_usd is not None and day.volume_usd:
        pressure, flat = day.mechanical_usd.mid / day.volume_usd, FLAT_SHARE
    else:
        pressure = sum(day.confidences[slug] * score for slug, score in day.scores.items())
        flat = 0.05 * sum(day.confidences[slug] for slug in day.scores)
    if abs(pressure) <= flat:
        return Side.FLAT
    return Side.BUYING if pressure > 0.0 else Side.SELLING


def _reasons(heard: Heard, balance: float) -> tuple[str, ...]:
    """Name the witnesses on the side of the balance, weightiest first."""
    pull = {key: weight * value for key, (weight, value) in heard.items()}
    agreeing = [key for key, force in pull.items() if force * balance > 0.0]
    return tuple(sorted(agreeing, key=lambda key: (-abs(pull[key]), key)))
