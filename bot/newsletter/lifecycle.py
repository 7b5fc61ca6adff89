"""A reader's way: asked, confirmed, paused, gone, and perhaps back again.

``pending → confirmed → (paused) → unsubscribed | bounced | complained | erased``

Only a reader's own click confirms; anyone may ask for any address, and whoever asks is answered
the same, whatever is known of it. Every step is written into the consent log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.edition import ALREADY, CONFIRM
from bot.ledger import Transaction
from bot.ledger.dossier import dossier_of
from bot.ledger.letters import cancel_waiting, letters_since, letters_to, note_letter
from bot.ledger.subscribers import (
    Consent,
    Preferences,
    Subscriber,
    SubscriberState,
    add_subscriber,
    address_key,
    erase_subscriber,
    is_suppressed,
    move_subscriber,
    save_preferences,
    subscriber_by_id,
)
from bot.ledger.tokens import KeptToken, drop_tokens, holder_of, keep_tokens
from bot.newsletter.letters import promise_letter
from bot.newsletter.tokens import (
    Purpose,
    address_hash,
    confirm_token,
    is_token,
    preferences_token,
    token_hash,
    unsubscribe_token,
)

CONFIRM_WITHIN = timedelta(hours=48)
FORGET_AFTER = timedelta(days=7)
"""Who has not confirmed by then is forgotten."""

BETWEEN_LETTERS = timedelta(hours=1)
HOUR = timedelta(hours=1)

READING = (SubscriberState.CONFIRMED, SubscriberState.PAUSED)
CAN_LEAVE = (SubscriberState.PENDING, *READING)
SHUT = (SubscriberState.BOUNCED, SubscriberState.COMPLAINED)


class Asked(StrEnum):
    """What came of asking at the form; for the desk's own figures, never for who asked."""

    WRITTEN_TO = "written_to"
    SUPPRESSED = "suppressed"
    ENOUGH_LETTERS = "enough_letters"


@dataclass(frozen=True, slots=True)
class LetterCaps:
    """How many letters may go out: to one address within a day, and to all within an hour.

    None is no cap. Whatever they say, an address gets at most one an hour.
    """

    per_address: int | None = 3
    in_all: int | None = 500


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a click came from, as far as it is kept."""

    text_version: str
    source: str
    address_prefix: str | None = None
    agent_hash: str | None = None

    def consent(self, action: str) -> Consent:
        """Return the entry for the consent log."""
        return Consent(action, self.text_version, self.source, self.address_prefix, self.agent_hash)


async def ask(
    tx: Transaction, key: str, address: str, origin: Origin, caps: LetterCaps, now: datetime
) -> Asked:
    """Answer somebody who typed an address into the form: a letter to it, or nothing.

    Parameters
    ----------
    tx
        A write transaction.
    key
        The desk's secret.
    address
        From `bot.newsletter.addresses.mailbox`.
    origin
        Where it was asked.
    caps
        How many letters may go out.
    now
        The time.
    """
    is_shut = await is_suppressed(tx, address_hash(key, address_key(address)))
    all_sent = await letters_since(tx, now - HOUR, now)
    if is_shut:
        return Asked.SUPPRESSED
    if caps.in_all is not None and all_sent >= caps.in_all:
        return Asked.ENOUGH_LETTERS
    reader, is_new = await add_subscriber(tx, address, Preferences(), now)
    if reader.state in SHUT:
        return Asked.SUPPRESSED
    sent, last = await letters_to(tx, reader.id, now)
    too_soon = last is not None and now - last < BETWEEN_LETTERS
    if too_soon or (caps.per_address is not None and sent >= caps.per_address):
        return Asked.ENOUGH_LETTERS
    await note_letter(tx, reader.id, sent + 1, now)
    if is_new:
        await keep_tokens(tx, lasting_tokens(key, reader.id), now)
    await _write(tx, key, reader, origin, now)
    return Asked.WRITTEN_TO


async def _write(
    tx: Transaction, key: str, reader: Subscriber, origin: Origin, now: datetime
) -> None:
    letter = int(now.timestamp())
    if reader.state in READING:
        await promise_letter(tx, ALREADY, reader.id, letter, now)
        return
    await move_subscriber(tx, reader.id, SubscriberState.PENDING, origin.consent("asked"), now)
    secret = token_hash(key, confirm_token(key, reader.id, letter))
    kept = KeptToken(secret, reader.id, Purpose.CONFIRM, now + CONFIRM_WITHIN)
    await keep_tokens(tx, [kept], now)
    await promise_letter(tx, CONFIRM, reader.id, letter, now)


def lasting_tokens(key: str, subscriber_id: int) -> list[KeptToken]:
    """Return what is kept of the links in every mail to a reader."""
    leave = token_hash(key, unsubscribe_token(key, subscriber_id))
    preferences = token_hash(key, preferences_token(key, subscriber_id))
    return [
        KeptToken(leave, subscriber_id, Purpose.LEAVE),
        KeptToken(preferences, subscriber_id, Purpose.PREFERENCES),
    ]


async def reader_of(
    tx: Transaction, key: str, token: str, purpose: Purpose, now: datetime
) -> Subscriber | None:
    """Return the reader whose link this is, or nothing for a forged, cut or foreign one."""
    if not is_token(token):
        return None
    subscriber_id = await holder_of(tx, token_hash(key, token), purpose, now)
    return None if subscriber_id is None else await subscriber_by_id(tx, subscriber_id)


async def confirm(tx: Transaction, key: str, token: str, origin: Origin, now: datetime) -> bool:
    """Take a reader's yes; a second one changes nothing. Returns whether something changed."""
    reader = await reader_of(tx, key, token, Purpose.CONFIRM, now)
    if reader is None or reader.state is not SubscriberState.PENDING:
        return False
    await move_subscriber(
        tx, reader.id, SubscriberState.CONFIRMED, origin.consent("confirmed"), now
    )
    return True


async def leave(tx: Transaction, key: str, token: str, origin: Origin, now: datetime) -> bool:
    """End a subscription at once, any number of times. Returns whether something changed."""
    reader = await reader_of(tx, key, token, Purpose.LEAVE, now)
    return reader is not None and await end(tx, reader, origin, now)


async def end(tx: Transaction, reader: Subscriber, origin: Origin, now: datetime) -> bool:
    """End a reader's subscription and what waits for them; an open confirm link dies with it."""
    if reader.state not in CAN_LEAVE:
        return False
    gone = SubscriberState.UNSUBSCRIBED
    await move_subscriber(tx, reader.id, gone, origin.consent("left"), now)
    await cancel_waiting(tx, reader.id, "the reader has left", now)
    await drop_tokens(tx, reader.id, Purpose.CONFIRM)
    return True


async def pause(tx: Transaction, reader: Subscriber, origin: Origin, now: datetime) -> bool:
    """Hold the notes until the reader wants them again."""
    if reader.state is not SubscriberState.CONFIRMED:
        return False
    await move_subscriber(tx, reader.id, SubscriberState.PAUSED, origin.consent("paused"), now)
    await cancel_waiting(tx, reader.id, "the reader paused", now)
    return True


async def resume(tx: Transaction, reader: Subscriber, origin: Origin, now: datetime) -> bool:
    """End a pause."""
    if reader.state is not SubscriberState.PAUSED:
        return False
    await move_subscriber(tx, reader.id, SubscriberState.CONFIRMED, origin.consent("resumed"), now)
    return True


async def choose(
    tx: Transaction, reader: Subscriber, preferences: Preferences, now: datetime
) -> bool:
    """Store how a reader wants to be written to; one who has left chooses nothing."""
    if reader.state not in READING:
        return False
    await save_preferences(tx, reader.id, preferences, now)
    return True


async def erase(
    tx: Transaction, key: str, reader: Subscriber, origin: Origin, now: datetime
) -> bool:
    """Forget a reader, but for a keyed hash that keeps others from signing them up again."""
    if reader.address is None:
        return False
    kept = address_hash(key, address_key(reader.address))
    entry = Origin(origin.text_version, origin.source).consent("erased")
    await move_subscriber(tx, reader.id, SubscriberState.ERASED, entry, now)
    await erase_subscriber(tx, reader.id, kept, now)
    return True


async def dossier(tx: Transaction, reader: Subscriber) -> Mapping[str, object]:
    """Return all that is kept of a reader, as plain JSON values."""
    found = await dossier_of(tx, reader.id)
    return {
        name: [{column: _plain(value) for column, value in row.items()} for row in rows]
        for name, rows in found.items()
    }


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | list) else str(value)
