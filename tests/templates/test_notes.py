"""Whole notes of hand-built days: what they say, in which order, and what they never say."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import textstat

from analysis.reading import Estimate
from analysis.report import FlowReport
from analysis.verdict import Side
from templates import Event, write_commentary
from templates.note import Note, compose
from tests.templates import reports as days
from tests.templates.reading_back import banned_words, plain_text, unsupported, words_of

LONGEST_NOTE, SHORTEST_NOTE = 800, 450


def note_of(report: FlowReport) -> Note:
    return compose(write_commentary(report))


def section_text(note: Note, name: str) -> str:
    section = next(one for one in note.sections if one.id == name)
    return " ".join([section.heading.text, *(paragraph.text for paragraph in section.paragraphs)])


@pytest.mark.parametrize("report", days.all_days())
def test_every_figure_is_a_fact_of_its_sentence(report: FlowReport) -> None:
    commentary = write_commentary(report)
    told = [one for one in compose(commentary).sentences if not one.id.startswith("_known")]

    assert {
        one.id: unsupported(one, commentary) for one in told if unsupported(one, commentary)
    } == {}


@pytest.mark.parametrize("report", days.all_days())
def test_a_note_is_easy_to_read_and_uses_no_banned_word(report: FlowReport) -> None:
    text = plain_text(note_of(report))

    assert textstat.flesch_kincaid_grade(text) <= 10
    assert banned_words(text) == []
    assert "  " not in text


@pytest.mark.parametrize("report", [days.rally(), days.sell_off(), days.mirrored(days.rally())])
def test_a_full_day_takes_about_two_minutes_to_read(report: FlowReport) -> None:
    assert SHORTEST_NOTE <= words_of(note_of(report)) <= LONGEST_NOTE


def test_a_quiet_day_gets_a_short_note_that_says_so() -> None:
    note = note_of(days.quiet())

    assert 130 <= words_of(note) <= 250
    assert re.search(
        "quiet|calm|sleepy|still|nothing much|little|not much|small|hardly",
        note.title.text,
        re.IGNORECASE,
    )
    assert not [section for section in note.sections if section.number]


def test_a_poor_day_says_first_what_could_not_be_seen() -> None:
    note = note_of(days.poor())

    assert note.lead[0].text.startswith(
        "First, what we could not see: dealer gamma, leveraged-ETF rebalancing, real money and "
        "short covering. That leaves three of our seven measures"
    )
    assert "for want of prices of enough heavily shorted names" in section_text(note, "also")


def test_the_arc_of_a_full_day_is_lead_drivers_missing_odds_claims_sources() -> None:
    note = note_of(days.rally())

    assert [section.id for section in note.sections] == [
        "leveraged_etf",
        "dealer_gamma",
        "trend_following",
        "vol_control",
        "also",
        "attribution",
        "real_money",
        "stick",
        "checkable",
        "known",
    ]


def test_titles_are_claims_of_about_eight_words() -> None:
    for report in days.all_days():
        title = note_of(report).title.text

        assert 5 <= len(title.split()) <= 11, title
        assert "?" not in title


def test_an_identity_says_had_to_and_gives_its_range() -> None:
    text = section_text(note_of(days.rally()), "leveraged_etf")

    assert "they had to" in text
    assert "$29 billion" in text
    assert "$8.4 billion to $32 billion" in text


def test_a_model_is_told_as_a_model() -> None:
    for slug in ("dealer_gamma", "vol_control"):
        assert "models" in section_text(note_of(days.rally()), slug).lower()


def test_an_inference_looks_like_and_names_the_day_of_its_proof() -> None:
    idle = days.reading("trend_following", 0.1, flow_usd=(1e8, 2e8, 4e8))
    calm = days.with_reading(days.rally(), days.reading("hedge_unwinding", 0.1))
    text = section_text(note_of(days.with_reading(calm, idle)), "short_covering")

    assert "looks like" in text.lower() or "look of" in text.lower()
    assert "cannot be confirmed before 25 April 2025" in text
    assert "had to" not in text


def test_hedges_that_stayed_on_are_told_as_what_the_rally_was_not() -> None:
    text = section_text(note_of(days.little_forced(days.rally())), "hedge_unwinding")

    assert "47%" in text
    assert "36%" in text
    assert re.search("held on to|kept|stayed|still wanted", text)


def test_hedges_that_were_bought_in_a_fall_are_told_as_such() -> None:
    text = section_text(note_of(days.sell_off()), "hedge_unwinding")

    assert "26%" in text
    assert "65%" in text
    assert "puts" in text


@pytest.mark.parametrize(
    ("surprise", "told"),
    [
        (0.1, "brings it|takes about that|calls for it"),
        (0.9, "moves of this size (ask|call|take)|Most (other )?moves|Most days like it"),
    ],
)
def test_what_such_a_move_always_brings_is_told_apart_from_what_is_unusual(
    surprise: float, told: str
) -> None:
    funds = days.reading("leveraged_etf", 0.99, surprise=surprise, flow_usd=(8e9, 29e9, 32e9))

    assert re.search(
        told, section_text(note_of(days.with_reading(days.mixed(), funds)), funds.slug)
    )


def test_gamma_with_conventions_that_disagree_takes_no_side() -> None:
    disputed = days.reading(
        "dealer_gamma",
        0.7,
        surprise=0.9,
        flow_usd=(-3e9, 1e9, 6e9),
        facts={"conventions_agree": 0.0, "gamma_usd_per_pct": 1e9},
    )
    text = section_text(note_of(days.with_reading(days.rally(), disputed)), "dealer_gamma")

    assert "we take no side" in text
    assert "about $3 billion of selling" in text
    assert "about $6 billion of buying" in text


def test_a_driver_without_words_of_its_own_is_still_spoken_for() -> None:
    text = section_text(note_of(days.with_stranger(days.rally())), "pension_rebalancing")

    assert "Pension rebalancing: extreme selling" in text
    assert "Models put its selling at about $10 billion" in text


def test_the_news_is_named_only_from_the_operators_file() -> None:
    event = Event(words="tariffs were put on hold for ninety days", source="Reuters")
    without = plain_text(note_of(days.rally()))
    told = plain_text(compose(write_commentary(days.rally(), [event])))

    assert "tariffs" not in without
    assert "The news came first: tariffs were put on hold for ninety days (Reuters)." in told


def test_the_rest_of_the_move_is_printed() -> None:
    assert "9.3 percentage points" in section_text(note_of(days.rally()), "attribution")


def test_without_volume_nothing_is_put_down_to_forced_trades() -> None:
    day = days.rally()
    blind = replace(
        day,
        attribution=days.explained(day.index.day_return, 0.0),
        verdict=replace(day.verdict, mechanical_share_of_volume=None),
    )

    assert "Without the day's volume" in section_text(note_of(blind), "attribution")


def test_the_base_rate_comes_with_its_count_and_margin() -> None:
    text = section_text(note_of(days.rally()), "stick")

    assert "46%" in text
    assert "505" in text
    assert "four points" in text


def test_forced_flow_against_the_move_is_not_said_to_have_stretched_it() -> None:
    day = days.rally()
    sold = Estimate(-66.1e9, -31.4e9, -9.2e9)
    against = replace(day, verdict=replace(day.verdict, side=Side.SELLING, mechanical_usd=sold))
    lead = " ".join(paragraph.text for paragraph in note_of(against).lead)

    assert re.search("(leaned|pulled) against the rise", lead)
    assert "stretched" not in lead
    assert "how far" not in lead


def test_the_sentences_of_a_note_have_ids_rules_and_no_two_share_one() -> None:
    sentences = list(note_of(days.rally()).sentences)

    assert len({sentence.id for sentence in sentences}) == len(sentences)
    assert all(sentence.rule for sentence in sentences)
    flow = next(s for s in sentences if s.id == "leveraged_etf.flow.buying")
    assert flow.rule == "point.buying and dollars"
    assert dict(flow.facts)["leveraged_etf.mid_usd"] == 28.9e9


def test_a_large_move_without_enough_past_is_not_called_small() -> None:
    young = replace(days.rally(), odds=())
    text = section_text(note_of(young), "stick")

    assert "Too few days of this kind" in text
    assert "less than one per cent" not in text
