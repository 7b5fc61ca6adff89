"""Who gets a section and who a line: dollars go before a reading that concludes nothing."""

from __future__ import annotations

from analysis.report import FlowReport
from templates.points import Point, point_of
from templates.sections import sections_of
from tests.templates import reports as days


def points(*readings: tuple[str, float, float | None]) -> list[Point]:
    """Return drivers by slug, score and dollars in billions, strongest first."""
    day: FlowReport = days.rally()
    made = [
        days.reading(
            slug, score, flow_usd=None if usd is None else (0.5e9 * usd, 1e9 * usd, 2e9 * usd)
        )
        for slug, score, usd in readings
    ]
    return [point_of(one, day) for one in sorted(made, key=lambda one: -abs(one.score))]


def slugs(told: tuple[Point, ...]) -> list[str]:
    return [point.slug for point in told]


# 26 December 2018, roughly: the VIX has no yardstick, and the largest order is an ordinary one
BOXING_DAY = (
    ("dealer_gamma", 0.99, None),
    ("hedge_unwinding", 0.95, None),
    ("leveraged_etf", 0.98, 11.0),
    ("trend_following", 0.7, 11.0),
    ("vol_control", 0.8, 17.0),
)


def test_a_reading_that_concludes_nothing_does_not_take_the_place_of_dollars() -> None:
    told = slugs(sections_of(points(*BOXING_DAY), [], {"hedge_unwinding"}))

    assert "hedge_unwinding" not in told
    assert "vol_control" in told


def test_the_flows_largest_in_dollars_have_their_sections_and_the_strongest_comes_first() -> None:
    told = slugs(sections_of(points(*BOXING_DAY), [], {"hedge_unwinding"}))

    assert told == ["leveraged_etf", "vol_control", "trend_following"]


def test_large_dollars_go_before_a_reading_that_has_none() -> None:
    # 10 October 2025: 69, 51 and 20 billion, and dealers without dollars
    day = (
        ("vol_control", 0.99, 69.0),
        ("trend_following", 0.9, 51.0),
        ("hedge_unwinding", 0.8, None),
        ("dealer_gamma", 0.98, None),
        ("leveraged_etf", 0.97, 40.0),
    )
    told = slugs(sections_of(points(*day), ["hedge_unwinding"]))

    assert told[0] == "hedge_unwinding"
    assert set(told) == {"hedge_unwinding", "vol_control", "trend_following", "leveraged_etf"}


def test_a_flow_that_is_small_beside_the_largest_gets_no_fourth_section() -> None:
    small = (*BOXING_DAY[:3], ("trend_following", 0.6, 6.0), BOXING_DAY[4])
    told = slugs(sections_of(points(*small), [], {"hedge_unwinding"}))

    assert told == ["dealer_gamma", "leveraged_etf", "vol_control"]


def test_the_theme_of_the_day_still_comes_first() -> None:
    told = slugs(sections_of(points(*BOXING_DAY), ["trend_following"], {"hedge_unwinding"}))

    assert told[0] == "trend_following"
