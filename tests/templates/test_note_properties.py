"""What holds for the note of any report whatever."""

from __future__ import annotations

import json
import re

import textstat
from hypothesis import HealthCheck, given, settings

from templates import editions, render, write_commentary
from templates.commentary import Shape
from templates.note import compose
from tests.templates.random_reports import report_of, seeds
from tests.templates.reading_back import banned_words, plain_text, unsupported, words_of

BANDS = {Shape.QUIET: (90, 330), Shape.POOR: (150, 900), Shape.FULL: (200, 950)}
"""Words: wide here, because a random report may lack anything."""

LIST_ITEM = re.compile(r"^- ")

many = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@many
@given(seed=seeds)
def test_no_slot_is_left_unfilled_and_no_word_is_banned(seed: int) -> None:
    report = report_of(seed)
    for sentence in compose(write_commentary(report)).sentences:
        text = LIST_ITEM.sub("", sentence.text)

        assert text == " ".join(text.split())
        assert text
        assert banned_words(text) == [], sentence
        assert not re.search(r"[{}]|\$\s|\s[.,;:)]|\(\s|\.\.|,,", text), sentence


@many
@given(seed=seeds)
def test_every_figure_is_a_fact_of_the_report_at_its_rounding(seed: int) -> None:
    report = report_of(seed)
    commentary = write_commentary(report)

    for sentence in compose(commentary).sentences:
        if not sentence.id.startswith("_known"):
            assert unsupported(sentence, commentary) == [], sentence


@many
@given(seed=seeds)
def test_running_sentences_begin_and_end_like_sentences(seed: int) -> None:
    report = report_of(seed)
    note = compose(write_commentary(report))
    headings = {note.title.id, *(section.heading.id for section in note.sections)}

    for sentence in note.sentences:
        text = LIST_ITEM.sub("", sentence.text)
        assert text[0].isupper() or text[0].isdigit() or text[0] == "$", sentence
        assert text.endswith(".") == (sentence.id not in headings), sentence


@many
@given(seed=seeds)
def test_sides_agree_with_the_signs(seed: int) -> None:
    report = report_of(seed)
    commentary = write_commentary(report)
    points = commentary.by_slug

    for sentence in compose(commentary).sentences:
        slug, *parts = sentence.id.split(".")
        if slug in ("leveraged_etf", "trend_following", "vol_control") and parts[0] == "flow":
            wrong = "sell|shed|cut" if points[slug].buying else "buy|find|addition"
            assert not re.search(rf"\b({wrong})", sentence.text), sentence
        if slug == "_lead" and parts[0] == "tape":
            rose = bool(re.search(r"\b(rose|jumped|up|gained|gain of)\b", sentence.text, re.I))
            up = commentary.direction == "up" or (
                # A day too small to have a direction still says by which hair it closed higher.
                commentary.direction == "flat" and report.index.day_return > 0.0
            )
            assert not rose or up, sentence
            assert rose or commentary.direction != "up", sentence


@many
@given(seed=seeds)
def test_a_note_is_readable_and_of_its_length(seed: int) -> None:
    report = report_of(seed)
    commentary = write_commentary(report)
    note = compose(commentary)
    low, high = BANDS[commentary.shape]

    assert textstat.flesch_kincaid_grade(plain_text(note)) <= 10
    assert low <= words_of(note) <= high


@many
@given(seed=seeds)
def test_what_the_title_speaks_of_comes_first_then_the_strongest(seed: int) -> None:
    report = report_of(seed)
    commentary = write_commentary(report)
    numbered = [section for section in compose(commentary).sections if section.number]
    places = [
        (one.id not in commentary.named, -abs(report.reading(one.id).score)) for one in numbered
    ]

    assert places == sorted(places)
    assert len(numbered) <= 5
    assert [section.number for section in numbered] == list(range(1, len(numbered) + 1))


@many
@given(seed=seeds)
def test_every_edition_is_complete_and_tells_a_simulation_as_one(seed: int) -> None:
    report = report_of(seed)
    commentary = write_commentary(report)

    for edition in editions():
        text = render(commentary, edition)
        assert text.strip()
        assert ("simulated" in text.lower()) == report.demo or edition == "json", edition
    told = json.loads(render(commentary, "json"))
    assert told["report"]["demo"] is report.demo
    assert len(render(commentary, "discord")) <= 1500


@many
@given(seed=seeds)
def test_the_same_report_gives_the_same_bytes(seed: int) -> None:
    report = report_of(seed)
    assert render(write_commentary(report), "html") == render(write_commentary(report), "html")
