"""Which drivers get a section of their own, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from analysis.reading import Grade
from templates import words
from templates.points import LARGE_USD, Point

SECTION_FROM = 0.40
FILL_FROM = 0.20
FEWEST_SECTIONS, MOST_SECTIONS = 3, 4
"""Moderate drivers get a section, mild ones fill up to three; a reader takes in four."""

AMONG_THE_LARGEST = 0.5
"""A flow with at least this part of the largest one's dollars is among the day's largest."""

BULK = 0.5
"""A driver with more than this part of the forced dollars is never told in a line only."""


def sections_of(
    forced: Sequence[Point], named: Collection[str], silent: Collection[str] = ()
) -> tuple[Point, ...]:
    """Take the drivers that deserve a section: those named in the lead first, then by strength.

    A driver gets one if title or lead speak of it, or if it makes up most of the forced
    dollars or is among the day's largest. Of the others those stay that were large *and*
    more than such a day brings; as a fourth comes the largest in dollars that was unusual,
    or extreme and large.
    A reading without dollars that draws no conclusion stands in a line, so that it never
    takes the place of a flow that has dollars.

    Parameters
    ----------
    forced
        The measured mechanical drivers, strongest first.
    named
        Slugs that title and lead are about, in the order of their telling.
    silent
        Slugs of readings without dollars that draw no conclusion.
    """
    forced = [point for point in forced if point.slug not in silent]
    due = due_of(forced, named)
    strong = [point for point in forced if abs(point.score) >= SECTION_FROM or point.slug in due]
    ranked = sorted(
        strong, key=lambda one: (one.slug not in named, one.slug not in due, -one.interest)
    )
    sure = max(FEWEST_SECTIONS, len(due))
    kept = [point.slug for point in ranked[:sure]]
    spare = sorted(ranked[sure:], key=lambda point: -abs(point.mid_usd))
    kept += [point.slug for point in spare if _worth_a_fourth(point)]
    fill = [p.slug for p in forced if abs(p.score) >= FILL_FROM and p.slug not in kept]
    room = max(0, FEWEST_SECTIONS - len(kept))
    chosen = {*kept[:MOST_SECTIONS], *fill[:room]}
    told = [point for point in forced if point.slug in chosen]
    return tuple(sorted(told, key=lambda point: point.slug not in named))


def due_of(forced: Sequence[Point], named: Collection[str]) -> set[str]:
    """Return the drivers that a note owes a section: the named, the large, the sure and rare."""
    return {
        point.slug
        for point in forced
        if point.slug in named
        or _is_bulk(point, forced)
        or _is_among_the_largest(point, forced)
        or _is_rare_identity(point)
    }


def _is_among_the_largest(point: Point, forced: Sequence[Point]) -> bool:
    """Whether it is large in dollars, beside the day's largest too, and not weak for itself."""
    largest = max(abs(one.mid_usd) for one in forced)
    least = max(LARGE_USD, AMONG_THE_LARGEST * largest)
    return not point.weak and abs(point.mid_usd) >= least


def _is_rare_identity(point: Point) -> bool:
    """Whether it is arithmetic, large, and more than such a move asks: the surest news there is."""
    return point.grade is Grade.A and point.large and point.surprise == "unusual"


def _is_bulk(point: Point, forced: Sequence[Point]) -> bool:
    whole = sum(abs(one.mid_usd) for one in forced)
    return point.side != "flat" and whole >= LARGE_USD and abs(point.mid_usd) > BULK * whole


def _worth_a_fourth(point: Point) -> bool:
    """Whether it was more than such a day brings, or very large in dollars."""
    unusual = abs(float(point.figures.get("surprise", 0.0))) >= words.SURPRISES[0][0]
    return unusual or (abs(point.mid_usd) >= LARGE_USD and point.strength == "extreme")
