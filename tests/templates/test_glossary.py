"""The glossary explains every term of the trade in one sentence."""

from __future__ import annotations

import pytest

from templates.glossary import Term, lookup, near, terms
from tests.templates.reading_back import banned_words


def test_there_are_at_least_forty_terms_and_no_two_share_a_name() -> None:
    names = [name.lower() for term in terms() for name in (term.term, *term.also)]

    assert len(terms()) >= 40
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.term)
def test_each_part_of_an_entry_is_one_whole_sentence(term: Term) -> None:
    for part in (term.plain, term.measured, term.caveat):
        assert part.endswith(".")
        assert part.count(". ") == 0
        assert part[0].isupper()
        assert banned_words(part) == []


@pytest.mark.parametrize(
    ("word", "begins"),
    [("trend follower", "CTA (also: trend follower)\n"), (" Short  GAMMA ", "short gamma\n")],
)
def test_a_term_is_found_by_its_other_names_and_in_any_case(word: str, begins: str) -> None:
    entry = lookup(word)

    assert entry is not None
    assert entry.startswith(begins)
    assert "How we measure it: " in entry


def test_an_unknown_term_is_not_made_up() -> None:
    assert lookup("gama") is None


@pytest.mark.parametrize(
    ("word", "begins"),
    [("puts", "put\n"), ("witching", "quadruple expiry "), ("flip", "flip zone\n")],
    ids=["a plural", "a part of another name", "a part of the name"],
)
def test_a_plural_or_a_part_that_only_one_term_has_will_do(word: str, begins: str) -> None:
    assert (lookup(word) or "").startswith(begins)


def test_a_part_that_several_terms_share_offers_them_all() -> None:
    assert lookup("volatility") is None
    assert {"implied volatility", "realised volatility", "volatility control"} <= set(
        near("volatility")
    )


@pytest.mark.parametrize(
    ("word", "meant"),
    [("gama", "gamma"), ("base rates of", "base rate"), ("insurance", "hedge")],
    ids=["misspelt", "nearly", "a word of the explanation"],
)
def test_someone_who_asks_for_what_is_not_there_is_offered_what_is_near(
    word: str, meant: str
) -> None:
    assert meant in near(word)


def test_nothing_near_offers_nothing() -> None:
    assert near("zzzz") == ()
    assert near(" ") == ()


def test_all_lists_every_term() -> None:
    assert (lookup("all") or "").split("\n") == [term.term for term in terms()]
