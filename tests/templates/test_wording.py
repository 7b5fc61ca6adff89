"""A sentence comes back late: every wording is taken before any returns."""

from __future__ import annotations

from math import prod

from hypothesis import given
from hypothesis import strategies as st

from templates.wording import wording

shapes = st.lists(st.lists(st.integers(1, 4), max_size=3), min_size=1, max_size=4)


@given(shape=shapes, turn=st.integers(0, 10**6))
def test_no_wording_returns_before_all_others_were_said(shape: list[list[int]], turn: int) -> None:
    wordings = sum(prod(choices) for choices in shape)

    taken = [wording("a.b", turn + day, shape) for day in range(wordings)]

    assert len(set(taken)) == wordings


@given(shape=shapes, turn=st.integers(0, 10**6))
def test_every_choice_names_a_clause_that_exists(shape: list[list[int]], turn: int) -> None:
    way, clauses = wording("a.b", turn, shape)

    assert len(clauses) == len(shape[way])
    assert all(0 <= one < offered for one, offered in zip(clauses, shape[way], strict=True))


def test_two_sentences_do_not_walk_in_step() -> None:
    days = range(6)

    first = [wording("leveraged_etf.flow", day, [[3], [3]]) for day in days]
    second = [wording("vol_control.flow", day, [[3], [3]]) for day in days]

    assert first != second
