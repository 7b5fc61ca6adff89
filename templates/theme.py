"""The one thought a full note is about: title, lead and first section follow from it.

Each theme is a rule on what the report found, tried in an order that lets the verdict's
weightiest witness speak first and what does not follow from the size of the move before
what does.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from analysis.verdict import Label
from templates.signs import CLEAR_SURPRISE, CROWD, THIN

if TYPE_CHECKING:
    from templates.commentary import Commentary
    from templates.points import Point


class Theme(StrEnum):
    """What the note is about."""

    HEDGES = "hedges"
    """The VIX did not move as the index explains."""
    SHORTS = "shorts"
    """Heavily shorted shares did not move as small companies explain."""
    DEALERS = "dealers"
    """Option dealers chased the move, or leaned against it."""
    RESET = "reset"
    """Leveraged funds had more to do than such a move asks of them."""
    TREND = "trend"
    """Trend followers were busy on a small day."""
    THIN = "thin"
    """Fewer stocks joined in than such a move brings."""
    CROWD = "crowd"
    """More stocks joined in than such a move brings."""
    HEAVY = "heavy"
    """Forced orders were a larger part of the day than such a move brings."""
    LIGHT = "light"
    """They were a smaller part, or went the other way."""
    BOTH = "both"
    """Heavy forced orders and a crowd at once."""
    FORCED = "forced"
    """The signs of force outweigh, with none in front."""
    CHOSEN = "chosen"
    """The signs of choice outweigh, with none in front."""
    SPLIT = "split"
    """Clear signs on both sides."""
    SIGN = "sign"
    """One clear sign, not enough to name a side."""
    PLAIN = "plain"
    """Nothing stands out."""


ABOUT = {
    Theme.HEDGES: "hedge_unwinding",
    Theme.SHORTS: "short_covering",
    Theme.DEALERS: "dealer_gamma",
    Theme.RESET: "leveraged_etf",
    Theme.TREND: "trend_following",
}
"""The driver that a theme speaks of; its section stands first."""

WITNESSES = {
    "hedge_unwinding": Theme.HEDGES,
    "short_covering": Theme.SHORTS,
    "dealer_gamma": Theme.DEALERS,
}
"""The theme of each driver whose evidence does not follow from the move."""

PUSHERS = ("leveraged_etf", "trend_following", "vol_control", "dealer_gamma")
"""Drivers that the lead can name as having done more than usual, in this order."""


def theme_of(day: Commentary) -> Theme:
    """Return the thought that the day's note is about."""
    rules = {Label.MECHANICAL: _forced, Label.CONVICTION: _chosen}
    found = _small(day) if day.small else rules.get(day.report.verdict.label, _open)(day)
    return next(found)


def pushing(day: Commentary) -> list[Point]:
    """Return the drivers that went with the move and did more than such a move asks of them."""
    known = (day.by_slug.get(slug) for slug in PUSHERS)
    return [
        point
        for point in known
        if point is not None
        and point.with_tape
        and not point.disputed
        and point.surprise in ("heavier", "unusual")
    ]


def _forced(day: Commentary) -> Iterator[Theme]:
    reason = day.leading
    if reason in WITNESSES and _speaks(day, reason):
        yield WITNESSES[reason]
    if reason == "participation" and day.participated <= THIN:
        yield Theme.THIN
    if day.forced_surprise >= CLEAR_SURPRISE:
        yield Theme.HEAVY
    yield Theme.FORCED


def _chosen(day: Commentary) -> Iterator[Theme]:
    reason = day.leading
    if reason in WITNESSES and _speaks(day, reason):
        yield WITNESSES[reason]
    if reason == "participation" and day.participated >= CROWD:
        yield Theme.CROWD
    light = day.forced_surprise <= -CLEAR_SURPRISE
    if light and day.leans_against:
        yield Theme.LIGHT
    # A sum lighter than usual is a weak thought where one of its parts was heavy.
    if pushing(day):
        yield from _against(day)
    if light:
        yield Theme.LIGHT
    yield Theme.CHOSEN


def _open(day: Commentary) -> Iterator[Theme]:
    yield from _against(day)
    if day.forced_surprise >= CLEAR_SURPRISE and day.participated >= CROWD:
        yield Theme.BOTH
    if _stands(day, "hedge_unwinding"):
        yield Theme.HEDGES
    reset = day.by_slug.get("leveraged_etf")
    if reset is not None and reset.with_tape and reset.large and _rare_order(reset):
        yield Theme.RESET
    yield from _by_signs(day)


def _rare_order(reset: Point) -> bool:
    """Say whether an order sized in its own time was more than such a move asks for."""
    return reset.surprise == "unusual" and not reset.sized_afterwards


def _small(day: Commentary) -> Iterator[Theme]:
    for slug in ("hedge_unwinding", "short_covering", "trend_following"):
        if _stands(day, slug):
            yield ABOUT_SLUG[slug]
    label = day.report.verdict.label
    if label is Label.MECHANICAL:
        yield Theme.FORCED
    if label is Label.CONVICTION:
        yield Theme.CHOSEN
    yield from _by_signs(day)


def _against(day: Commentary) -> Iterator[Theme]:
    """Yield the witnesses that speak loudly against the index."""
    for slug in ("hedge_unwinding", "short_covering"):
        if _stands(day, slug) and day.by_slug[slug].with_tape is False:
            yield WITNESSES[slug]


def _by_signs(day: Commentary) -> Iterator[Theme]:
    signs = day.signs
    if signs.forced and signs.chosen:
        yield Theme.SPLIT
    if signs.forced or signs.chosen:
        yield Theme.SIGN
    yield Theme.PLAIN


def _stands(day: Commentary, slug: str) -> bool:
    point = day.by_slug.get(slug)
    return point is not None and point.big and _speaks(day, slug)


def _speaks(day: Commentary, slug: str) -> bool:
    """Say whether a witness takes a side that may be told as the thought of the day."""
    point = day.by_slug.get(slug)
    if point is None or point.disputed or point.hangs_on_multiple or point.side == "flat":
        return False
    return slug != "hedge_unwinding" or day.vix_trusted


ABOUT_SLUG = {slug: theme for theme, slug in ABOUT.items()}
"""The theme of each driver that a theme can be about."""
