"""Words go no further than what they rest on: dealers, fund sizes, crowds, the unexplained rest."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from analysis.context import Since
from analysis.reading import Estimate
from analysis.report import FlowReport, SourceStatus
from templates import write_commentary
from templates.note import Note, compose
from templates.provenance import source_lines
from tests.templates import reports as days
from tests.templates.dozen import PAST, notes


def said(note: Note, prefix: str) -> str:
    return " ".join(one.text for one in note.sentences if one.id.startswith(prefix))


def dealers(chance_of_short: float) -> FlowReport:
    facts = {
        "gamma_sign": -1.0,
        "negative_probability": chance_of_short,
        "negative_probability_before": chance_of_short,
    }
    gamma = days.reading("dealer_gamma", 0.97, surprise=0.9, facts=facts)
    return days.with_reading(days.rally(), gamma)


@pytest.mark.parametrize(
    ("chance", "word"), [(0.6, "perhaps"), (0.85, "probably"), (0.97, "very likely")]
)
def test_one_chance_of_dealers_side_has_one_word_everywhere(chance: float, word: str) -> None:
    others = {"perhaps", "probably", "very likely"} - {word}
    for note in notes(dealers(chance)):
        text = said(note, "dealer_gamma")
        assert text.count(word) >= 2
        assert not any(other in text for other in others)


def test_no_chance_about_dealers_is_printed_from_prices_and_the_vix_alone() -> None:
    for note in notes(dealers(0.9999)):
        text = said(note, "dealer_gamma")
        assert "99%" not in text
        assert not re.search("bound to|placed to|had cause|had reason", text)
        assert "hort of options" not in text


def denied(*, published_gex: float) -> FlowReport:
    """Return a rise on which every count has dealers short, and another reading long."""
    facts = {
        "conventions_agree": 1.0,
        "side_denied": 1.0,
        "gamma_sign": 0.0,
        "hedge_naive_usd": 55e9,
        "published_gex": published_gex,
    }
    return days.with_reading(days.rally(), days.reading("dealer_gamma", 0.38, facts=facts))


def test_dealers_whose_side_is_denied_are_told_both_ways_and_left_out_of_the_total() -> None:
    for note in notes(denied(published_gex=4.0)):
        text = said(note, "dealer_gamma")
        assert "$55 billion" in text
        assert re.search("SqueezeMetrics|published gamma index", text)
        assert "total" in text
        assert "no less than" not in text
        assert "their side is in doubt" in said(note, "_lead.left_out")
        assert "option dealers" not in said(note, "_lead.forced")


def test_where_no_index_was_published_prices_and_the_vix_deny_the_side() -> None:
    for note in notes(denied(published_gex=-4.0)):
        assert "prices and the VIX" in said(note, "dealer_gamma").replace("Prices", "prices")
        assert "SqueezeMetrics" not in said(note, "dealer_gamma")


def test_the_unexplained_rest_names_the_forced_trades_without_dollars() -> None:
    for note in notes(days.rally()):
        rest = said(note, "_attribution.rest")
        assert "dealers' hedging" in rest
        assert "nobody measures" not in rest


def test_near_a_quarters_end_the_rest_names_those_who_rebalance() -> None:
    # Of March 2020 five sessions were left after the 24th: the 25th to the 27th, 30th and 31st.
    inside = replace(days.rally(), session=date(2020, 3, 24))
    before = replace(days.rally(), session=date(2020, 3, 23))

    assert "quarter-end" in said(compose(write_commentary(inside)), "_attribution.rest")
    assert "quarter-end" not in said(compose(write_commentary(before)), "_attribution.rest")


def test_a_note_says_once_that_it_does_not_read_the_news() -> None:
    for note in notes(days.rally()):
        assert " ".join(one.text for one in note.sentences).count("do not read the news") == 1


SINCE = {"leveraged_etf": Since(on=date(2008, 10, 13), sessions=2570)}


def funds(**facts: float) -> FlowReport:
    day = replace(days.rally(), context=replace(PAST, flow_since=SINCE))
    reading = days.reading(
        "leveraged_etf", 0.99, surprise=0.9, flow_usd=(8.4e9, 29e9, 32e9), facts=facts
    )
    return days.with_reading(day, reading)


def test_published_totals_of_other_years_would_have_had_to_buy_and_set_no_record() -> None:
    for note in notes(funds(backcast_fraction=1.0, identity_usd=32e9)):
        text = said(note, "leveraged_etf")
        assert "would have had" in text
        assert "fund sizes of other years" in text
        assert "2008" not in text
        assert "what others have published" not in text
        assert note.preface is not None


def test_sizes_worked_out_afterwards_set_no_record_either() -> None:
    sized = funds(backcast_fraction=0.9, identity_usd=32e9, bucket_ndx_usd=20e9)
    for note in notes(sized):
        assert "2008" not in said(note, "leveraged_etf")
        assert "they had to buy" in said(note, "leveraged_etf.flow").lower()


def test_sizes_known_at_the_time_may_set_a_record() -> None:
    known = funds(backcast_fraction=0.0, identity_usd=32e9, bucket_ndx_usd=20e9)
    for note in notes(known):
        assert "2008" in said(note, "leveraged_etf.surprise")
        assert note.preface is None


def test_an_order_large_for_the_index_is_explained_by_what_the_funds_follow() -> None:
    chips = funds(
        backcast_fraction=0.0, identity_usd=32e9, bucket_semis_usd=16e9, move_per_index=1.85
    )
    for note in notes(chips):
        reason = said(note, "leveraged_etf.reason")
        assert re.search(r"1\.[89] times as far as the S&P 500", reason)
        assert re.search("about half of the order .* chip makers", reason)


def test_a_share_of_trading_is_told_only_where_the_members_volume_is_known() -> None:
    known = funds(backcast_fraction=0.0, identity_usd=32e9, bucket_ndx_usd=20e9)
    for note in notes(known):
        assert "normal day's trading" in said(note, "leveraged_etf.flow")
    for note in notes(replace(known, volume_basis="spy_ratio")):
        assert "normal day's trading" not in said(note, "leveraged_etf.flow")


def crowd(**facts: float) -> FlowReport:
    took = days.reading("real_money", 0.9, facts={"participation": 0.9, "breadth": 0.98, **facts})
    day = days.with_reading(days.rally(), took)
    past = replace(PAST, move_since=Since(on=date(2008, 10, 28), sessions=4000))
    return replace(day, context=past, verdict=replace(day.verdict, participation=0.9))


def test_on_a_rise_without_a_like_nobody_says_what_is_usual() -> None:
    for note in notes(crowd()):
        text = said(note, "real_money")
        assert "usually brings" not in text
        assert re.search("had a choice", text)


def test_volume_below_that_of_a_wild_month_is_not_called_light() -> None:
    for note in notes(crowd(relative_volume=0.82, month_volume=1.9)):
        text = said(note, "real_money")
        assert "light" not in text
        assert "82% of the past month's" in text
        assert "wild" in text


def test_the_multiple_of_the_usual_volume_is_told_whenever_it_is_large() -> None:
    for note in notes(crowd(relative_volume=3.6)):
        assert "3.6 times" in said(note, "real_money.volume")


@pytest.mark.parametrize(("gap", "told"), [(-0.001, False), (-0.006, True)])
def test_junk_bonds_are_told_of_only_where_they_clearly_went_apart(
    *, gap: float, told: bool
) -> None:
    heard = [
        said(note, "real_money.credit") for note in notes(crowd(high_yield_residual_return=gap))
    ]

    assert any(heard) is told


def source(name: str, as_of: date, age: int, status: str) -> SourceStatus:
    return SourceStatus(name=name, as_of=as_of, age_days=age, status=status, note="")


def test_breadth_names_the_counts_it_rests_on_where_members_prices_are_old() -> None:
    found = source_lines(
        [
            source("prices/sp500_members.parquet", date(2025, 7, 24), 370, "stale"),
            source("prices/breadth_sp500.csv", date(2026, 7, 29), 0, "fresh"),
        ]
    )

    assert found.main == (("counts of risers and fallers", date(2026, 7, 29), False),)
    assert found.old == ["members' prices"]


def test_a_chain_of_a_year_ago_is_not_there() -> None:
    found = source_lines([source("chains", date(2024, 3, 22), 383, "stale")])

    assert found.absent == ["Cboe option chains"]
    assert found.main == ()
    assert found.old == []


def pushed(forced_usd: float) -> FlowReport:
    """Return a rise of a jumpy market of which forced orders of that size explain 0.15 %."""
    day = days.rally()
    return replace(
        day,
        attribution=days.explained(0.0952, 0.0015),
        verdict=replace(
            day.verdict,
            mechanical_usd=Estimate(0.5 * forced_usd, forced_usd, 1.5 * forced_usd),
            mechanical_share_of_volume=Estimate(0.01, 0.03, 0.05),
        ),
    )


def test_a_small_sum_that_moved_prices_far_is_explained_by_a_jumpy_market() -> None:
    small, large = (
        [said(note, "_attribution.odd") for note in notes(pushed(usd))] for usd in (4.4e9, 62e9)
    )

    assert any("jumpy market" in one for one in small)
    assert not any(large)
