"""A long note grows shorter from its weakest sentence on, and never loses its arc."""

from __future__ import annotations

from dataclasses import replace

from templates import write_commentary
from templates.fitting import WEAKEST_FIRST, fitted
from templates.note import Note, compose
from tests.templates import reports as days


def note() -> Note:
    return compose(write_commentary(days.rally(), level="trader"))


def ids(told: Note) -> list[str]:
    return [sentence.id for sentence in told.sentences]


def test_a_note_that_fits_loses_nothing() -> None:
    assert fitted(note(), 10_000, WEAKEST_FIRST) == note()


def test_the_weakest_sentence_goes_first_and_no_more_than_must() -> None:
    whole = note()
    order = ("leveraged_etf.parts.*", "real_money.credit.*")

    shorter = fitted(whole, whole.words - 1, order)

    assert not [one for one in ids(shorter) if one.startswith("leveraged_etf.parts")]
    assert [one for one in ids(shorter) if one.startswith("real_money.credit")]
    assert shorter.words < whole.words


def test_however_tight_a_note_keeps_what_was_done_what_it_means_and_what_is_not_known() -> None:
    tightest = fitted(note(), 0, WEAKEST_FIRST)
    kept = {tuple(one.split(".")[:2]) for one in ids(tightest)}

    assert {
        ("_lead", "title"),
        ("_lead", "tape"),
        ("_lead", "forced"),
        ("leveraged_etf", "flow"),
        ("vol_control", "flow"),
        ("real_money", "means"),
        ("_stick", "base"),
        ("_stick", "mix"),
        ("_known", "standing"),
    } <= kept


def test_a_paragraph_that_lost_its_last_sentence_is_gone_and_so_is_an_empty_section() -> None:
    emptied = fitted(note(), 0, ("_checkable.claim.*",))

    assert "checkable" not in [section.id for section in emptied.sections]
    assert all(paragraph.sentences for paragraph in emptied.lead)


def test_dollars_sized_later_are_told_of_before_anything_is_built_on_them() -> None:
    early = replace(
        days.rally(),
        session=days.quiet().session,
        readings=tuple(
            days.reading("leveraged_etf", 0.9, surprise=0.2, flow_usd=(1e9, 2e9, 3e9))
            if one.slug == "leveraged_etf"
            else one
            for one in days.rally().readings
        ),
    )

    assert ids(compose(write_commentary(early)))[1] == "_lead.preface.years"
