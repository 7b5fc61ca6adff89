"""A note is one argument: title, lead and first section agree, and its clues are introduced."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from analysis.context import Settled, Since
from analysis.reading import Estimate
from analysis.report import FlowReport
from analysis.verdict import Label, Side
from templates import render, write_commentary
from templates.note import Note, compose
from templates.theme import Theme
from tests.templates import reports as days
from tests.templates.dozen import PAST, notes


def lead(note: Note) -> str:
    return " ".join(paragraph.text for paragraph in note.lead)


def section(note: Note, name: str) -> str:
    found = next(one for one in note.sections if one.id == name)
    return " ".join([found.heading.text, *(paragraph.text for paragraph in found.paragraphs)])


def kept(*, participation: float) -> FlowReport:
    """Return a rise on which the VIX stayed too high, with that many along."""
    day = days.rally()
    return replace(
        day,
        index=replace(day.index, usual_move=0.04),
        verdict=replace(
            day.verdict,
            label=Label.MIXED,
            participation=participation,
            forced_surprise=0.0,
            reasons=("hedge_unwinding",),
        ),
    )


@pytest.mark.parametrize("turned", [False, True], ids=["rise", "fall"])
def test_breadth_and_the_vix_are_said_to_disagree_where_they_do(*, turned: bool) -> None:
    day = kept(participation=0.8)
    day = days.mirrored(day) if turned else day

    for note in notes(day):
        assert re.search("clues? disagrees?", lead(note))
        assert "people who chose to come" not in section(note, "real_money")
        assert re.search("The VIX (says|disagrees|does not)", section(note, "real_money"))


def test_a_record_move_of_the_vix_is_told_and_never_called_slow() -> None:
    day = kept(participation=0.5)
    past = replace(PAST, vix_move_since=Since(on=None, sessions=5000))
    note = compose(write_commentary(replace(day, context=past)))

    assert re.search("no larger fall of it|never fell as far", lead(note))
    assert "less than it should have" not in lead(note)


def test_dealers_who_changed_sides_during_the_day_are_given_none() -> None:
    dealers = days.reading(
        "dealer_gamma",
        -0.8,
        surprise=-0.5,
        facts={"negative_probability": 0.876, "negative_probability_before": 0.25},
    )
    for note in notes(days.with_reading(days.rally(), dealers)):
        told = " ".join(one.text for one in note.sentences if one.id.startswith("dealer_gamma"))
        assert re.search("changed sides|switched sides|turned round|no side", told)
        assert "against the rise" not in told


def test_breadth_and_the_vix_that_agree_are_not_set_against_each_other() -> None:
    for note in notes(kept(participation=0.5)):
        assert "disagree" not in lead(note)


def test_many_stocks_on_few_shares_are_told_as_both() -> None:
    light = days.reading(
        "real_money",
        0.7,
        facts={"participation": 0.8, "breadth": 0.97, "relative_volume": 0.82},
    )
    day = days.with_reading(days.rally(), light)
    calm = days.with_reading(day, days.reading("hedge_unwinding", 0.1))

    for note in notes(calm):
        text = section(note, "real_money")
        assert re.search("light volume|not on much volume|fewer shares", text)
        assert re.search("half a sign|weaker sign|less about choice", text + lead(note))


def test_what_the_title_claims_is_the_first_section() -> None:
    for note in notes(kept(participation=0.5)):
        assert re.search("VIX|insurance", note.title.text)
        assert re.search("VIX|insurance", lead(note))
        assert note.sections[0].id == "hedge_unwinding"


def test_a_note_about_the_crowd_begins_with_who_took_part() -> None:
    day = days.rally()
    verdict = replace(
        day.verdict, label=Label.CONVICTION, reasons=("participation",), forced_surprise=0.0
    )

    for note in notes(replace(day, verdict=verdict)):
        assert [one.id for one in note.sections][:2] == ["real_money", "leveraged_etf"]
        assert [one.id for one in note.sections].count("real_money") == 1


def test_most_of_the_forced_dollars_never_stand_in_a_line() -> None:
    day = days.rally()
    for slug in ("trend_following", "vol_control"):
        day = days.with_reading(day, days.reading(slug, 0.1, flow_usd=(1e9, 2e9, 3e9)))
    ordinary = days.reading("leveraged_etf", 0.3, surprise=0.0, flow_usd=(6e9, 23e9, 26e9))

    for note in notes(days.with_reading(day, ordinary)):
        assert "leveraged_etf" in {one.id for one in note.sections}
        assert "leveraged_etf.also" not in " ".join(one.id for one in note.sentences)


def test_the_sum_says_who_is_in_it_and_who_is_not() -> None:
    for note in notes(days.rally()):
        told = lead(note)
        for crowd in ("leveraged funds", "trend followers", "volatility-control funds"):
            assert crowd in told
        left_out = next((one for one in note.sentences if one.id == "_lead.beyond"), None)
        assert left_out is None or "ption dealers, short sellers" in left_out.text


def summed(low: float, mid: float, high: float) -> FlowReport:
    day = days.rally()
    return replace(day, verdict=replace(day.verdict, mechanical_usd=Estimate(low, mid, high)))


def test_a_sum_whose_range_crosses_zero_carries_no_side_further() -> None:
    for note in notes(summed(-15e9, 4.4e9, 23e9)):
        assert "roughly cancelled" in lead(note)
        assert not re.search("decide how far|carry it further|the rules leaned", lead(note))
    for note in notes(summed(-11e9, 30e9, 67e9)):
        assert "more likely buying than selling, about $30 billion net" in lead(note)
        assert "the sign is not certain" in lead(note)


@pytest.mark.parametrize(
    ("today", "before", "said"),
    [
        ((20e9, 42e9, 57e9), 67e9, "Both sums count"),
        ((20e9, 42e9, 57e9), -67e9, ""),
        ((20e9, 42e9, 57e9), 9e9, ""),
        ((-11e9, 30e9, 67e9), 67e9, ""),
    ],
    ids=["the same side", "the other side", "little before", "side not certain"],
)
def test_forced_orders_of_two_days_running_are_added_up(
    today: tuple[float, float, float], before: float, said: str
) -> None:
    # 42 and 67 are 109, said as 110
    day = replace(summed(*today), context=replace(PAST, prior_forced_usd=before))

    for note in notes(day):
        told = re.search("(Over the|In) two days rules called for about .110 billion", lead(note))
        assert bool(told) is bool(said)
        assert said in lead(note)


def test_a_sum_says_that_it_counts_what_may_wait_for_the_next_sessions() -> None:
    for note in notes(summed(20e9, 42e9, 57e9)):
        assert re.search("That counts in full what may", lead(note))


def led_by_funds() -> FlowReport:
    """Return a rise on which nothing stands out but the order of leveraged funds."""
    day = days.rally()
    day = days.with_reading(day, days.reading("hedge_unwinding", 0.1))
    day = days.with_reading(day, days.reading("short_covering", 0.1, caveat=days.PROOF))
    funds = days.reading("leveraged_etf", 0.99, surprise=0.8, flow_usd=(8.4e9, 28.9e9, 32.1e9))
    verdict = replace(day.verdict, label=Label.MIXED, participation=0.5, forced_surprise=0.1)
    return days.with_reading(replace(day, verdict=verdict), funds)


def test_an_order_that_explains_next_to_nothing_is_not_told_as_the_reason_of_the_day() -> None:
    assert write_commentary(led_by_funds()).theme is Theme.RESET
    for note in notes(led_by_funds()):
        assert re.search(r"9\.5% rise, and \$29 billion for", note.title.text)
        assert "not why the index rose" in lead(note)
        assert "0.2 percentage points of the 9.5%" in lead(note)


@pytest.mark.parametrize(("breadth", "nearly_all"), [(0.92, False), (0.985, True)])
def test_hardly_a_stock_stayed_out_only_where_hardly_one_did(
    breadth: float, *, nearly_all: bool
) -> None:
    day = days.rally()
    verdict = replace(
        day.verdict, label=Label.CONVICTION, reasons=("participation",), forced_surprise=0.0
    )
    crowd = days.reading("real_money", 0.7, facts={"participation": 0.8, "breadth": breadth})
    titles = [
        one.title.text for one in notes(days.with_reading(replace(day, verdict=verdict), crowd))
    ]

    assert any(re.search("Hardly a stock|nearly every", one) for one in titles) is nearly_all


def squeezed(basket: float, excess: float) -> FlowReport:
    """Return a fall on which the most shorted stocks did better than they should have."""
    day = days.mirrored(days.rally())
    shorts = days.reading(
        "short_covering",
        0.9,
        surprise=0.8,
        facts={
            "basket_return": basket,
            "basket_excess_return": excess,
            "small_companies_return": -0.045,
        },
        caveat=days.PROOF,
    )
    verdict = replace(
        day.verdict, label=Label.CONVICTION, reasons=("short_covering",), forced_surprise=0.0
    )
    return days.with_reading(replace(day, verdict=verdict), shorts)


def test_shorted_stocks_that_fell_are_not_said_to_have_held_up() -> None:
    for note in notes(squeezed(-0.021, 0.059)):
        assert "held up" not in f"{note.title} {lead(note)}"


def test_a_basket_of_stocks_says_nothing_of_those_who_are_short_of_the_index() -> None:
    day = days.mirrored(squeezed(-0.021, 0.059))

    for note in notes(day):
        assert "whatever lifted the market" not in lead(note)
        assert re.search("short of the index we cannot see", lead(note))


@pytest.mark.parametrize("label", [Label.MECHANICAL, Label.CONVICTION, Label.MIXED])
def test_the_largest_move_in_years_is_told_first_whatever_the_thought_of_the_day(
    label: Label,
) -> None:
    past = replace(PAST, move_since=Since(on=date(2008, 10, 28), sessions=4135))
    day = replace(days.rally(), verdict=replace(days.rally().verdict, label=label), context=past)

    for note in notes(day):
        assert "since 28 October 2008" in note.title.text


def with_dealers(low: float, mid: float, high: float) -> FlowReport:
    dealers = days.reading(
        "dealer_gamma",
        0.99,
        surprise=0.3,
        flow_usd=(low, mid, high),
        facts={"conventions_agree": 1.0, "gamma_sign": -1.0},
    )
    return days.with_reading(summed(84e9, 110e9, 380e9), dealers)


def test_a_count_that_is_the_least_of_several_makes_the_sum_a_floor() -> None:
    for note in notes(with_dealers(79e9, 79e9, 340e9)):
        assert "at least $84 billion" in lead(note)
        assert "$380 billion" in lead(note)
        assert "no less than $79 billion" in section(note, "dealer_gamma")


def test_a_count_in_the_middle_of_its_range_makes_no_floor() -> None:
    for note in notes(with_dealers(40e9, 79e9, 340e9)):
        assert "at least" not in lead(note)


@pytest.mark.parametrize(
    ("session", "resolves", "said"),
    [
        (date(2025, 4, 9), date(2025, 4, 10), "Checkable tomorrow and after"),
        (date(2025, 4, 4), date(2025, 4, 7), "Checkable on Monday and after"),
    ],
)
def test_what_can_be_checked_is_dated_by_the_next_session(
    session: date, resolves: date, said: str
) -> None:
    claims = tuple(
        replace(one, resolves_on=resolves) if one.key == "next_sign" else one
        for one in days.claims(up=True)
    )
    note = compose(write_commentary(replace(days.rally(), session=session, odds=claims)))

    assert next(one for one in note.sections if one.id == "checkable").heading.text == said


def test_the_base_rate_has_its_count_and_interval_once() -> None:
    for note in notes(days.rally()):
        assert "505" in section(note, "stick")
        assert "46%, as above; marked on 16 April" in section(note, "checkable")


def settled(day_return: float, after: int, undone: float, before: float, since: float) -> Settled:
    """Return a day that was decided today, ``after`` sessions later."""
    days_back = {1: 8, 3: 4, 5: 2}[after]
    return Settled(
        session=date(2025, 4, days_back),
        day_return=day_return,
        sessions_after=after,
        came_true=undone >= 0.5,
        probability=0.65,
        undone_fraction=undone,
        beside_before_return=before,
        beside_after_return=since,
    )


BACK, STILL = "has been won back", "five sessions on, the index is"


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (
            settled(-0.0597, 3, 1.19, 0.0112, 0.0755),
            f"Friday's loss of 6% {BACK}, with 1.1% to spare, three sessions on",
        ),
        (
            settled(0.012, 1, 1.5, -0.006, -0.0178),
            "Yesterday's gain of 1.2% has been given back, and 0.6% more;",
        ),
        (settled(-0.02, 3, 1.0, 0.0, 0.0204), f"Friday's loss of 2% {BACK} in full"),
        (
            settled(-0.02, 3, 0.6, -0.008, 0.0122),
            f"About three fifths of Friday's loss of 2% {BACK}",
        ),
        (
            settled(0.02, 5, 0.34, 0.0132, -0.0067),
            "About a third of the gain of 2% a week ago has been given back, and five sessions",
        ),
        (
            settled(-0.0102, 5, -1.9, -0.03, -0.02),
            f"The loss of 1% a week ago has not come back: {STILL} 2% lower still",
        ),
        (
            settled(0.0102, 5, -1.0, 0.02, 0.01),
            f"The gain of 1% a week ago has been kept: {STILL} 1% higher still",
        ),
    ],
    ids=["back and more", "lost and more", "all", "part", "too little", "lower", "higher"],
)
def test_what_became_of_a_large_day_is_told_by_how_much_of_it_stands_undone(
    past: Settled, said: str
) -> None:
    day = replace(days.rally(), context=replace(PAST, settled=past))
    text = section(compose(write_commentary(day)), "settled")

    assert said in text
    assert "65%" in text


def test_what_became_of_an_earlier_day_does_not_answer_whether_this_one_will_stick() -> None:
    past = settled(-0.0597, 3, 1.19, 0.0112, 0.0755)
    note = compose(write_commentary(replace(days.rally(), context=replace(PAST, settled=past))))

    assert "Friday" not in section(note, "stick")
    assert re.match("(How|What became of) an earlier day", section(note, "settled"))


def test_the_day_before_a_holiday_is_named_and_not_called_yesterday() -> None:
    past = replace(settled(-0.027, 1, 1.7, 0.02, 0.0496), session=date(2018, 12, 24))
    day = replace(days.rally(), session=date(2018, 12, 26), context=replace(PAST, settled=past))
    text = section(compose(write_commentary(day)), "settled")

    assert "Monday's loss" in text
    assert "esterday" not in text


def test_a_note_sized_on_a_later_year_says_so_once_and_with_the_date() -> None:
    early = replace(days.rally(), session=date(2012, 3, 6))
    note = compose(write_commentary(early))

    assert note.preface is not None
    assert note.preface.text == "Written afterwards; fund sizes are those of other years."
    assert sum("Written afterwards" in one.text for one in note.sentences) == 1
    for edition in ("text", "markdown", "html", "discord"):
        assert "Written afterwards" in render(write_commentary(early), edition)


def test_a_flat_day_gives_the_sign_and_size_of_what_little_there_was() -> None:
    day = days.quiet()
    flat = replace(day, index=replace(day.index, day_return=0.0002))

    for note in notes(flat):
        assert "0.02%" in lead(note)
        assert re.search("up 0.02%|0.02% above", lead(note))


def test_a_loss_is_won_back_and_not_given_back() -> None:
    for note in notes(days.quiet()):
        stick = [one.text for one in note.sentences if one.id.startswith("_stick.base")]
        assert "give back" not in " ".join(stick)


def test_the_theme_of_a_day_is_its_weightiest_witness() -> None:
    commentary = write_commentary(days.sell_off())

    assert commentary.theme is Theme.HEDGES
    assert commentary.named == ["hedge_unwinding"]
    assert commentary.report.verdict.side is Side.SELLING
