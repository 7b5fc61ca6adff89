"""Claim what is due, send it, and write down what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.alerts import Alarm
from bot.channels import (
    AfterSilence,
    Channel,
    Delivery,
    ForesightedChannel,
    InDoubt,
    LeaseLostError,
    Receipt,
    RestingChannel,
    RetryLater,
    SearchableChannel,
)
from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.claiming import (
    Lease,
    claim_deliveries,
    claim_unanswered,
    expire,
    extend_leases,
    has_work,
    release,
    release_unhanded,
    skip_unwanted,
)
from bot.ledger.deliveries import DeliveryRow
from bot.ledger.editions import EditionRow, edition_by_id, edition_texts_of
from bot.ledger.pacing import Breaker, allowance, count_outcomes, give_back, pause
from bot.ledger.settling import Settlement, settle
from bot.outbox.group import Group
from bot.outbox.policy import BACK_OFF, LONGEST_ASKED, settlement_of, went_wrong
from bot.outbox.telling import Over, Result, Teller, nobody

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
EDITIONS_KEPT = 4
"""Editions whose texts stay in memory; a day's sending needs one or two."""

COUNT_EVERY = 50
"""Successes are told to the breaker this many at a time, or with the next failure."""

Texts = tuple[EditionRow, dict[str, bytes]]


@dataclass
class Outbox:
    """One process's hands on the shared outbox.

    ``owner`` names the process and must differ from every other's, also from its own earlier
    life; ``steps`` are the pauses after a delivery's first, second … failed attempt.
    """

    ledger: Ledger
    channels: Sequence[Channel]
    clock: Clock
    owner: str
    alarm: Alarm
    lease: timedelta = LEASE
    steps: tuple[timedelta, ...] = BACK_OFF
    breaker: Breaker = field(default_factory=Breaker)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    over: Over = nobody
    _good: dict[str, int] = field(default_factory=dict)
    _texts: dict[tuple[int, str], Texts] = field(default_factory=dict)
    _teller: Teller = field(init=False)

    def __post_init__(self) -> None:
        self._teller = Teller(self.ledger, self.alarm, self.over)

    async def run_once(self) -> int:
        """Settle what is due now on all channels, and return how many deliveries moved.

        A channel in trouble holds up no other.
        """
        now = self.clock()
        async with self.ledger.write() as tx:
            moved = await expire(tx, now)
        counts = await asyncio.gather(
            *(self.run_channel(channel) for channel in self.channels), return_exceptions=True
        )
        for channel, count in zip(self.channels, counts, strict=True):
            if isinstance(count, BaseException):
                await self._report_fault(channel, count)
            else:
                moved += count
        return moved

    async def _report_fault(self, channel: Channel, fault: BaseException) -> None:
        if not isinstance(fault, Exception):
            raise fault
        log.error("channel_fault", channel=channel.name, exc_info=fault)
        await self._teller.fault(channel.name, fault)

    async def rest(self) -> None:
        """Let the channels close what they keep open while there is work."""
        for channel in self.channels:
            await _let_rest(channel)

    async def drain(self) -> int:
        """Send until nothing is due or the process is told to stop."""
        total = 0
        while not self.stopping.is_set():
            moved = await self.run_once()
            if moved == 0:
                break
            total += moved
        await self.rest()
        return total

    async def run_channel(self, channel: Channel) -> int:
        """Recover what dead workers left on a channel, then send one claim of what is due."""
        async with self.ledger.read() as tx:
            if not await has_work(tx, channel.name, self.clock()):
                await _let_rest(channel)
                return 0
        self._teller.begin(channel.name)
        recovered = await self._recover(channel)
        rows = await self._claim(channel)
        if rows and isinstance(channel, ForesightedChannel):
            await channel.look_ahead([await self._delivery(channel, row) for row in rows])
        size = channel.load.group
        waiting = [rows[start : start + size] for start in range(0, len(rows), size)]
        turns = [self._take_turns(channel, waiting) for _ in range(channel.load.connections)]
        await asyncio.gather(*turns)
        await self._teller.finish(channel.name)
        return recovered + len(rows)

    async def _claim(self, channel: Channel) -> list[DeliveryRow]:
        now = self.clock()
        async with self.ledger.write() as tx:
            granted = await allowance(tx, channel.name, channel.pace, now, channel.load.claim)
            if granted == 0:
                return []
            await skip_unwanted(tx, channel.name, now, granted)
            lease = Lease(self.owner, now, self.lease)
            rows = await claim_deliveries(tx, channel.name, lease, granted)
            await give_back(tx, channel.name, channel.pace, granted - len(rows))
        return rows

    async def _take_turns(self, channel: Channel, waiting: list[list[DeliveryRow]]) -> None:
        while waiting:
            rows = waiting.pop(0)
            if self.stopping.is_set():
                await self._give_back(rows)
                continue
            await self._keep(rows)
            if not await self._send_group(channel, rows):
                # The channel is closed for all its connections: nobody starts on another group.
                rest = [row for group in waiting for row in group]
                waiting.clear()
                await self._give_back(rest)

    async def _give_back(self, rows: Sequence[DeliveryRow]) -> None:
        async with self.ledger.write() as tx:
            await release(tx, [row.id for row in rows], self.owner)

    async def _keep(self, rows: Sequence[DeliveryRow]) -> None:
        # Those at the end of a slow claim would else be taken over while they wait their turn.
        now, until = self.clock(), rows[0].lease_until
        if until is not None and until - now < self.lease / 2:
            async with self.ledger.write() as tx:
                lease = Lease(self.owner, now, self.lease)
                await extend_leases(tx, [row.id for row in rows], lease)

    async def _send_group(self, channel: Channel, rows: Sequence[DeliveryRow]) -> bool:
        """Send a few, and say whether the channel is still open."""
        group = Group(self.ledger, self.clock, rows)
        results: list[Result] = []
        for row in rows:
            receipt = await self._send(channel, row, group)
            if receipt is not None:
                results.append((group.as_handed(row), receipt))
        return await self._record(channel, results)

    async def _send(self, channel: Channel, row: DeliveryRow, group: Group) -> Receipt | None:
        delivery = await self._delivery(channel, row)
        # A fault in a channel's code must cost one attempt and not the worker, so it is caught
        # here whatever it is: gather hands it over as a value.
        [outcome] = await asyncio.gather(
            channel.send(delivery, group.hand_over_of(row)), return_exceptions=True
        )
        if isinstance(outcome, LeaseLostError):
            log.warning("lease_lost", delivery=row.id, channel=channel.name)
            return None
        if isinstance(outcome, InDoubt) and channel.after_silence is AfterSilence.LOOK_UP:
            return await self._look_up(channel, delivery, outcome.reason)
        if not isinstance(outcome, BaseException):
            return outcome
        await self._report_fault(channel, outcome)
        reason = f"the channel failed: {type(outcome).__name__}"
        was_handed = group.as_handed(row).handed_at is not None
        return InDoubt(reason, "fault") if was_handed else RetryLater(reason, "fault")

    async def _record(
        self, channel: Channel, results: Sequence[Result], *, is_ours: bool = False
    ) -> bool:
        if not results:
            return True
        now = self.clock()
        ends = [settlement_of(row, receipt, now, self.steps) for row, receipt in results]
        # What a worker of ours left behind by dying says nothing about the far side.
        bad = 0 if is_ours else sum(went_wrong(receipt) for _, receipt in results)
        if not is_ours:
            self._teller.count(channel.name, results)
        good = self._good.pop(channel.name, 0) + len(results) - bad
        broken = None
        async with self.ledger.write() as tx:
            await settle(tx, ends, self.owner, now)
            # All workers count in one row: waiting for it at every success would make them slow.
            if bad or good >= COUNT_EVERY:
                broken = await count_outcomes(
                    tx, channel.name, self.breaker, good=good, bad=bad, now=now
                )
                good = 0
            holds = [r for _, r in results if isinstance(r, RetryLater) and r.whole_channel]
            for hold in holds:
                wait = min(hold.after or self.steps[0], LONGEST_ASKED)
                await pause(tx, channel.name, now + wait, hold.reason)
        self._good[channel.name] = self._good.get(channel.name, 0) + good
        for end in ends:
            _log_end(end)
        if broken is not None:
            words = f"channel {channel.name} is paused until {broken.paused_until:%H:%M} UTC: "
            await self._teller.paused(channel.name, words + (broken.reason or ""))
        await self._teller.settled(channel.name, results, ends)
        return broken is None and not holds

    async def _recover(self, channel: Channel) -> int:
        lease = Lease(self.owner, self.clock(), self.lease)
        async with self.ledger.write() as tx:
            freed = await release_unhanded(tx, channel.name, lease.now)
            rows = await claim_unanswered(tx, channel.name, lease, channel.load.claim)
        results = [(row, await self._after_silence(channel, row)) for row in rows]
        await self._record(channel, results, is_ours=True)
        return freed + len(rows)

    async def _after_silence(self, channel: Channel, row: DeliveryRow) -> Receipt:
        reason = "the worker died after the hand-over"
        if channel.after_silence is AfterSilence.RESEND:
            return RetryLater(reason, after=timedelta(0))
        if channel.after_silence is AfterSilence.LOOK_UP:
            return await self._look_up(channel, await self._delivery(channel, row), reason)
        return InDoubt(reason)

    async def _look_up(self, channel: Channel, delivery: Delivery, reason: str) -> Receipt:
        if not isinstance(channel, SearchableChannel):
            return InDoubt(f"{reason}, and the channel cannot look it up")
        [found] = await asyncio.gather(channel.find(delivery), return_exceptions=True)
        if not isinstance(found, BaseException):
            return found
        await self._report_fault(channel, found)
        return InDoubt(f"{reason}, and looking it up failed: {type(found).__name__}")

    async def _delivery(self, channel: Channel, row: DeliveryRow) -> Delivery:
        edition, texts = await self._edition(channel, row.edition_id)
        return Delivery(
            id=row.id,
            key=f"{row.session}/{row.edition}/{row.channel}/{row.target}",
            session=row.session,
            edition=row.edition,
            content_hash=edition.content_hash,
            late=edition.late,
            target=row.target,
            subscriber_id=row.subscriber_id,
            attempt=row.attempts,
            handed_at=row.handed_at,
            texts=texts,
        )

    async def _edition(self, channel: Channel, edition_id: int) -> Texts:
        known = self._texts.get((edition_id, channel.name))
        if known is None:
            async with self.ledger.read() as tx:
                edition = await edition_by_id(tx, edition_id)
                known = edition, await edition_texts_of(tx, edition_id, channel.wants)
            while len(self._texts) >= EDITIONS_KEPT * max(len(self.channels), 1):
                self._texts.pop(next(iter(self._texts)))
            self._texts[edition_id, channel.name] = known
        return known


async def _let_rest(channel: Channel) -> None:
    if isinstance(channel, RestingChannel):
        await channel.idle()


def _log_end(end: Settlement) -> None:
    log.info(
        "delivery",
        id=end.row.id,
        session=end.row.session.isoformat(),
        edition=end.row.edition,
        channel=end.row.channel,
        state=end.state.value,
        attempt=end.row.attempts,
        code=end.code,
    )
