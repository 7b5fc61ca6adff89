"""Where editions go: the contract between the outbox and whatever carries a note to its readers.

A channel is one file and one class that fits `Channel`. The outbox decides what is due, claims
it, and calls ``send`` once for each delivery; the channel hands the texts over and answers with
a receipt. The outbox never guesses: a receipt says sent, later, refused or in doubt, and only a
channel can know which.

The moment that matters is the hand-over: the last instruction before the far side may act.
Right before it the channel awaits ``hand_over()``, which commits that moment to the ledger. If
the process dies before it, the delivery is simply sent again. If it dies after it, the channel's
``after_silence`` says what may be done:

- ``RESEND``: handing over twice leaves one thing there (a file, a page under a slug);
- ``LOOK_UP``: the far side can be asked, with ``find``, also after a receipt in doubt;
- ``DOUBT``: nobody can know. The delivery is listed and an operator decides.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.edition import AGAIN, CHANGES_TEXT, NOTE, REVISION, WEEKLY, kind_of
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Pace

EVERY_KIND = frozenset({NOTE, REVISION, WEEKLY})
"""All that is sent. An estimate into the close is not: it would arrive after the bell."""


class AfterSilence(StrEnum):
    """What to do with a delivery that was handed over and never answered."""

    RESEND = "resend"
    LOOK_UP = "look_up"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One edition for one target.

    ``key`` is the same for every attempt, on every machine: what a far side may know it by.
    ``handed_at`` is when an earlier attempt handed it over, if one did.
    """

    id: int
    key: str
    session: date
    edition: str
    content_hash: str
    late: bool
    target: str
    subscriber_id: int | None
    attempt: int
    handed_at: datetime | None
    texts: Mapping[str, bytes]

    @property
    def kind(self) -> str:
        """What sort of edition it is, whichever turn."""
        return kind_of(self.edition)

    @property
    def is_correction(self) -> bool:
        """Whether it puts other figures in the place of a note's first ones."""
        return self.kind == REVISION or (self.kind == AGAIN and CHANGES_TEXT in self.texts)


@dataclass(frozen=True, slots=True)
class Sent:
    """The far side has it, under ``reference`` if it gave one."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """It certainly has not got it, and may take it later.

    ``after`` is what the far side asked for; without it the outbox backs off by itself.
    ``whole_channel`` means nobody on this channel should try until then.
    """

    reason: str
    code: str | None = None
    after: timedelta | None = None
    whole_channel: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never take it. ``our_fault`` counts against the channel, not the target."""

    reason: str
    code: str | None = None
    our_fault: bool = False


@dataclass(frozen=True, slots=True)
class InDoubt:
    """It was handed over and no answer came."""

    reason: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Its reader does not want it any more, so it was not sent."""

    reason: str


Receipt = Sent | RetryLater | Refused | InDoubt | Unwanted

HandOver = Callable[[], Awaitable[None]]
"""Awaited right before the hand-over; raises `LeaseLostError` if somebody else has it now."""


class LeaseLostError(Exception):
    """Another worker has taken the delivery over: do not send it."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much a channel does at once.

    ``connections`` groups of ``group`` deliveries run side by side; the deliveries of a group
    are sent one after the other and share one commit before the hand-over and one after. So a
    crash leaves at most ``connections * group`` of them in doubt.
    """

    connections: int = 1
    group: int = 1

    @property
    def claim(self) -> int:
        """How many deliveries to claim at a time.

        Some turns for each connection, so that they seldom wait for the slowest of them.
        """
        return max(6 * self.connections * self.group, 20)


class Channel(Protocol):
    """Anything that can carry an edition to readers."""

    @property
    def name(self) -> str:
        """The slug: file name, column in the ledger, label in the metrics."""
        ...

    @property
    def wants(self) -> tuple[str, ...]:
        """The texts it sends, such as ``blog.md``."""
        ...

    @property
    def carries(self) -> frozenset[str]:
        """The kinds of edition it takes."""
        ...

    @property
    def keeps_archive(self) -> bool:
        """Whether a note too old to be sent to anyone still belongs there."""
        ...

    @property
    def after_silence(self) -> AfterSilence:
        """What may be done when no answer came."""
        ...

    @property
    def pace(self) -> Pace:
        """What the far side will bear."""
        ...

    @property
    def load(self) -> Load:
        """How much goes on at once."""
        ...

    def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give whom the edition goes to, a page at a time."""
        ...

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Hand it over and say what came of it.

        Raises nothing for what can be foreseen: a refusal and a broken wire are receipts.
        """
        ...


@runtime_checkable
class SearchableChannel(Protocol):
    """A channel whose far side can be asked what it has; needed for ``LOOK_UP``."""

    async def find(self, delivery: Delivery) -> Receipt:
        """Say whether a delivery handed over earlier is there.

        Returns
        -------
        Receipt
            ``Sent`` if it is, ``RetryLater`` if it certainly is not, ``InDoubt`` if the far side
            cannot be asked.
        """
        ...


@runtime_checkable
class ForesightedChannel(Protocol):
    """A channel that would rather read what it needs for several deliveries in one go."""

    async def look_ahead(self, deliveries: Sequence[Delivery]) -> None:
        """Get ready for these: they come next, one after the other."""
        ...


@runtime_checkable
class RestingChannel(Protocol):
    """A channel that holds something open while there is work, such as lines to a relay."""

    async def idle(self) -> None:
        """Let go of it: nothing is due."""
        ...


async def one_target(name: str) -> AsyncIterator[Sequence[Target]]:
    """Give the single target of a channel that has one."""
    yield (Target(name),)
