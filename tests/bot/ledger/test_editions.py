"""A frozen note never changes, whoever comes with a better one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.editions import (
    EditionState,
    Terms,
    count_frozen,
    edition_text,
    find_edition,
    forget_draft,
    freeze,
    keep_draft,
    latest_edition,
)
from bot.ledger.record import ungraded_claims
from tests.bot.conftest import AFTER_THE_CLOSE, FRIDAY


async def test_a_draft_is_replaced_and_then_frozen(ledger: Ledger, edition: Edition) -> None:
    better = replace(edition, texts={"blog.md": b"# Better\n"}, content_hash="sha256:better")

    async with ledger.write() as tx:
        held = await keep_draft(tx, edition, NOTE, ["prices of Thursday"], AFTER_THE_CLOSE)
        frozen = await freeze(tx, better, Terms(NOTE), AFTER_THE_CLOSE)
        text = await edition_text(tx, frozen.id, "blog.md")
        dropped = await edition_text(tx, frozen.id, "note.json")

    assert (held.state, held.reason) == (EditionState.HELD, "prices of Thursday")
    assert (frozen.id, frozen.state, frozen.reason) == (held.id, EditionState.FROZEN, "")
    assert (text, dropped) == (b"# Better\n", None)


async def test_the_second_to_freeze_a_session_gets_the_first_ones_note(
    ledger: Ledger, edition: Edition
) -> None:
    other = replace(edition, texts={"blog.md": b"# Other\n"}, content_hash="sha256:other")
    async with ledger.write() as tx:
        first = await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)

    async with ledger.write() as tx:
        second = await freeze(tx, other, Terms(NOTE), AFTER_THE_CLOSE + timedelta(hours=1))
        draft = await keep_draft(tx, other, NOTE, ["late"], AFTER_THE_CLOSE)
        await forget_draft(tx, FRIDAY, NOTE)
        text = await edition_text(tx, first.id, "blog.md")

    assert second == first == draft
    assert text == b"# Funds had to buy\n"


async def test_a_notes_claims_are_written_once(ledger: Ledger, edition: Edition) -> None:
    async with ledger.write() as tx:
        await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)
        await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)

    async with ledger.read() as tx:
        before = await ungraded_claims(tx, edition.claims[0].resolves_on - timedelta(days=1))
        after = await ungraded_claims(tx, edition.claims[0].resolves_on)

    assert before == []
    assert [(row.session, row.claim) for row in after] == [(FRIDAY, edition.claims[0])]


async def test_readers_never_see_a_held_note(ledger: Ledger, edition: Edition) -> None:
    async with ledger.write() as tx:
        await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)
        monday = replace(edition, session=FRIDAY + timedelta(days=3))
        await keep_draft(tx, monday, NOTE, ["no prices"], AFTER_THE_CLOSE)

        newest = await latest_edition(tx, NOTE)
        await forget_draft(tx, monday.session, NOTE)
        gone = await find_edition(tx, monday.session, NOTE)

    assert newest is not None
    assert (newest.session, gone) == (FRIDAY, None)


async def test_what_was_published_is_counted_and_a_draft_is_not(
    ledger: Ledger, edition: Edition
) -> None:
    async with ledger.write() as tx:
        await keep_draft(tx, edition, NOTE, [], AFTER_THE_CLOSE)
        drafted = await count_frozen(tx)
        await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)
        published = await count_frozen(tx)
        await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)
        again = await count_frozen(tx)

    assert (drafted, published, again) == (0, 1, 1)
