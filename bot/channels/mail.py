"""The newsletter: one message for each reader, over a relay, by the hand that keeps the record.

Nobody can send a mail exactly once. What can be done is to know at every moment which ones are
settled: the outbox commits a mark right before the text of a message goes over the wire, so a
crash leaves in doubt only what was on the wire, and everything else is sent again or not at all.
A reader who left after the rows were made is not written to, up to the last moment before the
line is opened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from bot.channels import (
    AfterSilence,
    Delivery,
    HandOver,
    LeaseLostError,
    Load,
    Receipt,
    Refused,
    RetryLater,
    Unwanted,
)
from bot.clock import Clock
from bot.edition import NOTE, WEEKLY
from bot.ledger import Ledger
from bot.ledger.bounces import Bounce, BounceKind, note_bounce
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Pace
from bot.ledger.recipients import Recipient, recipients
from bot.ledger.subscribers import each_confirmed
from bot.mail.address import AddressError, address_of
from bot.mail.answers import Answer, Fault, asks_to_slow_down, fault_of, receipt_of
from bot.mail.letters import WANTS, letter_of
from bot.mail.message import Message, Reader, Sender, make_message
from bot.mail.signing import Signer
from bot.mail.throttle import Throttle
from bot.mail.verp import bounce_address
from bot.mail.wire import WIRE_FAULTS, Envelope, Lines, hand, no_line
from bot.newsletter.tokens import address_hash, preferences_token, unsubscribe_token

log = structlog.get_logger(__name__)

CHANNEL = "mail"
LETTERS_KEPT = 12
"""Messages kept in memory without their readers: three levels, with and without HTML, twice."""

CADENCES = {NOTE: "daily", WEEKLY: "weekly"}

Audience = Callable[[EditionRow], AsyncIterator[Sequence[Target]]]
"""Who gets an edition, a page at a time, each held back until their hour."""


@dataclass
class MailChannel:
    """The readers' mailboxes, by way of one relay.

    Parameters
    ----------
    audience
        Who gets an edition; without one, every confirmed reader of its cadence, at once.
    marker_batch
        Messages that share one commit before they are handed over, and so the most that one
        line can leave in doubt by a crash.
    """

    ledger: Ledger
    sender: Sender
    lines: Lines
    clock: Clock
    throttle: Throttle
    signer: Signer | None = None
    audience: Audience | None = None
    connections: int = 4
    marker_batch: int = 10
    name: str = CHANNEL
    wants: tuple[str, ...] = WANTS
    carries: frozenset[str] = frozenset({NOTE, WEEKLY})
    keeps_archive: bool = False
    after_silence: AfterSilence = AfterSilence.DOUBT
    _letters: dict[tuple[str, str, bool], Message] = field(default_factory=dict, repr=False)
    _ahead: dict[int, Recipient | None] = field(default_factory=dict, repr=False)

    @property
    def pace(self) -> Pace:
        """What the relay will bear; half of it after it complained."""
        return self.throttle.pace

    @property
    def load(self) -> Load:
        """How many lines, and how many messages share a commit."""
        return Load(self.connections, self.marker_batch)

    def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the readers, a page at a time."""
        audience = self.audience or partial(everyone, self.ledger)
        return audience(edition)

    async def look_ahead(self, deliveries: Sequence[Delivery]) -> None:
        """Read the addresses and wishes of the next few readers in one go."""
        ids = {one.id: one.subscriber_id for one in deliveries if one.subscriber_id is not None}
        async with self.ledger.read() as tx:
            found = await recipients(tx, set(ids.values()))
        self._ahead |= {number: found.get(reader) for number, reader in ids.items()}

    async def rest(self) -> None:
        """Close the lines until there is work again."""
        self._ahead.clear()
        await self.lines.close()

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Complete the message for its reader and give it to the relay."""
        if delivery.subscriber_id is None:
            return Refused("a mail needs a subscriber", our_fault=True)
        if delivery.id not in self._ahead:
            await self.look_ahead([delivery])
        recipient = self._ahead.pop(delivery.id, None)
        if recipient is None:
            return Unwanted("the reader has left")
        try:
            envelope, message = self._completed(delivery, recipient)
        except AddressError as error:
            return Refused(str(error), "5.1.3")
        except ValueError as error:
            return Refused(str(error), "unreadable", our_fault=True)
        answer = await self._hand(envelope, message, hand_over)
        if not isinstance(answer, Answer):
            return answer
        await self._learn(delivery, answer)
        return receipt_of(answer)

    def _completed(self, delivery: Delivery, recipient: Recipient) -> tuple[Envelope, bytes]:
        address = address_of(recipient.address)
        sender, site = self.sender, self.sender.site
        number = recipient.subscriber_id
        reader = Reader(
            address=address,
            leave_url=f"{site}/u/{unsubscribe_token(sender.key, number)}",
            preferences_url=f"{site}/preferences/{preferences_token(sender.key, number)}",
            key=delivery.key,
            at=self.clock(),
        )
        message = self._letter(delivery, recipient).for_reader(reader)
        if self.signer is not None:
            message = self.signer.sign(message)
        back = sender.mailbox.address
        if sender.bounces is not None:
            back = bounce_address(sender.key, sender.bounces, delivery.id)
        return Envelope(back, address), message

    def _letter(self, delivery: Delivery, recipient: Recipient) -> Message:
        key = delivery.content_hash, recipient.level, recipient.text_only
        known = self._letters.get(key)
        if known is None:
            letter = letter_of(delivery, recipient.level, text_only=recipient.text_only)
            known = make_message(self.sender, letter)
            while len(self._letters) >= LETTERS_KEPT:
                self._letters.pop(next(iter(self._letters)))
            self._letters[key] = known
        return known

    async def _hand(
        self, envelope: Envelope, message: bytes, hand_over: HandOver
    ) -> Answer | Receipt:
        """Give it to a line; one that had died in its sleep costs nothing but another line."""
        for is_last in (False, True):
            was_used = False
            try:
                async with self.lines.line() as line:
                    was_used = line.carried > 0
                    return await hand(line, envelope, message, hand_over, self.lines.text_seconds)
            except LeaseLostError:
                raise
            except WIRE_FAULTS as error:
                if is_last or not was_used:
                    return no_line(error)
        return RetryLater("no line to the relay", "connect")

    async def _learn(self, delivery: Delivery, answer: Answer) -> None:
        """Slow down if the relay asks for it, and note what it says of the reader."""
        if asks_to_slow_down(answer):
            self.throttle.slow_down()
            log.warning("mail_slowed", code=answer.status, per_second=self.pace.per_second)
        if answer.code < 500 or fault_of(answer) is Fault.OURS:
            return
        bounce = Bounce(
            delivery.id, BounceKind.AT_ONCE, answer.status, fault_of(answer), answer.told
        )
        async with self.ledger.write() as tx:
            await note_bounce(tx, bounce, partial(address_hash, self.sender.key), self.clock())


async def everyone(ledger: Ledger, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
    """Give every confirmed reader of an edition's cadence, at once."""
    async with ledger.read() as tx:
        async for page in each_confirmed(tx, CADENCES.get(edition.edition, "daily")):
            yield [Target(str(one.id), subscriber_id=one.id) for one in page]
