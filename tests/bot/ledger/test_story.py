"""Of two words about a note the later one wins, whichever is sent first."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.edition import AGAIN, NOTE, REMOVAL, RETRACTION, REVISION
from bot.ledger.editions import EditionRow, EditionState
from bot.ledger.story import Story, story_of

FRIDAY = date(2025, 11, 21)
EVENING = datetime(2025, 11, 21, 22, 15, tzinfo=UTC)


def told(*editions: str, hashes: str = "") -> Story:
    """Return the story of these words, in the order they were said."""
    marks = hashes or "a" * len(editions)
    return story_of(
        EditionRow(
            id=number,
            session=FRIDAY,
            edition=edition,
            state=EditionState.FROZEN,
            content_hash=mark,
            late=False,
            reason="",
            corrects=None,
            created_at=EVENING,
            frozen_at=EVENING,
        )
        for number, (edition, mark) in enumerate(zip(editions, marks, strict=True), start=1)
    )


@pytest.mark.parametrize(
    ("words", "withdrawn"),
    [
        ((NOTE,), None),
        ((NOTE, RETRACTION), RETRACTION),
        ((NOTE, REMOVAL), None),
        ((NOTE, RETRACTION, AGAIN), None),
        ((NOTE, RETRACTION, AGAIN, "retraction-2"), "retraction-2"),
        ((NOTE, RETRACTION, AGAIN, "retraction-2", "again-2"), None),
        ((NOTE, REMOVAL, AGAIN, "retraction-2"), "retraction-2"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else str(words),
)
def test_a_note_is_withdrawn_from_its_retraction_until_it_is_published_again(
    words: tuple[str, ...], withdrawn: str | None
) -> None:
    end = told(*words).withdrawn

    assert (end.edition if end else None) == withdrawn


@pytest.mark.parametrize(
    ("words", "edition"),
    [
        ((NOTE, RETRACTION), NOTE),
        ((NOTE, RETRACTION, REVISION), REVISION),
        ((NOTE, RETRACTION, AGAIN), NOTE),
        ((NOTE, RETRACTION, AGAIN), RETRACTION),
        ((NOTE, RETRACTION, AGAIN, "retraction-2"), AGAIN),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else words,
)
def test_what_a_later_word_to_every_channel_undoes_need_not_be_sent(
    words: tuple[str, ...], edition: str
) -> None:
    assert told(*words).is_overtaken(edition)


@pytest.mark.parametrize(
    ("words", "edition"),
    [
        ((NOTE, REVISION), NOTE),
        ((NOTE, REMOVAL), NOTE),
        ((NOTE, REMOVAL, AGAIN), NOTE),
        ((NOTE, RETRACTION, AGAIN), AGAIN),
        ((NOTE, RETRACTION, AGAIN, REVISION), REVISION),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else words,
)
def test_a_word_that_nothing_undoes_everywhere_is_sent(
    words: tuple[str, ...], edition: str
) -> None:
    assert not told(*words).is_overtaken(edition)


def test_a_correction_that_came_while_the_note_was_withdrawn_is_what_is_published_again() -> None:
    story = told(NOTE, RETRACTION, REVISION, hashes="axb")

    assert story.standing is not None
    assert story.standing.edition == REVISION


def test_a_note_published_again_as_it_stood_has_no_correction() -> None:
    assert told(NOTE, RETRACTION, AGAIN, hashes="axa").correction is None


def test_what_was_published_again_with_other_figures_takes_the_notes_place() -> None:
    story = told(NOTE, RETRACTION, AGAIN, hashes="axb")

    assert story.original is not None
    assert story.original.edition == AGAIN
    assert story.correction is None


def test_what_was_published_again_with_other_figures_can_be_corrected() -> None:
    story = told(NOTE, RETRACTION, AGAIN, REVISION, hashes="axbc")

    assert story.original is not None
    assert story.correction is not None
    assert (story.original.edition, story.correction.edition) == (AGAIN, REVISION)


def test_a_correction_stays_one_when_it_is_published_again_as_it_stood() -> None:
    story = told(NOTE, REVISION, RETRACTION, AGAIN, hashes="abxb")

    assert story.correction is not None
    assert story.correction.edition == REVISION
