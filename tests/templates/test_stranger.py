"""What a stranger would have stumbled over: each line of a note that once misled, held right."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from analysis.attribution import Attribution
from analysis.reading import Estimate
from analysis.report import FlowReport
from analysis.verdict import Label, Side
from templates import write_commentary
from templates.note import Note, compose
from tests.templates import reports as days

WEEK = [date(2025, 4, day) for day in (7, 8, 9, 10, 11, 14, 15, 16, 17, 21, 22, 23)]
"""A dozen sessions: a claim about words is tried on a dozen wordings."""


def note_of(report: FlowReport) -> Note:
    return compose(write_commentary(report))


def told(report: FlowReport, prefix: str) -> str:
    """Return what the sentences of a day say whose ids begin so, over a dozen sessions."""
    return " ".join(
        sentence.text
        for session in WEEK
        for sentence in note_of(replace(report, session=session)).sentences
        if sentence.id.startswith(prefix)
    )


def moved(report: FlowReport, day_return: float, usual_move: float) -> FlowReport:
    index = replace(report.index, day_return=day_return, usual_move=usual_move)
    return replace(report, index=index)


def all_blind() -> FlowReport:
    day = days.poor()
    return replace(day, readings=tuple(days.unmeasured(one.slug) for one in day.readings))


def test_a_day_without_any_measure_says_none_and_not_no_of_seven() -> None:
    text = " ".join(one.text for one in note_of(all_blind()).sentences)

    assert "None of our seven measures" in text
    assert "no of" not in text
    assert "What follows is what we could measure" not in text


def test_forced_dollars_that_bought_are_called_buying_whatever_the_scores_say() -> None:
    day = days.rally()
    unclear = replace(
        day,
        verdict=replace(
            day.verdict,
            label=Label.UNCLEAR,
            side=Side.SELLING,
            mechanical_usd=Estimate(5e9, 11e9, 14e9),
        ),
    )

    assert "forced buying" in told(unclear, "_lead.forced")
    assert "forced selling" not in told(unclear, "_lead.forced")


def test_small_companies_that_fell_are_said_to_have_fallen_and_by_how_much() -> None:
    squeeze = days.reading(
        "short_covering",
        0.9,
        facts={
            "basket_return": 0.19,
            "basket_excess_return": 0.21,
            "small_companies_return": -0.019,
        },
        caveat=days.PROOF,
    )
    day = days.with_reading(days.mirrored(days.mixed()), squeeze)

    assert "while small companies fell 1.9%" in told(day, "short_covering.basket")
    assert "did not rise" not in told(day, "short_covering.basket")


def test_a_part_of_the_move_cannot_be_read_as_a_part_of_that_part() -> None:
    text = told(days.rally(), "_attribution.explained")

    assert "0.24%" in text
    assert "where it rose 9.5%" in text
    assert "0.24% of the" not in text


def test_a_range_across_zero_says_that_even_the_side_is_not_certain() -> None:
    across = Attribution(
        day_return=0.0952,
        explained_return=Estimate(-0.002, 0.0016, 0.005),
        by_driver={"leveraged_etf": 0.0016},
        residual_return=0.0936,
    )
    text = told(replace(days.rally(), attribution=across), "_attribution.explained")

    assert "a 0.2% fall to a 0.5% rise" in text
    assert " down to " not in text


@pytest.mark.parametrize("up", [True, False], ids=["rise", "fall"])
def test_a_loud_move_is_called_small_only_beside_the_months_before(*, up: bool) -> None:
    day = days.rally() if up else days.mirrored(days.rally())
    loud = moved(day, 0.016 if up else -0.016, usual_move=0.036)
    quiet = replace(loud, verdict=replace(loud.verdict, label=Label.QUIET))

    for told_day in (loud, quiet):
        tape = told(told_day, "_lead.tape")
        assert re.search("three months|calmer times", tape)
        assert not re.search("hardly moved|Little moved|a mere|Not much", told(told_day, "_lead.t"))


def test_fear_that_fell_is_not_called_a_jump() -> None:
    relief = days.reading(
        "hedge_unwinding",
        0.95,
        surprise=0.9,
        facts={"vix_change": -0.35, "expected_vix_change": -0.2, "vix_gap": -0.2},
    )
    text = told(days.with_reading(days.rally(), relief), "hedge_unwinding.")

    assert "jump" not in text


def test_members_that_nearly_all_fell_are_not_counted_as_zero_per_cent() -> None:
    crash = days.with_reading(
        days.mirrored(days.rally()),
        days.reading("real_money", -0.8, facts={"participation": 0.9, "breadth": 0.0}),
    )
    text = told(crash, "real_money.breadth")

    assert "0%" not in text
    assert re.search("Hardly a member|Next to no member|Nearly every member", text)


def test_large_flows_that_get_only_a_line_carry_their_range() -> None:
    wild = days.reading("vol_control", -0.9, surprise=0.0, flow_usd=(-112e9, -80e9, -48e9))
    text = told(days.with_reading(days.rally(), wild), "vol_control.also")

    assert text == "" or "$48 billion to $110 billion" in text
    line = told(days.with_reading(days.mixed(), wild), "vol_control.")
    assert "$48 billion to $110 billion" in line


def test_dollars_sized_on_a_later_year_say_so() -> None:
    early = replace(days.rally(), session=date(2012, 3, 6))
    preface = note_of(early).preface

    assert preface is not None
    assert "fund sizes are those of other years" in preface.text
    assert "other years" not in " ".join(one.text for one in note_of(days.rally()).sentences)


def flat_with_chips_down() -> FlowReport:
    funds = days.reading(
        "leveraged_etf",
        -0.92,
        surprise=-0.9,
        flow_usd=(-15.1e9, -13.6e9, -3.9e9),
        facts={
            "identity_usd": -15.1e9,
            "bucket_semis_usd": -10.2e9,
            "bucket_ndx_usd": -3.2e9,
            "covered_fraction": 0.92,
            "backcast_fraction": 1.0,
        },
    )
    day = days.with_reading(days.mixed(), funds)
    day = moved(day, 0.0001, 0.008)
    return replace(day, verdict=replace(day.verdict, side=Side.SELLING))


def test_funds_that_sell_on_a_flat_day_are_said_to_follow_chip_makers_that_fell() -> None:
    text = told(flat_with_chips_down(), "leveraged_etf.")

    assert "The S&P 500 stood still, but chip makers fell" in text
    assert "its own index and not of the S&P 500" in text
    assert "After a fall" not in text


def test_a_flat_day_with_a_large_reset_has_it_in_the_title() -> None:
    assert "$14 billion had to be sold" in told(flat_with_chips_down(), "_lead.title")


def test_signs_that_disagree_are_named_with_what_each_speaks_for() -> None:
    mixed = days.mixed()
    split = replace(mixed, verdict=replace(mixed.verdict, forced_surprise=-0.7, participation=0.2))
    text = told(split, "_lead.turn")

    assert "fewer stocks joined in" in text.lower()
    assert "forced orders were smaller" in text.lower()
    assert "We take no side" not in text


def test_orders_that_went_against_the_move_are_not_called_smaller_than_usual() -> None:
    mixed = days.mixed()
    against = replace(
        mixed,
        verdict=replace(
            mixed.verdict,
            side=Side.SELLING,
            mechanical_usd=Estimate(-9e9, -5e9, -1e9),
            forced_surprise=-0.9,
            participation=0.2,
        ),
    )

    assert "forced orders went the other way" in told(against, "_lead.turn").lower()
    assert "smaller than" not in told(against, "_lead.turn")


def test_a_share_of_trading_that_no_day_could_hold_is_said_to_take_longer() -> None:
    day = days.rally()
    heavy = replace(
        day,
        verdict=replace(day.verdict, mechanical_share_of_volume=Estimate(0.5, 1.0, 1.7)),
    )

    text = told(heavy, "_lead.share")
    assert re.search("more than the one day|more than fits in a single day", text)
    assert "of the dollar volume" not in text


def test_a_thin_turnout_alone_is_not_called_force() -> None:
    mixed = days.mixed()
    thin = replace(mixed, verdict=replace(mixed.verdict, forced_surprise=0.0, participation=0.2))
    quiet_dealers = days.reading("dealer_gamma", 0.05)
    text = told(days.with_reading(thin, quiet_dealers), "_lead.turn")

    assert "does not make a day forced" in text
    assert "look of force" not in text
