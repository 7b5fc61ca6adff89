"""What speaks for force and what for choice, on a day on which the two do not agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from templates.points import Point

CLEAR_SURPRISE = 0.40
"""From here on the forced dollars were more, or less, than a move of this size brings."""

CROWD, THIN = 0.65, 0.35
"""Participation from which more came along than usual, and up to which fewer did."""

RETURN_FREE = ("hedge_unwinding", "short_covering", "dealer_gamma")
"""Drivers whose evidence does not follow from the size of the move, easiest to tell first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Names of the signs on each side, those told first standing first."""

    forced: tuple[str, ...]
    chosen: tuple[str, ...]


def signs_of(
    points: Mapping[str, Point], forced_surprise: float | None, participation: float | None
) -> Signs:
    """Sort the day's clear signs into those of force and those of choice.

    A driver's own evidence points to force where it went with the index and to choice where
    it went against it; only strong readings on which the counts agree are heard.
    """
    forced: list[str] = []
    chosen: list[str] = []
    if forced_surprise is not None and abs(forced_surprise) >= CLEAR_SURPRISE:
        (forced if forced_surprise > 0 else chosen).append("dollars")
    if participation is not None and not THIN < participation < CROWD:
        (forced if participation <= THIN else chosen).append("crowd")
    for slug in RETURN_FREE:
        point = points.get(slug)
        if point is not None and point.big and not point.disputed and point.with_tape is not None:
            (forced if point.with_tape else chosen).append(slug)
    return Signs(forced=tuple(forced), chosen=tuple(chosen))
