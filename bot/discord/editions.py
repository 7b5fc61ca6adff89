"""The kinds of edition Discord takes, and the post each of them makes."""

from __future__ import annotations

from datetime import datetime

from bot.channels import Delivery
from bot.discord.posts import (
    PICTURE_TEXTS,
    Post,
    Wish,
    attachments_of,
    corrected,
    pending_post,
    post_of,
    published_again,
    withdrawn_post,
)
from bot.discord.published import LEVELS, PLAIN, UnreadableNoteError, read_note, text_name
from bot.discord.weekly import weekly_post
from bot.edition import AGAIN, CHANGES_TEXT, REASON_TEXT, RETRACTION, WEEKLY

PENDING = "pending"
"""A kind of edition that only Discord carries: the promise of a note."""

WANTS = (*(text_name(level) for level in LEVELS), *PICTURE_TEXTS, REASON_TEXT, CHANGES_TEXT)


def delivered_post(delivery: Delivery, level: str, wish: Wish, now: datetime) -> Post:
    """Return the post of a delivery, at the level its channel reads.

    A level the note was not written at falls back to the plain one: the figures are the same.

    Raises
    ------
    UnreadableNoteError
        If the frozen texts hold no note.
    """
    if delivery.edition == PENDING:
        return pending_post(delivery.session, delivery.edition)
    if delivery.kind == RETRACTION:
        reason = delivery.texts.get(REASON_TEXT, b"").decode("utf-8")
        return withdrawn_post(delivery.session, delivery.edition, reason)
    if delivery.edition == WEEKLY:
        return weekly_post(delivery, wish.role_id)
    name = text_name(level) if text_name(level) in delivery.texts else text_name(PLAIN)
    if name not in delivery.texts:
        raise UnreadableNoteError(f"the edition has no {name}; the desk must freeze one")
    note = read_note(
        delivery.texts[name], level=level, edition=delivery.edition, late=delivery.late
    )
    post = post_of(note, attachments_of(note, delivery.texts), wish)
    if delivery.is_correction:
        return corrected(post, now)
    return published_again(post, now) if delivery.kind == AGAIN else post
