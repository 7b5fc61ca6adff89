"""The newsletter: one message for each reader, over a relay, by the hand that keeps the record.

Nobody can send a mail exactly once. What can be done is to know at every moment which ones are
settled: the outbox commits a mark right before the text of a message goes over the wire, so a
crash leaves in doubt only what was on the wire, and everything else is sent again or not at all.
A reader who left after the rows were made is not written to, up to the last moment before the
line is opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date
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
from bot.edition import LETTERS, NOTE, WEEKLY
from bot.ledger import Ledger
from bot.ledger.bounces import Bounce, BounceKind, note_bounce
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Pace
from bot.ledger.subscribers import Subscriber
from bot.mail.address import AddressError, kept_address
from bot.mail.answers import Answer, Fault, asks_to_slow_down, fault_of, receipt_of
from bot.mail.letters import WANTS, cadences_of, letter_of
from bot.mail.message import Message, Reader, Sender, make_message
from bot.mail.signing import Signer
from bot.mail.throttle import Throttle
from bot.mail.verp import bounce_address, message_id
from bot.mail.wire import WIRE_FAULTS, Envelope, Lines, hand, no_line
from bot.newsletter.fanout import mail_targets, still_wanted
from bot.newsletter.letters import letter_link
from bot.newsletter.tokens import address_hash, preferences_token, unsubscribe_token

log = structlog.get_logger(__name__)

CHANNEL = "mail"
LETTERS_KEPT = 12
"""Messages kept in memory without their readers: three levels, with and without HTML, twice."""


@dataclass
class MailChannel:
    """The readers' mailboxes, by way of one relay.

    Parameters
    ----------
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
    connections: int = 4
    marker_batch: int = 10
    name: str = CHANNEL
    wants: tuple[str, ...] = WANTS
    carries: frozenset[str] = frozenset({NOTE, WEEKLY, *LETTERS})
    keeps_archive: bool = False
    after_silence: AfterSilence = AfterSilence.DOUBT
    _letters: dict[tuple[str, str, bool], Message] = field(default_factory=dict, repr=False)
    _ahead: dict[int, Subscriber | None] = field(default_factory=dict, repr=False)

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
        return mail_targets(self.ledger, edition)

    async def look_ahead(self, deliveries: Sequence[Delivery]) -> None:
        """Read the addresses and wishes of the next few readers in one go."""
        by_edition: defaultdict[tuple[date, str], list[Delivery]] = defaultdict(list)
        for one in deliveries:
            by_edition[one.session, one.edition].append(one)
        async with self.ledger.read() as tx:
            for alike in by_edition.values():
                ids = {one.id: one.subscriber_id or 0 for one in alike}
                first = alike[0]
                readers = set(ids.values())
                found = await still_wanted(tx, first.edition, readers, cadences_of(first))
                self._ahead |= {number: found.get(reader) for number, reader in ids.items()}

    async def idle(self) -> None:
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
        if recipient is None or recipient.address is None:
            return Unwanted("the reader has left, or chosen otherwise")
        try:
            envelope, message = self._completed(delivery, recipient, recipient.address)
        except AddressError as error:
            return Refused(str(error), "5.1.3")
        except ValueError as error:
            return Refused(str(error), "unreadable", our_fault=True)
        answer = await self._hand(envelope, message, hand_over)
        if not isinstance(answer, Answer):
            return answer
        await self._learn(delivery, answer)
        return receipt_of(answer)

    def _completed(
        self, delivery: Delivery, recipient: Subscriber, to: str
    ) -> tuple[Envelope, bytes]:
        address = kept_address(to)
        sender, site, number = self.sender, self.sender.site, recipient.id
        reader = Reader(
            address=address,
            leave_url=f"{site}/u/{unsubscribe_token(sender.key, number)}",
            preferences_url=f"{site}/preferences/{preferences_token(sender.key, number)}",
            message_id=message_id(sender.key, sender.domain, delivery.id),
            at=self.clock(),
            link=link_of(delivery, sender),
        )
        message = self._letter(delivery, recipient).for_reader(reader)
        if self.signer is not None:
            message = self.signer.sign(message)
        back = sender.mailbox.address
        if sender.bounces is not None:
            back = bounce_address(sender.key, sender.bounces, delivery.id)
        return Envelope(back, address), message

    def _letter(self, delivery: Delivery, recipient: Subscriber) -> Message:
        wish = recipient.preferences
        key = delivery.content_hash, wish.level, wish.text_only
        known = self._letters.get(key)
        if known is None:
            letter = letter_of(delivery, wish.level, text_only=wish.text_only)
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


def link_of(delivery: Delivery, sender: Sender) -> str:
    """Return what a letter is about; nothing for an edition, which goes to many."""
    if delivery.edition not in LETTERS:
        return ""
    return letter_link(delivery.edition, delivery.target, sender.key, sender.site)
