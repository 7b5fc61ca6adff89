"""The one rule that names who moved the market."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reading import Estimate
from analysis.verdict import Hearing, Label, Side, judge

RALLY = Hearing(
    move=2.0,
    scores={"forced": 0.9},
    confidences={"forced": 0.75, "shorts": 0.5},
    caps={"forced": 0.75, "shorts": 0.5},
    witnesses={"forced": 0.8, "shorts": 0.8},
    forced_surprise=0.8,
    participation=0.2,
    mechanical_usd=Estimate(1e9, 5e9, 6e9),
    volume_usd=100e9,
)


def mirrored(day: Hearing) -> Hearing:
    """Return the day with every signed reading negated; what is aligned with the move stays."""
    usd = day.mechanical_usd
    return replace(
        day,
        move=-day.move,
        scores={slug: -score for slug, score in day.scores.items()},
        mechanical_usd=None if usd is None else Estimate(-usd.high, -usd.mid, -usd.low),
    )


def test_a_rally_of_forced_buyers_without_a_crowd_is_mechanical() -> None:
    judgement = judge(RALLY)

    assert (judgement.label, judgement.side) == (Label.MECHANICAL, Side.BUYING)
    assert judgement.reasons[0] == "forced_surprise"


def test_a_broad_rally_without_unusual_forced_buying_is_conviction() -> None:
    day = replace(
        RALLY, witnesses={"forced": -0.5, "shorts": 0.0}, forced_surprise=-0.4, participation=0.9
    )

    assert judge(day).label is Label.CONVICTION


def test_thin_participation_alone_is_not_force() -> None:
    day = replace(RALLY, witnesses={"forced": -0.2}, forced_surprise=0.0, participation=0.0)

    assert judge(day).label is Label.MIXED


def test_idle_machines_alone_are_not_belief() -> None:
    day = replace(RALLY, witnesses={"forced": -0.9}, forced_surprise=-0.9, participation=0.4)

    assert judge(day).label is Label.MIXED


def test_witnesses_that_contradict_each_other_make_a_mixed_day() -> None:
    day = replace(
        RALLY, witnesses={"forced": 0.0, "shorts": 0.0}, forced_surprise=0.5, participation=0.75
    )

    assert judge(day).label is Label.MIXED


def test_a_small_move_without_a_strong_driver_is_quiet() -> None:
    assert judge(replace(RALLY, move=0.3, scores={"forced": 0.3})).label is Label.QUIET


def test_a_small_move_with_a_strong_driver_is_not_quiet() -> None:
    assert judge(replace(RALLY, move=0.3)).label is not Label.QUIET


def test_with_half_of_the_witnesses_missing_there_is_no_verdict() -> None:
    day = replace(RALLY, witnesses={}, participation=None)

    assert judge(day).label is Label.UNCLEAR


def test_the_size_of_the_move_alone_never_changes_a_label() -> None:
    assert judge(replace(RALLY, move=6.0)).label is judge(replace(RALLY, move=0.6)).label


signed = st.floats(-5.0, 5.0)


@given(
    move=signed.filter(lambda move: move != 0.0),
    score=st.floats(-1.0, 1.0),
    witness=st.floats(-1.0, 1.0),
    surprise=st.floats(-1.0, 1.0),
    participation=st.floats(0.0, 1.0),
    usd=st.floats(-1e10, 1e10),
)
def test_the_mirrored_day_has_the_mirrored_verdict(
    move: float, score: float, witness: float, surprise: float, participation: float, usd: float
) -> None:
    day = replace(
        RALLY,
        move=move,
        scores={"forced": score},
        witnesses={"forced": witness, "shorts": -witness},
        forced_surprise=surprise,
        participation=participation,
        mechanical_usd=Estimate(usd, usd, usd),
    )
    there, back = judge(day), judge(mirrored(day))

    turned = {Side.BUYING: Side.SELLING, Side.SELLING: Side.BUYING, Side.FLAT: Side.FLAT}
    assert (there.label, turned[there.side]) == (back.label, back.side)
    assert there.reasons == back.reasons
    assert there.balance == pytest.approx(back.balance)
    assert 0.0 <= there.confidence <= 1.0
