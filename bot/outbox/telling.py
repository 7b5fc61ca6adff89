"""Which troubles of sending a person must hear of, and when they are over.

Each is told once for its channel (see `bot.alerts`). A channel that goes through a whole claim
without trouble takes back what stood against it, so that the next trouble is told again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.alerts import Alarm
from bot.channels import Receipt, Refused, Sent
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryRow, DeliveryState, anyone_has
from bot.ledger.settling import Settlement
from bot.outbox.policy import went_wrong

Result = tuple[DeliveryRow, Receipt]
Over = Callable[[str], Awaitable[None]]
"""Take a trouble back by its key."""

FAULT, BREAKER, REFUSED, STUCK = "fault", "breaker", "refused", "stuck"
MENDED_BY_SENDING = (FAULT, BREAKER, REFUSED, STUCK)
"""Troubles that are over when a channel sends again; a doubt is over when a person settles it."""

IN_DOUBT_ALERT = "in_doubt"
PATIENCE = 3
"""Failed attempts, some six minutes apart in all, before an edition that nobody has is told."""


async def nobody(_key: str) -> None:
    """Take nothing back."""


@dataclass
class Teller:
    """One process's view of how its channels do."""

    ledger: Ledger
    alarm: Alarm
    over: Over = nobody
    _sent: dict[str, int] = field(default_factory=dict)
    _bad: dict[str, int] = field(default_factory=dict)
    # What an earlier process told is not known here: a channel's first good claim takes it back.
    _well: set[str] = field(default_factory=set)

    def begin(self, channel: str) -> None:
        """Forget how the last claim of a channel went."""
        self._sent[channel] = self._bad[channel] = 0

    def count(self, channel: str, results: Sequence[Result]) -> None:
        """Note how a few deliveries of the claim in hand went."""
        sent = sum(isinstance(receipt, Sent) for _, receipt in results)
        bad = sum(went_wrong(receipt) for _, receipt in results)
        self._sent[channel] = self._sent.get(channel, 0) + sent
        self._bad[channel] = self._bad.get(channel, 0) + bad

    async def finish(self, channel: str) -> None:
        """Take back a channel's troubles if it sent something and nothing went wrong."""
        if self._bad.get(channel):
            self._well.discard(channel)
        elif self._sent.get(channel) and channel not in self._well:
            for kind in MENDED_BY_SENDING:
                await self.over(f"{kind}:{channel}")
            self._well.add(channel)

    async def fault(self, channel: str, fault: BaseException) -> None:
        """Tell of a failure in a channel's own code."""
        self._well.discard(channel)
        words = f"channel {channel} fails with {type(fault).__name__}; the log has more"
        await self.alarm(f"{FAULT}:{channel}", words)

    async def paused(self, channel: str, words: str) -> None:
        """Tell that a channel's breaker has opened."""
        await self.alarm(f"{BREAKER}:{channel}", words)

    async def settled(
        self, channel: str, results: Sequence[Result], ends: Sequence[Settlement]
    ) -> None:
        """Tell what a person must know of a few deliveries."""
        await self._doubt(channel, ends)
        await self._our_fault(channel, results)
        await self._stuck(channel, ends)

    async def _doubt(self, channel: str, ends: Sequence[Settlement]) -> None:
        doubtful = [end for end in ends if end.state is DeliveryState.IN_DOUBT]
        if doubtful:
            words = (
                f"deliveries on {channel} are in doubt since {doubtful[0].row.session}; "
                "list them with `undertow deliveries --in-doubt`"
            )
            await self.alarm(f"{IN_DOUBT_ALERT}:{channel}", words)

    async def _our_fault(self, channel: str, results: Sequence[Result]) -> None:
        # A wrong password mends itself on no day, and a blog is one delivery: no breaker trips.
        for row, receipt in results:
            if isinstance(receipt, Refused) and receipt.our_fault:
                words = f"{channel} refused the {row.edition} of {row.session}: {receipt.reason}"
                await self.alarm(f"{REFUSED}:{channel}", words)
                break

    async def _stuck(self, channel: str, ends: Sequence[Settlement]) -> None:
        # A full disk or a blog that is away: one delivery, so no breaker trips here either. One
        # reader's closed mailbox is no trouble of the channel's while others have the note.
        for end in ends:
            waits = end.state in (DeliveryState.PENDING, DeliveryState.EXPIRED)
            if not waits or end.row.attempts < PATIENCE:
                continue
            async with self.ledger.read() as tx:
                if await anyone_has(tx, end.row.session, end.row.edition, channel):
                    continue
            what = f"the {end.row.edition} of {end.row.session}"
            then = "it is tried again" if end.state is DeliveryState.PENDING else "it has expired"
            await self.alarm(
                f"{STUCK}:{channel}", f"nobody has {what} on {channel} yet: {end.detail}; {then}"
            )
            break
