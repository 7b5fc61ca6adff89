"""Letters to one reader who asked at the form, sent by the same outbox as the notes.

A day's letters of a kind share one frozen edition: the words, with a gap where each reader's own
link goes. A letter is a delivery of that edition on the mail channel, whose target says which
reader and which of their letters it is, so the link can be worked out again after a crash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.edition import ALREADY, CONFIRM, Edition
from bot.ledger import Transaction
from bot.ledger.deliveries import Target, enqueue
from bot.ledger.editions import EditionRow, Terms, find_edition, freeze
from bot.newsletter.tokens import confirm_token, preferences_token
from templates.letters import LINK, letter_words

MAIL_CHANNEL = "mail"
LETTER_TEXT, LETTER_HTML = "mail.plain.txt", "mail.plain.html"
"""The texts of a letter's edition, named as those of a note's mail."""

LETTER_EXPIRES = timedelta(hours=24)
"""A letter that could not be sent for a day answers nobody any more."""


def letter_target(subscriber_id: int, letter: int) -> str:
    """Return what a letter's delivery is addressed to.

    >>> letter_target(7, 1763763300)
    '7/1763763300'
    """
    return f"{subscriber_id}/{letter}"


def letter_link(kind: str, target: str, key: str, public_url: str) -> str:
    """Return the link that a letter is about.

    Parameters
    ----------
    kind
        The edition, ``confirm`` or ``already``.
    target
        The delivery's target, from `letter_target`.
    key
        The desk's secret.
    public_url
        Where readers reach the desk.

    Raises
    ------
    ValueError
        If it is no letter.
    """
    subscriber_id, _, letter = target.partition("/")
    site = public_url.rstrip("/")
    if kind == CONFIRM:
        return f"{site}/confirm/{confirm_token(key, int(subscriber_id), int(letter))}"
    if kind == ALREADY:
        return f"{site}/preferences/{preferences_token(key, int(subscriber_id))}"
    raise ValueError(f"a letter is {CONFIRM} or {ALREADY}, not {kind!r}")


def filled(texts: Mapping[str, bytes], link: str) -> dict[str, bytes]:
    """Put a reader's link into a letter's texts."""
    gap, fill = LINK.encode(), link.encode()
    return {name: body.replace(gap, fill) for name, body in texts.items()}


async def promise_letter(
    tx: Transaction, kind: str, subscriber_id: int, letter: int, now: datetime
) -> None:
    """Put a letter to one reader into the outbox."""
    edition = await _edition_of_today(tx, kind, now)
    target = Target(letter_target(subscriber_id, letter), now, subscriber_id)
    await enqueue(tx, edition, MAIL_CHANNEL, [target], now + LETTER_EXPIRES)


async def _edition_of_today(tx: Transaction, kind: str, now: datetime) -> EditionRow:
    day = now.astimezone(UTC).date()
    standing = await find_edition(tx, day, kind)
    if standing is not None:
        return standing
    words = letter_words(kind)
    texts = {LETTER_TEXT: words.text.encode(), LETTER_HTML: words.html.encode()}
    digest = hashlib.sha256(b"\0".join(texts.values())).hexdigest()
    return await freeze(tx, Edition(day, texts, f"sha256:{digest}"), Terms(kind), now)
