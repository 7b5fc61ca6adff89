"""What a reader may choose, and reading it from a form or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from zoneinfo import available_timezones

from bot.errors import BadArgumentError
from bot.ledger.subscribers import Preferences

DAILY, WEEKLY, BIG_DAYS = "daily", "weekly", "big"

CADENCES = (
    (DAILY, "Every trading day", "One note an evening, about two minutes."),
    (WEEKLY, "Weekly digest", "One mail when the week is over, with its notes in short."),
    (BIG_DAYS, "Big days only", "Days on which the S&P 500 moved at least twice its usual move."),
)
TOLD = (
    ("plain", "Plain", "For everyone: terms are explained where they are used."),
    ("trader", "Trader", "The same, with the most unusual figures beside it."),
    ("quant", "Quant", "The same, with every figure and formula."),
)
HOURS = range(24)

CADENCE_NAMES = tuple(name for name, _, _ in CADENCES)
LEVEL_NAMES = tuple(name for name, _, _ in TOLD)

AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
)


class ChoiceError(BadArgumentError):
    """Something was chosen that is not on offer."""


def choices_of(fields: Mapping[str, str], before: Preferences) -> Preferences:
    """Return preferences as a form gives them; what it leaves out stays as it was.

    An unticked box is not sent, so ``text_only`` is what is ticked now.

    Raises
    ------
    ChoiceError
        With what is not on offer and what is.
    """
    return replace(
        before,
        cadence=cadence_of(fields.get("cadence", before.cadence)),
        level=level_of(fields.get("level", before.level)),
        zone=zone_of(fields.get("zone", before.zone)),
        hour=hour_of(fields["hour"]) if "hour" in fields else before.hour,
        text_only=fields.get("text_only") == "yes",
    )


def cadence_of(text: str) -> str:
    """Return a cadence, or say which there are."""
    return _one_of(text, CADENCE_NAMES, "cadence")


def level_of(text: str) -> str:
    """Return a level, or say which there are."""
    return _one_of(text, LEVEL_NAMES, "level")


def _one_of(text: str, names: tuple[str, ...], what: str) -> str:
    if text not in names:
        raise ChoiceError(f"there is no {what} {shown(text)}; choose {', '.join(names)}")
    return text


def zone_of(text: str) -> str:
    """Return an IANA time zone that this machine knows."""
    if text not in _zones():
        raise ChoiceError(
            f"there is no time zone {shown(text)}; use an IANA name such as Europe/Berlin"
        )
    return text


def hour_of(text: str) -> int | None:
    """Return an hour of the day, or None for an empty text: at publication.

    >>> hour_of("7"), hour_of("07:00"), hour_of("")
    (7, 7, None)
    """
    if not text:
        return None
    whole = text.removesuffix(":00")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 2 and int(whole) in HOURS):
        raise ChoiceError(f"there is no hour {shown(text)}; choose 0 to 23, or none")
    return int(whole)


def shown(text: str) -> str:
    """Return what somebody wrote, short and on one line, to be repeated in a message."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zones_by_area(also: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones on offer by area, each with the name of its city.

    ``also`` is offered too, whatever it is: a reader's own zone must not be lost by saving.
    """
    offered = {zone for zone in _zones() if zone.partition("/")[0] in AREAS} | {also, "UTC"}
    areas: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(offered):
        area, _, city = zone.partition("/")
        areas.setdefault(area if city else "Other", []).append(
            (zone, (city or zone).replace("_", " ").replace("/", ", "))
        )
    return sorted(areas.items(), key=lambda area: (area[0] == "Other", area[0]))
