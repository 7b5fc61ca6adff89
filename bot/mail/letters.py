"""From an edition's texts in the ledger to the letter that one kind of reader gets."""

from __future__ import annotations

from bot.channels import Delivery
from bot.edition import LETTERS, NOTE, WEEKLY
from bot.mail.message import Letter
from bot.newsletter.bigdays import was_big_day
from bot.newsletter.choices import BIG_DAYS, DAILY
from bot.newsletter.choices import WEEKLY as WEEKLY_CADENCE
from bot.publishing import PICTURE, REPORT

LEVELS = ("plain", "trader", "quant")
PLAIN = LEVELS[0]
WANTS = (
    *(f"mail.{level}.{kind}" for level in LEVELS for kind in ("txt", "html")),
    PICTURE,
    f"{PICTURE}.alt.txt",
    REPORT,
)
"""The texts a mail is made of, and the report that says whether it was a big day."""


def letter_of(delivery: Delivery, level: str, *, text_only: bool = False) -> Letter:
    """Return the letter of an edition at a level; one without that level goes out plain.

    Raises
    ------
    ValueError
        If the edition was written without any text for mail.
    """
    texts = delivery.texts
    found = next((one for one in (level, PLAIN) if f"mail.{one}.txt" in texts), None)
    if found is None:
        raise ValueError("the edition has no mail text; publish it again with mail set up")
    page = None if text_only else texts.get(f"mail.{found}.html")
    alt = texts.get(f"{PICTURE}.alt.txt", b"")
    return Letter(
        session=delivery.session,
        edition=delivery.edition,
        level=found,
        content_hash=delivery.content_hash,
        text=texts[f"mail.{found}.txt"].decode(),
        page=None if page is None else page.decode(),
        picture=texts.get(PICTURE) if page is not None and alt else None,
        picture_alt=alt.decode(),
        is_answer=delivery.edition in LETTERS,
    )


def cadences_of(delivery: Delivery) -> frozenset[str] | None:
    """Return whose readers an edition is for; None for a letter, which answers one person."""
    if delivery.edition == WEEKLY:
        return frozenset({WEEKLY_CADENCE})
    if delivery.edition != NOTE:
        return None
    is_big = was_big_day(delivery.texts.get(REPORT))
    return frozenset({DAILY, BIG_DAYS}) if is_big else frozenset({DAILY})
