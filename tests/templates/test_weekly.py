"""The digest says what its notes say, adds up, and breaks none of a note's gates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any, cast

import pytest
import textstat

from analysis.report import reports
from analysis.simulate import scenarios
from analysis.week import Settled, Week, week_of
from templates.mailing import READER_FOOTER, check_mjml, mjml
from templates.phrasing import Sentence
from templates.weekly import WeekCommentary
from templates.weekly_editions import render_week
from tests.analysis.test_week import THANKSGIVING, WEEK, report
from tests.templates.gates import ADVICE, BROKEN, LIST_ITEM
from tests.templates.reading_back import DATES, FIGURE, NAMES, SCALE, banned_words

EDITIONS = ("text", "markdown", "blog", "html", "json", "discord", "mail", "mail_html")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SPELLED = re.compile(rf"\b({'|'.join(NUMBERS[1:])}) (?:days?|of (?:them|five|the)|sessions)\b")


@cache
def simulated_weeks() -> Sequence[Week]:
    """Return the weeks of a hundred and more simulated sessions."""
    market = scenarios.demo().market
    bodies = [one.as_dict() for one in reports(market, market.sessions[-125:])]
    weeks = groupby(bodies, key=lambda body: _session(body).isocalendar()[:2])
    whole = [list(days) for _, days in weeks]
    return [week_of(days, [_session(day) for day in days]) for days in whole]


def _session(body: Mapping[str, Any]) -> date:
    return date.fromisoformat(body["session"])


def claims(*outcomes: bool) -> list[Settled]:
    return [
        Settled(session=WEEK[0], key="next_sign", probability=0.4, base_rate=0.5, came_true=one)
        for one in outcomes
    ]


def words(week: Week) -> str:
    return " ".join(one.text for one in WeekCommentary(report=week).note.sentences)


def violations(commentary: WeekCommentary) -> Iterator[str]:
    note = commentary.note
    headings = {note.title.id, *(section.heading.id for section in note.sections)}
    for sentence in note.sentences:
        text = LIST_ITEM.sub("", sentence.text)
        if BROKEN.search(text) or not text or banned_words(text) or ADVICE.search(text):
            yield f"words: {sentence.id} {text}"
        if not (text[:1].isupper() or text[:1].isdigit() or text[:1] == "$"):
            yield f"no capital: {sentence.id} {text}"
        if (text[-1:] not in ".:") != (sentence.id in headings):
            yield f"full stop: {sentence.id} {text}"
        if not sentence.id.startswith("_weekly_known"):
            yield from (f"figure {one}: {sentence.id} {text}" for one in unsupported(sentence))


def unsupported(sentence: Sentence) -> Iterator[str]:
    """Yield the figures, in digits or spelled, that no fact of the sentence rounds to."""
    facts = [abs(float(value)) for _, value in sentence.facts]
    text = DATES.sub("", NAMES.sub("", sentence.text))
    for found in FIGURE.finditer(text):
        digits = found[1].replace(",", "")
        decimals = len(digits.partition(".")[2])
        zeros = len(digits) - len(digits.rstrip("0")) if not decimals else 0
        scales = SCALE.get(found[2] or "", (1.0,))
        half = 0.5 * 10.0 ** (zeros - decimals) * 1.000001
        if not any(
            abs(fact - float(digits) * scale) <= half * scale for fact in facts for scale in scales
        ):
            yield found[0]
    for found in SPELLED.finditer(text):
        if float(NUMBERS.index(found[1])) not in facts:
            yield found[0]


@pytest.mark.slow
def test_the_digests_of_a_hundred_simulated_sessions_break_no_gate() -> None:
    weeks = simulated_weeks()

    assert len(weeks) >= 25
    assert [one for week in weeks for one in violations(WeekCommentary(report=week))] == []


def test_a_digest_is_short_and_can_be_read_at_school() -> None:
    for week in simulated_weeks():
        sentences = [one.text for one in WeekCommentary(report=week).note.sentences]

        assert 150 <= sum(len(text.split()) for text in sentences) <= 450
        assert float(textstat.flesch_kincaid_grade("\n".join(sentences))) <= 10.0


def test_every_edition_tells_the_same_week() -> None:
    week = simulated_weeks()[-2]
    title = WeekCommentary(report=week).note.title.text

    for edition in EDITIONS:
        text = render_week(week, edition)
        assert title.casefold() in text.casefold(), edition
        assert text == render_week(week, edition)
        assert "simulated" in text.casefold()


def test_the_editions_keep_to_what_their_readers_can_bear() -> None:
    for week in simulated_weeks()[-20:]:
        commentary = WeekCommentary(report=week)
        assert len(render_week(week, "discord")) <= 1500
        assert max(len(line) for line in render_week(week, "text").split("\n")) <= 88
        check_mjml(mjml(cast(Any, commentary), commentary.note))
        assert render_week(week, "mail_html").count(READER_FOOTER) == 1


def test_the_machine_edition_holds_the_week_and_every_sentence_with_its_facts() -> None:
    week = week_of([report(day, 100.0, 0.0) for day in WEEK], WEEK, [])
    told = json.loads(render_week(week, "json"))

    assert told["week"]["content_hash"] == week.content_hash
    assert len(told["note"]["sentences"]) == len(list(WeekCommentary(report=week).note.sentences))


def test_odds_are_told_by_what_was_expected_and_what_came_true() -> None:
    days = [report(day, 100.0, 0.0) for day in WEEK]

    # Three claims at 40 % with base rates of 50 %: 1.2 and 1.5 should come true.
    three = words(week_of(days, WEEK, claims(True, False, True)))
    assert "Three of our claims came due." in three
    assert "1.2 of them should have come true; two did." in three
    assert "would have said 1.5" in three
    one = words(week_of(days, WEEK, claims(False)))
    assert "We had put it at 40%, and it did not come true." in one
    assert "None of our claims came due" in words(week_of(days, WEEK, []))
    assert "claims" not in words(week_of(days, WEEK))


def test_a_holiday_a_half_day_and_a_missing_note_are_said() -> None:
    told = [report(day, 100.0, 0.001) for day in THANKSGIVING[:2]]
    told.append({**report(THANKSGIVING[3], 100.0, 0.001), "calendar": ["half_day"]})
    text = words(week_of(told, THANKSGIVING))

    assert re.search(r"(was closed|did not open) on Thursday", text)
    assert "closed early on Friday" in text
    assert "Of Wednesday no note of ours stands" in text
    assert "Wednesday: no note stands." in text
    assert "over the week" in text


def test_a_week_whose_first_note_is_missing_does_not_claim_the_weeks_return() -> None:
    text = words(week_of([report(day, 100.0, 0.01) for day in WEEK[1:]], WEEK))

    assert "Over the sessions we have notes of, the S&P 500" in text
    assert not re.search(r"(gained|rose|added) [\d.]+% over the week", text)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("mechanical",) * 3 + ("quiet",) * 2, r"led on three of the week's five sessions"),
        (("conviction",) * 4 + ("mixed",), r"Choice.* led on four of the week's five sessions"),
        (("quiet",) * 5, r"^Five of the week's five sessions were quiet"),
        (("mechanical",) * 2 + ("quiet",) * 2 + ("mixed",), r"[Nn]o one force|nobody"),
        (("unclear",) * 3 + ("mixed",) * 2, r"A week we could"),
    ],
)
def test_the_title_counts_the_verdicts(labels: tuple[str, ...], expected: str) -> None:
    days = [report(day, 100.0, 0.01, label=label) for day, label in zip(WEEK, labels, strict=True)]
    title = WeekCommentary(report=week_of(days, WEEK)).note.title.text

    assert re.search(expected, title), title


def test_a_single_session_claims_no_more() -> None:
    title = WeekCommentary(report=week_of([report(WEEK[2], 100.0, 0.01)], WEEK)).note.title.text

    assert "session" in title
    assert "one" in title.casefold()


def test_an_identity_is_told_as_one_and_an_inference_is_not() -> None:
    told = [report(day, 100.0, 0.01, funds=(0.9, 5e9)) for day in WEEK]
    sure = words(week_of(told, WEEK))
    for body in told:
        body["drivers"][0] |= {"slug": "short_covering", "grade": "C"}
    guess = words(week_of(told, WEEK))

    assert "Leveraged funds had to buy about $25 billion net over the week" in sure
    assert "Short sellers look to have bought about $25 billion net" in guess
    assert "had to buy" not in guess


def test_forced_orders_that_cancel_are_not_told_as_a_side() -> None:
    days = [
        report(WEEK[0], 100.0, 0.01, forced=(4e9, 5e9, 6e9)),
        report(WEEK[1], 100.0, -0.01, forced=(-7e9, -5.5e9, -4e9)),
    ]
    text = words(week_of(days, WEEK[:2]))

    assert "both ways" in text
    assert "about $10 billion in all" in text or "about $11 billion in all" in text
