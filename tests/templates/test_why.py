"""Every sentence can be asked why it stands there."""

from __future__ import annotations

import json

import pytest

from templates import render, write_commentary
from templates.note import compose
from templates.why import UnknownSentenceError, listed_sentences, why, why_text
from tests.templates import reports as days

FLOW = "leveraged_etf.flow.buying"


def test_a_sentence_leads_back_to_rule_figures_formula_and_sources() -> None:
    commentary = write_commentary(days.rally())
    body = why(commentary, compose(commentary), FLOW)

    assert body["rule"] == "point.buying and dollars"
    assert str(body["formula"]).startswith("sum over funds of L (L - 1) A r")
    assert body["grade"] == "A"
    assert isinstance(body["facts"], dict)
    assert body["facts"]["leveraged_etf.mid_usd"] == 28.9e9
    assert body["content_hash"] == days.rally().content_hash


def test_evidence_carries_its_source_day_and_percentile() -> None:
    commentary = write_commentary(days.little_forced(days.rally()))
    body = why(commentary, compose(commentary), "hedge_unwinding.flow.both_fell")
    assert isinstance(body["figures"], list)
    figures = {one["key"]: one for one in body["figures"]}

    change = figures["hedge_unwinding.vix_change"]
    assert (change["value"], change["unit"], change["source"]) == (
        -0.358,
        "fraction",
        "Cboe VIX, close",
    )
    assert (change["as_of"], change["percentile"]) == ("2025-04-09", 0.5)


def test_every_sentence_of_a_note_can_be_asked() -> None:
    commentary = write_commentary(days.rally())
    note = compose(commentary)

    for name, text in listed_sentences(note):
        assert why(commentary, note, name)["text"] == text


def test_an_unknown_sentence_is_refused_with_the_way_to_the_list() -> None:
    commentary = write_commentary(days.rally())

    with pytest.raises(UnknownSentenceError, match=r"tarot.*without an id"):
        why(commentary, compose(commentary), "tarot.card")


def test_the_terminal_answer_reads_the_figure_and_its_origin() -> None:
    commentary = write_commentary(days.little_forced(days.rally()))
    note = compose(commentary)
    sentence = next(one for one in note.sentences if one.id == "hedge_unwinding.flow.both_fell")
    text = why_text(why(commentary, note, sentence.id), sentence.facts)

    assert "formula   change of ln VIX" in text
    assert "hedge_unwinding.vix_change = -0.358 (-36%)" in text
    assert "[Cboe VIX, close]" in text


def test_the_machine_edition_answers_for_every_sentence() -> None:
    told = json.loads(render(write_commentary(days.rally()), "json"))["note"]["sentences"]
    flow = next(one for one in told if one["id"] == FLOW)

    assert flow["reference"].startswith("Cheng and Madhavan")
    assert all({"id", "text", "rule", "facts", "figures"} <= set(one) for one in told)
