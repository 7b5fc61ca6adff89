"""Who gets which edition, and when: one delivery a reader, due at the hour of their own clock.

A page of readers at a time, numbers and hours only, so that a million of them need no more
memory than a thousand. Whether a reader still wants it is asked again right before it is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.edition import ALREADY, CONFIRM, NOTE, WEEKLY
from bot.ledger import Ledger, Transaction
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow, edition_text
from bot.ledger.slots import Slot, slots_after, subscribers_in
from bot.ledger.subscribers import Subscriber, SubscriberState
from bot.newsletter.bigdays import was_big_day
from bot.newsletter.choices import BIG_DAYS, DAILY
from bot.newsletter.choices import WEEKLY as WEEKLY_CADENCE
from bot.publishing import REPORT

PAGE = 2_000
"""Readers that are planned, and promised in one commit."""

LONGEST_HOLD = timedelta(hours=17)
"""A reader's hour further off than this would come after the note has expired."""

GETS_LETTERS = {
    CONFIRM: (SubscriberState.PENDING,),
    ALREADY: (SubscriberState.CONFIRMED, SubscriberState.PAUSED),
}


async def mail_targets(
    ledger: Ledger, edition: EditionRow, *, page: int = PAGE
) -> AsyncIterator[Sequence[Target]]:
    """Give the readers an edition goes to, each held back until their hour.

    Parameters
    ----------
    ledger
        Read a page at a time, so nobody who writes has to wait.
    edition
        Frozen, or the promise could change; its texts decide whether it was a big day.
    page
        Readers in a page.
    """
    async with ledger.read() as tx:
        cadences = await wanted_cadences(tx, edition)
    hours: dict[tuple[str, int], datetime | None] = {}
    after = 0
    while cadences:
        async with ledger.read() as tx:
            slots = await slots_after(tx, cadences, after, page)
        if not slots:
            break
        after = slots[-1].subscriber_id
        yield [_target(slot, edition, hours) for slot in slots]


def _target(
    slot: Slot, edition: EditionRow, hours: dict[tuple[str, int], datetime | None]
) -> Target:
    due = None
    if slot.hour is not None and edition.frozen_at is not None:
        # There are far fewer hours and zones than readers.
        key = (slot.zone, slot.hour)
        if key not in hours:
            hours[key] = due_at(edition.frozen_at, slot.zone, slot.hour)
        due = hours[key]
    return Target(str(slot.subscriber_id), due, slot.subscriber_id)


def due_at(published_at: datetime, zone: str, hour: int) -> datetime | None:
    """Return when a reader's hour comes next, in UTC; nothing for at once.

    Parameters
    ----------
    published_at
        When the edition was frozen.
    zone
        The reader's IANA zone.
    hour
        The hour on the reader's clock, 0 to 23. One that a change of clocks leaves out comes
        with the first moment after the gap, one that comes twice counts the first time.
    """
    local = ZoneInfo(zone)
    day = published_at.astimezone(local).date()
    today, tomorrow = (_moment(day + timedelta(days=n), hour, local) for n in (0, 1))
    due = today if today >= published_at else tomorrow
    return due if published_at <= due <= published_at + LONGEST_HOLD else None


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


async def wanted_cadences(tx: Transaction, edition: EditionRow) -> frozenset[str]:
    """Return whose readers an edition goes to: none for a revision, which stands on the web."""
    if edition.edition == WEEKLY:
        return frozenset({WEEKLY_CADENCE})
    if edition.edition != NOTE:
        return frozenset()
    is_big = was_big_day(await edition_text(tx, edition.id, REPORT))
    return frozenset({DAILY, BIG_DAYS}) if is_big else frozenset({DAILY})


async def still_wanted(
    tx: Transaction,
    kind: str,
    subscriber_ids: Collection[int],
    cadences: Collection[str] | None = None,
) -> dict[int, Subscriber]:
    """Return those readers who still want what is about to be sent to them, by number.

    Ask right before sending: a reader may have left, paused or chosen otherwise since.

    Parameters
    ----------
    tx
        A transaction, as late as can be.
    kind
        The edition: a note or digest goes to confirmed readers, a letter to those it answers.
    subscriber_ids
        Of the deliveries in hand.
    cadences
        From `wanted_cadences`; None asks for the state only.
    """
    if kind in GETS_LETTERS:
        return await subscribers_in(tx, subscriber_ids, GETS_LETTERS[kind], None)
    states = (SubscriberState.CONFIRMED,)
    return await subscribers_in(tx, subscriber_ids, states, cadences)
