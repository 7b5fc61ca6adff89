"""How fast a channel may go, shared by all workers: a token bucket and a circuit breaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, literal, or_, select, update

from bot.ledger.columns import UtcTime
from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.tables import channel_states

LONGEST_PAUSE = timedelta(hours=2)
"""A pause further ahead than this was set by a clock that has since been put right."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a channel's far side will bear.

    ``per_second`` refills the bucket [deliveries/s], none for as fast as we can;
    ``burst`` is how many may go at once.
    """

    per_second: float | None = None
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a whole channel stops for a while.

    It opens when a share of ``at`` [fraction] of at least ``least`` attempts within ``window``
    went wrong, and stays open for ``open_for``.
    """

    at: float = 0.5
    least: int = 20
    window: timedelta = timedelta(minutes=5)
    open_for: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel stands."""

    channel: str
    tokens: float
    refilled_at: datetime
    paused_until: datetime | None
    reason: str | None
    window_started_at: datetime
    window_total: int
    window_bad: int

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing may be sent now."""
        until = self.paused_until
        return until is not None and now < until <= now + LONGEST_PAUSE


async def channel_state(
    tx: Transaction, channel: str, *, lock: bool = False
) -> ChannelState | None:
    """Return how a channel stands, or nothing before its first delivery."""
    query = select(channel_states).where(channel_states.c.channel == channel)
    if lock:
        query = query.with_for_update()
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else ChannelState(**dict(row._mapping))


async def list_channel_states(tx: Transaction) -> list[ChannelState]:
    """Return every channel that has ever sent."""
    rows = await tx.execute(select(channel_states).order_by(channel_states.c.channel))
    return [ChannelState(**dict(row._mapping)) for row in rows]


async def allowance(tx: Transaction, channel: str, pace: Pace, now: datetime, wanted: int) -> int:
    """Return how many deliveries the channel may take now, and spend that many tokens.

    Hand back with `give_back` what was not used, in the same transaction.
    """
    state = await channel_state(tx, channel, lock=pace.per_second is not None)
    if state is None:
        await _begin(tx, channel, pace, now)
        state = await channel_state(tx, channel, lock=True)
    if state is None or state.is_paused(now):
        return 0
    if pace.per_second is None:
        return wanted
    # A clock that was put back must not stop the refill until it has caught up.
    elapsed = max((now - state.refilled_at).total_seconds(), 0.0)
    tokens = min(state.tokens + elapsed * pace.per_second, float(pace.burst))
    granted = min(wanted, int(tokens))
    await _set(tx, channel, tokens=tokens - granted, refilled_at=now)
    return granted


async def give_back(tx: Transaction, channel: str, pace: Pace, unused: int) -> None:
    """Return tokens that were granted and not needed."""
    if pace.per_second is not None and unused > 0:
        await _set(tx, channel, tokens=channel_states.c.tokens + unused)


async def pause(tx: Transaction, channel: str, until: datetime, reason: str) -> None:
    """Stop a whole channel for a while, as its far side asked."""
    await _set(tx, channel, paused_until=until, reason=reason, tokens=0.0)


async def count_outcomes(
    tx: Transaction, channel: str, breaker: Breaker, *, good: int, bad: int, now: datetime
) -> ChannelState | None:
    """Count attempts; if the breaker opens with this count, return the channel's state."""
    if bad == 0:
        await _count_good(tx, channel, breaker, good, now)
        return None
    state = await channel_state(tx, channel, lock=True)
    if state is None:
        return None
    fresh = not state.window_started_at <= now < state.window_started_at + breaker.window
    total = good + bad + (0 if fresh else state.window_total)
    wrong = bad + (0 if fresh else state.window_bad)
    started_at = now if fresh else state.window_started_at
    opens = total >= breaker.least and wrong >= breaker.at * total
    if opens:
        reason = (
            f"{wrong} of {total} attempts went wrong within {breaker.window.seconds // 60} minutes"
        )
        await pause(tx, channel, now + breaker.open_for, reason)
        total, wrong = 0, 0
    window = {"window_started_at": started_at, "window_total": total, "window_bad": wrong}
    await _set(tx, channel, **window)
    return await channel_state(tx, channel) if opens else None


async def _count_good(
    tx: Transaction, channel: str, breaker: Breaker, good: int, now: datetime
) -> None:
    # What usually happens, in one statement: it runs once for every group of deliveries.
    began = channel_states.c.window_started_at
    is_fresh = or_(began > now, began <= now - breaker.window)
    await _set(
        tx,
        channel,
        window_total=case((is_fresh, good), else_=channel_states.c.window_total + good),
        window_bad=case((is_fresh, 0), else_=channel_states.c.window_bad),
        window_started_at=case((is_fresh, literal(now, UtcTime)), else_=began),
    )


async def _begin(tx: Transaction, channel: str, pace: Pace, now: datetime) -> None:
    await tx.execute(
        insert_into(tx, channel_states)
        .values(
            channel=channel,
            tokens=float(pace.burst),
            refilled_at=now,
            window_started_at=now,
            window_total=0,
            window_bad=0,
        )
        .on_conflict_do_nothing()
    )


async def _set(tx: Transaction, channel: str, **values: object) -> None:
    await tx.execute(
        update(channel_states).where(channel_states.c.channel == channel).values(**values)
    )
