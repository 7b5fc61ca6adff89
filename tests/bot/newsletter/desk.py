"""A newsletter to try things on: a key, an origin, readers in any state."""

from __future__ import annotations

from datetime import datetime

from bot.ledger import Ledger
from bot.ledger.subscribers import (
    Consent,
    Preferences,
    Subscriber,
    SubscriberState,
    add_subscriber,
    find_subscriber,
    move_subscriber,
)
from bot.ledger.tokens import keep_tokens
from bot.newsletter.lifecycle import LetterCaps, Origin, lasting_tokens
from tests.bot.conftest import AFTER_THE_CLOSE

KEY = "a key of at least thirty-two characters"
NOW = AFTER_THE_CLOSE
ORIGIN = Origin("2026-11", "form", "203.0.113.0/24", "ab" * 32)
CAPS = LetterCaps()


async def a_reader(
    ledger: Ledger,
    address: str = "ana@reader.test",
    state: SubscriberState = SubscriberState.CONFIRMED,
    preferences: Preferences | None = None,
    now: datetime = NOW,
) -> Subscriber:
    """Add a reader in some state, with the links that stand in every mail."""
    async with ledger.write() as tx:
        reader, _ = await add_subscriber(tx, address, preferences or Preferences(), now)
        await keep_tokens(tx, lasting_tokens(KEY, reader.id), now)
        if state is not SubscriberState.PENDING:
            await move_subscriber(tx, reader.id, state, Consent("test", "2026-11", "test"), now)
    return await at(ledger, address)


async def at(ledger: Ledger, address: str = "ana@reader.test") -> Subscriber:
    """Return the reader at an address."""
    async with ledger.read() as tx:
        found = await find_subscriber(tx, address)
    assert found is not None
    return found
