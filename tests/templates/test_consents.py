"""The words readers agreed to stay what they were."""

from __future__ import annotations

import hashlib

import pytest

from templates.consents import consent_words, current_consent
from templates.letters import LINK, SUBJECTS, letter_words
from templates.mailing import READER_FOOTER, SUBJECT_LIMIT

SHOWN = {
    "2026-11": "edb4d017957de339e68f1021fc35a37f81da5b444a496fa560c57c45c0de2d1f",
}
"""What each version said when it was first shown; a new version adds a line here."""


def test_words_that_were_once_shown_never_change() -> None:
    now = {one.version: hashlib.sha256(one.words.encode()).hexdigest() for one in consent_words()}

    assert now == SHOWN
    assert current_consent().version == max(SHOWN)


@pytest.mark.parametrize("kind", SUBJECTS)
def test_a_letter_has_its_link_in_both_forms_and_room_for_the_footer(kind: str) -> None:
    words = letter_words(kind)

    assert words.text.startswith(f"Subject: {SUBJECTS[kind]}\nPreheader: ")
    assert len(SUBJECTS[kind]) <= SUBJECT_LIMIT
    assert words.text.count(LINK) == 1
    assert words.html.count(f'href="{LINK}"') == 2
    assert words.html.count(READER_FOOTER) == 1


def test_an_unknown_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="confirm, already"):
        letter_words("welcome")
