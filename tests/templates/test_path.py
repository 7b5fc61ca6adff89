"""The way a day went, where it is far from where the day ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.day_shape import DayShape
from analysis.reading import Estimate
from analysis.report import FlowReport
from analysis.verdict import Label
from templates import write_commentary
from templates.note import compose
from tests.templates import reports as days
from tests.templates.dozen import DOZEN, PAST


def ran(report: FlowReport, day_return: float, first: float, high: float, low: float) -> FlowReport:
    """Return the day with that move, and that path beside the prior close; 1 % is usual."""
    shape = DayShape(
        open_return=first,
        high_return=high,
        low_return=low,
        two_day_return=None,
        prior_from_high=None,
        prior_from_low=None,
        sectors={},
    )
    past = replace(PAST, shape=shape)
    index = replace(report.index, day_return=day_return, usual_move=0.01)
    return replace(report, index=index, context=past)


def leads(report: FlowReport) -> list[list[str]]:
    """Return the lead's sentences on each of a dozen sessions."""
    return [
        [one.text for paragraph in compose(told).lead for one in paragraph.sentences]
        for told in (write_commentary(replace(report, session=session)) for session in DOZEN)
    ]


def test_a_day_that_fell_far_and_closed_higher_is_told_by_its_turn_first() -> None:
    # 13 October 2022: 2.4 % lower at its worst, 2.6 % higher at the close
    for lead in leads(ran(days.rally(), 0.026, first=-0.016, high=0.03, low=-0.024)):
        assert "2.4%" in " ".join(lead[:2])
        assert "closed up 2.6%" in " ".join(lead[:2])


def test_a_day_that_rose_far_and_closed_lower_is_told_by_its_turn_first() -> None:
    fall = days.mirrored(days.rally())
    for lead in leads(ran(fall, -0.026, first=0.016, high=0.024, low=-0.03)):
        assert "2.4%" in " ".join(lead[:2])
        assert "closed down 2.6%" in " ".join(lead[:2])


def test_forced_sales_at_the_end_of_a_day_that_rose_from_its_open_met_a_rising_market() -> None:
    # 5 August 2024: opened 3.7 % lower, closed 3 % lower
    fall = days.mirrored(days.rally())
    for lead in leads(ran(fall, -0.03, first=-0.037, high=-0.018, low=-0.0425)):
        assert "what rules had to sell by the close met a rising market" in " ".join(lead)


def test_forced_sales_whose_side_is_open_are_not_said_to_have_met_anything() -> None:
    fall = ran(days.mirrored(days.rally()), -0.03, first=-0.037, high=-0.018, low=-0.0425)
    dollars = Estimate(-40e9, -9e9, 5e9)
    open_side = replace(fall, verdict=replace(fall.verdict, mechanical_usd=dollars))
    for lead in leads(open_side):
        assert "met a" not in " ".join(lead)
        assert "opened lower still, down 3.7%, and rose from there." in " ".join(lead)


@pytest.mark.parametrize("label", [Label.MIXED, Label.QUIET])
def test_a_day_that_swung_far_and_ended_where_it_began_is_not_called_small(label: Label) -> None:
    # 24 January 2022: 4 % lower at its worst, 0.3 % higher at the close
    day = days.mixed() if label is Label.MIXED else days.quiet()
    swung = ran(day, 0.003, first=-0.012, high=0.003, low=-0.04)
    for session in DOZEN:
        note = compose(write_commentary(replace(swung, session=session)))
        assert "mall" not in note.title.text
        assert "4%" in " ".join(paragraph.text for paragraph in note.lead)


def test_a_day_that_went_straight_to_its_close_has_no_path_worth_telling() -> None:
    for lead in leads(ran(days.rally(), 0.026, first=0.008, high=0.027, low=0.001)):
        assert "2.7%" not in " ".join(lead)
