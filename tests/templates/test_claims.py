"""What can be checked: one probability first and named as ours, told by its likelier side."""

from __future__ import annotations

from dataclasses import replace

from analysis.report import FlowReport
from templates import write_commentary
from templates.note import compose
from tests.templates import reports as days


def claimed(report: FlowReport, level: str = "plain") -> list[str]:
    """Return the claims of a note as they stand in its list."""
    note = compose(write_commentary(report, level=level))
    return [one.text for one in note.sentences if one.id.startswith("_checkable.claim")]


def with_claim(key: str, claim: str, **figures: float) -> FlowReport:
    """Return the rally with one claim more than whether half is given back."""
    half, sign = days.claims(up=True)
    rate = figures["rate"]
    other = replace(
        sign,
        key=key,
        claim=claim,
        probability=rate,
        base_rate=figures.get("base", rate),
        interval=(figures["low"], figures["high"]),
        any_day=figures.get("any_day"),
    )
    return replace(days.rally(), odds=(half, other))


LOWER = "The S&P 500 closes lower in the next session"
LARGE = "The S&P 500 moves by more than 1 % in the next session"


def test_a_claim_less_likely_than_not_is_told_by_its_opposite() -> None:
    # closes lower in 47 % (43 to 51) and on any day in 45 %: the rest of the hundred, turned over
    day = with_claim("next_sign", LOWER, rate=0.47, low=0.43, high=0.51, any_day=0.45)

    assert claimed(day)[1] == (
        "- The S&P 500 does not close lower in the next session: 53% (49% to 57%); on any day 55%."
    )


def test_a_claim_more_likely_than_not_is_told_as_it_is_with_what_any_day_gives() -> None:
    day = with_claim("next_sign", LOWER, rate=0.55, low=0.51, high=0.59, any_day=0.45)

    assert claimed(day)[1] == f"- {LOWER}: 55% (51% to 59%); on any day 45%."


def test_of_two_probabilities_ours_comes_first_and_says_whose_it_is() -> None:
    day = with_claim("next_abs_band", LARGE, rate=0.70, low=0.61, high=0.77, base=0.31)

    assert claimed(day)[1].endswith("70% (61% to 77%), by our VIX model; on all days like it 31%.")


def test_a_calm_tomorrow_is_claimed_as_such() -> None:
    day = with_claim("next_abs_band", LARGE, rate=0.04, low=0.03, high=0.06, base=0.20)

    assert claimed(day)[1] == (
        "- The S&P 500 moves by one per cent or less in the next session: 96% (94% to 97%), "
        "by our VIX model; on all days like it 80%."
    )


def test_days_of_one_kind_are_counted_once() -> None:
    # of the newest five days one question knows the answer and the other does not yet
    half, sign = days.claims(up=True)
    day = replace(days.rally(), odds=(half, replace(sign, n=506)))
    note = compose(write_commentary(day))
    text = " ".join(one.text for one in note.sentences)

    assert "505" in text
    assert "506" not in text


def test_a_very_large_gain_is_set_apart_from_the_gains_it_is_counted_with() -> None:
    note = compose(write_commentary(days.rally()))

    assert "Most of those gains were far smaller than this one." in [
        one.text for one in note.sentences
    ]
