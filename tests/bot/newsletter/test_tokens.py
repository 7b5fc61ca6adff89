"""A reader's links cannot be guessed, swapped or read out of the ledger."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.newsletter.tokens import (
    address_hash,
    confirm_token,
    is_token,
    preferences_token,
    same_hash,
    token_hash,
    unsubscribe_token,
)

KEY = "a key of at least thirty-two characters"
ids = st.integers(min_value=1, max_value=2**62)


def test_a_token_is_the_beginning_of_a_keyed_hash_of_purpose_and_reader() -> None:
    whole = hmac.new(KEY.encode(), b"token:leave:42", hashlib.sha256).digest()

    token = unsubscribe_token(KEY, 42)

    assert base64.urlsafe_b64decode(token + "==") == whole[:16]


@given(ids)
def test_a_token_has_twenty_two_letters_that_no_link_has_to_escape(subscriber_id: int) -> None:
    assert is_token(unsubscribe_token(KEY, subscriber_id))
    assert is_token(preferences_token(KEY, subscriber_id))
    assert is_token(confirm_token(KEY, subscriber_id, 1))


@given(ids, ids)
def test_no_two_readers_and_no_two_purposes_share_a_token(one: int, other: int) -> None:
    tokens = {
        unsubscribe_token(KEY, one),
        preferences_token(KEY, one),
        confirm_token(KEY, one, 1),
        confirm_token(KEY, one, 2),
    }

    assert len(tokens) == 4
    assert (unsubscribe_token(KEY, other) in tokens) == (one == other)


@given(ids)
def test_another_desks_token_does_not_fit(subscriber_id: int) -> None:
    ours, theirs = unsubscribe_token(KEY, subscriber_id), unsubscribe_token("x" * 32, subscriber_id)

    assert ours != theirs
    assert token_hash(KEY, ours) != token_hash("x" * 32, ours)


@given(st.text(max_size=40))
def test_whatever_is_typed_into_a_link_is_a_token_only_by_its_shape(text: str) -> None:
    letters = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    assert is_token(text) == (len(text) == 22 and set(text) <= letters)


@pytest.mark.parametrize("cut", [0, 1, 21])
def test_a_cut_token_is_none(cut: int) -> None:
    assert not is_token(unsubscribe_token(KEY, 7)[:cut])


def test_the_ledger_keeps_a_hash_that_does_not_hold_the_token() -> None:
    token = unsubscribe_token(KEY, 7)

    kept = token_hash(KEY, token)

    assert (len(kept), token in kept) == (64, False)
    assert same_hash(kept, token_hash(KEY, token))
    assert not same_hash(kept, token_hash(KEY, preferences_token(KEY, 7)))


def test_a_kept_address_cannot_be_read_without_the_key() -> None:
    assert address_hash(KEY, "ana@reader.test") != address_hash("x" * 32, "ana@reader.test")
    assert address_hash(KEY, "ana@reader.test") != address_hash(KEY, "bo@reader.test")
