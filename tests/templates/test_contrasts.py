"""What a glance would miss: each rule, on a day that shows it and on one that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analysis.context import Context, Since
from analysis.report import FlowReport
from templates import write_commentary
from templates.note import compose
from templates.phrasing import contrast_stems
from tests.templates import reports as days

QUIET_PAST = Context(
    data_begin=date(2005, 1, 3),
    move_since=Since(on=date(2025, 4, 3), sessions=4),
    run_sessions=1,
    run_since=Since(on=date(2025, 4, 3), sessions=4),
    level_since=Since(on=date(2025, 4, 3), sessions=4),
    vix_move_since=Since(on=date(2025, 4, 3), sessions=4),
    prior_session=date(2025, 4, 8),
    prior_return=0.001,
    prior_forced_usd=1e9,
)


def contrasts(report: FlowReport) -> dict[str, str]:
    """Return the contrasts a note tells, by name."""
    told = compose(write_commentary(report)).sentences
    return {one.id: one.text for one in told if one.id.startswith("_contrast_")}


def alone(report: FlowReport) -> FlowReport:
    """Return the day without forced traders on both sides, which is a contrast of its own."""
    return days.with_reading(report, days.reading("vol_control", 0.0, flow_usd=(0.0, 0.0, 0.0)))


def with_marks(report: FlowReport, **marks: float) -> FlowReport:
    return days.with_reading(
        report, days.reading("real_money", 0.2, facts={"participation": 0.5, **marks})
    )


PLAIN_DAY = alone(replace(days.rally(), context=QUIET_PAST))


def test_a_day_without_a_contrast_tells_none() -> None:
    assert contrasts(PLAIN_DAY) == {}


def test_a_rally_on_which_the_vix_rose_is_told() -> None:
    day = replace(PLAIN_DAY, index=replace(PLAIN_DAY.index, vix_change=1.2, vix_close=20.2))

    (told,) = contrasts(day).values()

    assert "the VIX rose" in told
    assert "1.2 points" in told


def test_a_fall_on_which_the_vix_fell_is_told() -> None:
    fall = days.mirrored(PLAIN_DAY)
    day = replace(fall, index=replace(fall.index, vix_change=-1.2, vix_close=20.2))

    assert "the VIX fell" in contrasts(day)["_contrast_vix_went_along.down"]


def test_a_damper_that_failed_is_told() -> None:
    braced = days.reading("dealer_gamma", -0.7, surprise=-0.2)
    day = days.with_reading(PLAIN_DAY, braced)

    assert "leaned against the rise" in contrasts(day)["_contrast_damper_failed.up"]


def test_a_damper_whose_side_is_disputed_is_not_said_to_have_failed() -> None:
    disputed = days.reading("dealer_gamma", -0.7, facts={"conventions_agree": 0.0})

    assert contrasts(days.with_reading(PLAIN_DAY, disputed)) == {}


def test_a_large_move_on_thin_volume_is_told_unless_the_day_was_short() -> None:
    day = with_marks(PLAIN_DAY, relative_volume=0.71)

    assert "71%" in contrasts(day)["_contrast_thin_for_its_size.up.broad"]
    assert contrasts(replace(day, calendar=("half_day",))) == {}


def test_narrow_leaders_are_told() -> None:
    assert (
        "only 39% of its members did"
        in contrasts(with_marks(PLAIN_DAY, breadth=0.39))["_contrast_narrow_leaders.up"]
    )


def test_members_that_rose_while_the_index_fell_are_told() -> None:
    day = with_marks(days.mirrored(PLAIN_DAY), breadth=0.61)

    assert "61% of its members rose" in contrasts(day)["_contrast_narrow_leaders.down"]


@pytest.mark.parametrize(("prior", "told"), [(-25e9, True), (-1e9, False), (25e9, False)])
def test_forced_flow_that_turned_round_since_the_day_before_is_told(
    prior: float, told: bool
) -> None:
    past = replace(QUIET_PAST, prior_forced_usd=prior)

    said = contrasts(replace(PLAIN_DAY, context=past))

    assert ("_contrast_reversal.buying" in said) is told
    assert not told or "$25 billion" in said["_contrast_reversal.buying"]


def test_rules_that_pull_both_ways_are_told_with_their_dollars() -> None:
    told = contrasts(replace(days.rally(), context=QUIET_PAST))["_contrast_rules_disagree.both"]

    assert "leveraged funds had about $29 billion to buy" in told
    assert "volatility-control funds had, by the models, about $23 billion to sell" in told


@pytest.mark.parametrize(("run", "said"), [(3, ""), (5, "fifth rise in a row")])
def test_a_run_is_told_from_the_fourth_day(run: int, said: str) -> None:
    past = replace(
        QUIET_PAST, run_sessions=run, run_since=Since(on=date(2024, 9, 19), sessions=138)
    )

    told = contrasts(replace(PLAIN_DAY, context=past)).get("_contrast_run.up", "")

    assert said in told
    assert bool(told) == bool(said)
    assert not told or "since 19 September 2024" in told


def test_the_largest_jump_of_the_vix_in_months_is_told() -> None:
    past = replace(QUIET_PAST, vix_move_since=Since(on=date(2020, 3, 16), sessions=1270))

    note = compose(write_commentary(replace(days.mirrored(PLAIN_DAY), context=past)))
    told = [one.id for one in note.lead[0].sentences]

    assert told.index("_lead.vix_since.rose") == told.index("_lead.vix.rose") + 1
    assert "16 March 2020" in note.lead[0].text


def test_the_best_day_in_months_opens_the_note_and_is_named_once() -> None:
    past = replace(QUIET_PAST, move_since=Since(on=date(2008, 10, 28), sessions=4137))
    note = compose(write_commentary(replace(PLAIN_DAY, context=past)))

    assert "since 28 October 2008" in note.title.text
    assert "since 28 October 2008" not in note.lead[0].text


def test_no_more_than_two_contrasts_are_told() -> None:
    past = replace(
        QUIET_PAST,
        run_sessions=6,
        prior_forced_usd=-40e9,
        vix_move_since=Since(on=date(2020, 3, 16), sessions=1270),
    )
    busy = replace(days.mixed(), context=past)

    assert len(contrasts(busy)) == 2


def test_every_rule_has_a_test_here() -> None:
    tested = {
        "vix_went_along",
        "damper_failed",
        "thin_for_its_size",
        "narrow_leaders",
        "reversal",
        "rules_disagree",
        "run",
    }

    assert {stem.partition("_")[2] for stem in contrast_stems()} == tested
