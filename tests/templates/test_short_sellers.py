"""What a basket of shorted stocks can say of short sellers, and where it says nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from analysis.report import FlowReport
from analysis.verdict import Label
from templates import write_commentary
from templates.note import Note
from templates.points import point_of
from templates.theme import Theme
from tests.templates import reports as days
from tests.templates.dozen import notes


def with_basket(report: FlowReport, score: float, **facts: float) -> FlowReport:
    """Return the day with those shorted names, and a verdict that rests on them."""
    shorts = days.reading("short_covering", score, surprise=score, facts=facts, caveat=days.PROOF)
    verdict = replace(
        report.verdict, label=Label.MIXED, reasons=("short_covering",), forced_surprise=0.0
    )
    calm = days.with_reading(report, days.reading("hedge_unwinding", 0.1))
    return days.with_reading(replace(calm, verdict=verdict), shorts)


def told(note: Note) -> str:
    return " ".join(one.text for one in note.sentences if one.id.startswith("short_covering"))


# 4 April 2025: the basket fell 2.1 %, small companies 4.5 %; its multiple of the year lay between
# 1.1 and 2.4, so that it should have lost 5 % at least and 10.8 % at most
SPARED = {
    "basket_return": -0.021,
    "small_companies_return": -0.045,
    "basket_excess_return": 0.059,
    "basket_beta_low": 1.11,
    "basket_beta_high": 2.42,
}
# 14 November 2023: it rose 8 %, small companies 5.5 %; between 1.33 and 2.63 times that is 7.3 %
# or 14.5 %: too much by the one, too little by the other
EITHER_WAY = {
    "basket_return": 0.08,
    "small_companies_return": 0.055,
    "basket_excess_return": -0.026,
    "basket_beta_low": 1.33,
    "basket_beta_high": 2.63,
}


@pytest.mark.parametrize(("facts", "hangs"), [(SPARED, False), (EITHER_WAY, True)])
def test_a_surprise_hangs_on_the_multiple_where_its_ends_disagree(
    facts: dict[str, float], *, hangs: bool
) -> None:
    point = point_of(days.reading("short_covering", 0.8, facts=facts), days.rally())

    assert point.hangs_on_multiple is hangs


def test_without_a_year_of_multiples_the_surprise_stands_as_it_is() -> None:
    facts = {key: value for key, value in EITHER_WAY.items() if "beta" not in key}
    point = point_of(days.reading("short_covering", 0.8, facts=facts), days.rally())

    assert not point.hangs_on_multiple


def test_where_the_multiples_agree_the_note_says_what_it_looks_like() -> None:
    for note in notes(with_basket(days.mirrored(days.rally()), 0.9, **SPARED)):
        assert re.search(
            r"On a day when small companies (lose|fall|drop) 4.5%, .* about 8%", told(note)
        )
        assert re.search("look", told(note))
        assert not re.search("conclu|no side", told(note))


def test_where_the_multiples_disagree_nothing_is_concluded_and_no_title_made() -> None:
    day = with_basket(days.rally(), -0.9, **EITHER_WAY)

    assert write_commentary(day).theme is not Theme.SHORTS
    for note in notes(day):
        assert not re.search("short|hated", note.title.text)
        assert "short_covering" not in [one.id for one in note.sections]
        assert "2.6 percentage points worse than such a day" in told(note)
        assert re.search("conclu|no side", told(note))


def test_a_basket_is_called_a_basket_and_not_what_anyone_is_short_of() -> None:
    for note in notes(with_basket(days.rally(), -0.9, **EITHER_WAY)):
        assert not re.search("are short of|bet against|habit by", told(note))


@pytest.mark.parametrize("claim", ["recent winners", "changed their minds", "getting smaller"])
def test_what_a_basket_cannot_show_is_not_claimed(claim: str) -> None:
    facts = {**SPARED, "favourites_spread_return": -0.012}
    for note in notes(with_basket(days.mirrored(days.rally()), 0.9, **facts)):
        assert claim not in told(note).lower()
