"""Terms are explained in full once a week; the other letters of the week say where."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from templates import render, write_commentary
from templates.commentary import Commentary
from templates.note import compose
from templates.reminder import reminder
from tests.templates import reports as days

MONDAY, WEDNESDAY = date(2025, 4, 7), date(2025, 4, 9)
SITE = "https://notes.example.org"


def told(session: date, site: str = SITE, level: str = "plain") -> Commentary:
    return write_commentary(replace(days.rally(), session=session), level=level, site=site)


def box(commentary: Commentary) -> list[str]:
    return [one.text for one in compose(commentary).sentences if one.id.startswith("_terms.")]


def test_mondays_note_explains_every_kind_of_trader_in_a_sentence_each() -> None:
    heading, *terms = box(told(MONDAY))

    assert heading == "The words of this week"
    assert len(terms) == 7
    assert all(term.startswith("- ") and term.count(".") == 1 for term in terms)


def test_a_quiet_monday_explains_in_fewer_words_and_only_whom_it_names() -> None:
    quiet = replace(days.quiet(), session=MONDAY)
    heading, *terms = box(write_commentary(quiet))

    assert heading == "The words of this week"
    assert len(terms) == 6
    assert sum(len(term.split()) for term in terms) <= 80
    assert not any("Long-term investors" in term for term in terms)


def test_the_rest_of_the_week_leaves_the_box_out_and_says_where_it_stands() -> None:
    wednesday = told(WEDNESDAY)
    reminded = reminder(wednesday)

    assert box(wednesday) == []
    assert reminded is not None
    assert reminded.words == "Who these traders are was explained on Monday"
    assert reminded.url == "https://notes.example.org/2025/04/07/"


@pytest.mark.parametrize("edition", ["mail", "mail_html", "discord"])
def test_letters_and_discord_link_to_mondays_note_on_wednesday_only(edition: str) -> None:
    link = "https://notes.example.org/2025/04/07/"

    assert link in render(told(WEDNESDAY), edition)
    assert "was explained on" not in render(told(MONDAY), edition)


def test_without_a_public_address_a_letter_names_the_day_and_discord_stays_silent() -> None:
    assert "was explained on Monday." in render(told(WEDNESDAY, site=""), "mail")
    assert "explained on" not in render(told(WEDNESDAY, site=""), "discord")


def test_a_week_after_a_holiday_is_explained_on_tuesday() -> None:
    reminded = reminder(told(date(2025, 1, 22)))

    assert reminded is not None
    assert reminded.words.endswith("on Tuesday")
    assert len(box(told(date(2025, 1, 21)))) == 8


def test_the_box_stands_beside_the_note_and_is_not_counted_in_its_length() -> None:
    note = compose(told(MONDAY))
    every_word = sum(len(one.text.split()) for one in note.sentences)

    assert every_word - note.words > 80


@pytest.mark.parametrize("level", ["trader", "quant"])
def test_traders_and_quants_are_spared_the_box(level: str) -> None:
    assert box(told(MONDAY, level=level)) == []


@pytest.mark.parametrize("site", ["", SITE, f"https://{'long.' * 30}example.org"])
def test_a_long_discord_post_loses_its_middle_and_never_its_standing_line(site: str) -> None:
    busy = replace(days.rally(), calendar=("quad_witching", "after_holiday"))
    for report in (busy, days.sell_off(), days.poor(), days.quiet()):
        text = render(write_commentary(report, site=site), "discord")

        assert len(text) <= 1500
        assert "\nCommentary, not advice." in text
