"""What a revision changed, figure by figure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.site.entries import DriverLine, Facts
from templates.site.frame import driver_title, signed, signed_pct, signed_usd, verdict_words

NOTHING = "\N{EN DASH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure before and after, ready to print."""

    name: str
    before: str
    after: str


def changes_between(first: Facts, later: Facts) -> list[Change]:
    """Return the main figures that differ as they are printed."""
    pairs = [
        ("Title", first.title, later.title),
        ("Verdict", _verdict(first), _verdict(later)),
        ("S&P 500", signed_pct(first.day_return), signed_pct(later.day_return)),
    ]
    for one in later.drivers:
        pairs += _driver_pairs(one.slug, first.driver(one.slug), one)
    return [Change(name=name, before=was, after=now) for name, was, now in pairs if was != now]


def _verdict(facts: Facts) -> str:
    return verdict_words(facts.label, facts.side)


def _driver_pairs(
    slug: str, was: DriverLine | None, now: DriverLine | None
) -> list[tuple[str, str, str]]:
    title = driver_title(slug)
    return [
        (f"{title}, score", _score(was), _score(now)),
        (f"{title}, likely flow", _flow(was), _flow(now)),
    ]


def _score(one: DriverLine | None) -> str:
    return signed(one.score) if one is not None and one.measured else NOTHING


def _flow(one: DriverLine | None) -> str:
    return NOTHING if one is None or one.mid_usd is None else signed_usd(one.mid_usd)
