"""What a note concludes from the VIX, and when it concludes nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from analysis.report import FlowReport
from analysis.verdict import Label
from templates import write_commentary
from templates.facts import named_figures
from templates.note import Note
from templates.theme import Theme
from templates.vix_line import Doubt, doubt_of
from tests.templates import reports as days
from tests.templates.dozen import notes


def doubt(day_return: float, *, lagged: bool = False, record: bool = False, **vix: float) -> Doubt:
    """Return the doubt about a VIX that moved so, from ``before`` points."""
    change, expected, before = vix["change"], vix["expected"], vix["before"]
    figures = named_figures(
        {
            "vix_change": (change, "fraction"),
            "expected_vix_change": (expected, "fraction"),
            "vix_shortfall": (change - expected, "fraction"),
            "expected_points": (expected * before, "points"),
            "gap_points": ((change - expected) * before, "points"),
            "fitted_reach_return": (vix["reach"], "fraction"),
            "vix_week_before": (vix.get("week", 0.0), "points"),
        }
    )
    return doubt_of(figures, day_return, lagged=lagged, record=record)


def test_a_rise_larger_than_any_of_the_year_leaves_the_vix_without_a_yardstick() -> None:
    # 9 April 2025: the largest rise of the year before was 2.5 %, and the line is 73 % stretch:
    # 34 points of the 47 % it expects, so a gap of 11 points says nothing
    found = doubt(0.0952, change=-0.36, expected=-0.47, reach=0.0253, before=52.3, lagged=True)

    assert found is Doubt.STRETCHED


def test_a_vix_far_outside_the_stretch_may_be_read_all_the_same() -> None:
    # 5 August 2024: the largest fall of the year before was 2.3 %, so 6 of the 26 points expected
    # are stretch; the VIX rose 39 points more
    assert doubt(-0.03, change=0.65, expected=0.26, reach=0.0231, before=23.4) is Doubt.NONE


def test_a_move_within_those_of_the_year_is_no_stretch() -> None:
    assert doubt(-0.0295, change=0.74, expected=0.34, reach=0.03, before=15.9) is Doubt.NONE


def test_half_a_point_of_the_vix_is_no_news_however_calm_the_market() -> None:
    # 6 October 2017: 9.2 to 9.7, where a rise of 0.1 was expected
    assert doubt(-0.0011, change=0.05, expected=0.013, reach=0.018, before=9.2) is Doubt.SMALL


def test_a_vix_that_fell_all_week_need_not_fall_again() -> None:
    # 24 March 2020: 32 % of 61.6 is 20 points, and it had come down 21 in the five sessions before
    def after(week: float) -> Doubt:
        return doubt(
            0.0938, lagged=True, week=week, change=0.001, expected=-0.32, reach=0.0929, before=61.6
        )

    assert after(-21.1) is Doubt.AHEAD
    assert after(21.1) is Doubt.NONE


def test_a_vix_is_not_called_slow_on_a_day_of_its_own_record() -> None:
    found = doubt(
        0.03, lagged=True, record=True, change=-0.2, expected=-0.3, reach=0.04, before=20.0
    )

    assert found is Doubt.RECORD


def with_vix(report: FlowReport, score: float, **facts: float) -> FlowReport:
    """Return the day with that reading of the hedges, its label open."""
    told = days.with_reading(
        report, days.reading("hedge_unwinding", score, surprise=score, facts=facts)
    )
    return replace(told, verdict=replace(told.verdict, label=Label.MIXED, forced_surprise=0.0))


def text_of(note: Note, prefix: str) -> str:
    return " ".join(one.text for one in note.sentences if one.id.startswith(prefix))


STRETCHED = with_vix(
    days.rally(), -0.9, vix_change=-0.36, expected_vix_change=-0.47, fitted_reach_return=0.0253
)


def test_a_vix_without_a_yardstick_is_neither_title_nor_section() -> None:
    for note in notes(STRETCHED):
        assert not re.search("VIX|insurance|fear", note.title.text)
        assert "hedge_unwinding" not in [one.id for one in note.sections]
        line = text_of(note, "hedge_unwinding.also")
        assert re.search("no conclusion|conclude nothing|read nothing", line)


@pytest.mark.parametrize("word", ["thin ice", "lean on it", "line of a year", "link"])
def test_a_vix_without_a_yardstick_is_told_in_plain_words(word: str) -> None:
    for note in notes(STRETCHED):
        assert word not in text_of(note, "hedge_unwinding")


def test_a_vix_far_outside_the_stretch_carries_the_title_with_the_stretch_beside_it() -> None:
    fall = replace(
        days.mirrored(days.rally()),
        index=replace(
            days.rally().index, day_return=-0.03, vix_close=38.6, vix_change=15.2, usual_move=0.0073
        ),
    )
    wild = with_vix(
        fall, -0.95, vix_change=0.65, expected_vix_change=0.26, fitted_reach_return=0.0231
    )

    assert write_commentary(wild).theme is Theme.HEDGES
    for note in notes(wild):
        assert "no fall of the past year was this large" in text_of(note, "_lead.turn")
        assert re.search("26% is a stretch; but 65% is far", text_of(note, "hedge_unwinding"))


def test_a_close_is_not_said_to_know_who_bought_the_insurance() -> None:
    for note in notes(days.sell_off()):
        assert "everyone wants insurance" not in text_of(note, "")
        assert "close cannot tell" in text_of(note, "")


def test_new_puts_and_options_already_held_are_told_apart_where_dealers_have_no_side() -> None:
    dealers = days.reading(
        "dealer_gamma",
        -0.8,
        facts={"negative_probability": 0.876, "negative_probability_before": 0.25},
    )

    for note in notes(days.with_reading(days.sell_off(), dealers)):
        assert re.search("for the options dealers .* no side can be named", text_of(note, "hedge"))


def test_a_vix_that_had_fallen_all_week_is_told_with_that_week() -> None:
    rise = replace(
        days.rally(),
        index=replace(
            days.rally().index, day_return=0.0938, vix_close=61.7, vix_change=0.1, usual_move=0.0316
        ),
    )
    told = with_vix(
        rise,
        -0.9,
        vix_change=0.001,
        expected_vix_change=-0.32,
        fitted_reach_return=0.0929,
        vix_week_before=-21.1,
    )

    for note in notes(told):
        assert not re.search("VIX|insurance", note.title.text)
        assert re.search("(fallen|come down) 21.1 points", text_of(note, "_lead.vix_week"))


def test_a_small_gap_in_a_calm_market_is_not_called_insurance_being_bought() -> None:
    calm = days.with_reading(
        days.quiet(),
        days.reading(
            "hedge_unwinding",
            -0.8,
            facts={"vix_change": 0.05, "expected_vix_change": 0.013},
        ),
    )

    for note in notes(calm):
        assert not re.search("fear|insur", note.title.text)
        assert "within a point" in text_of(note, "hedge_unwinding.also")
