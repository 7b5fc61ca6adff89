"""How a delivery ends, or goes back to wait. Every ending adds a line to ``attempts``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update

from bot.ledger.claiming import IS_IN_DOUBT, IS_SENDING
from bot.ledger.columns import UtcTime
from bot.ledger.database import LedgerError, Transaction
from bot.ledger.deliveries import DeliveryRow, DeliveryState, find_delivery
from bot.ledger.tables import attempts, deliveries

DETAIL_LIMIT = 500
REFERENCE_LIMIT = 200
BY_HAND = "operator"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one attempt came to.

    ``not_before`` is given when the delivery goes back to wait.
    """

    row: DeliveryRow
    state: DeliveryState
    detail: str = ""
    code: str | None = None
    reference: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One line of a delivery's history."""

    number: int
    owner: str
    handed_at: datetime | None
    at: datetime
    outcome: str
    code: str | None
    detail: str | None


async def settle(
    tx: Transaction, settlements: Iterable[Settlement], owner: str, now: datetime
) -> None:
    """Write down what attempts came to.

    An answer that comes after the lease was lost counts if the delivery was put in doubt
    meanwhile and not tried again: then the answer ends the doubt. Else somebody else has the
    delivery, and only the history keeps the line.
    """
    ends = list(settlements)
    for is_over in (True, False):
        rows = [_values(end, now) for end in ends if _is_over(end) is is_over]
        if rows:
            await tx.execute(ENDING if is_over else WAITING_AGAIN, rows)
    if ends:
        await tx.execute(ADD_LINE, [_line(end, owner, now) for end in ends])


def _is_over(end: Settlement) -> bool:
    return end.state is not DeliveryState.PENDING


# One statement with many sets of values, so that a batch costs hardly more than a row; each of
# them asks for itself whether its attempt still counts.
SETTLED: dict[str, ColumnElement[object] | None] = {
    "state": bindparam("new_state"),
    "reference": bindparam("new_reference"),
    "code": bindparam("new_code"),
    "detail": bindparam("new_detail"),
    "lease_owner": None,
    "lease_until": None,
}
STILL_OPEN = update(deliveries).where(
    deliveries.c.id == bindparam("delivery"),
    deliveries.c.attempts == bindparam("tried"),
    or_(IS_SENDING, IS_IN_DOUBT),
)
MOMENT = bindparam("moment", type_=UtcTime)
ENDING = STILL_OPEN.values(**SETTLED, settled_at=MOMENT)
WAITING_AGAIN = STILL_OPEN.values(**SETTLED, not_before=MOMENT, handed_at=None)
ADD_LINE = insert(attempts)


def _values(end: Settlement, now: datetime) -> dict[str, object]:
    return {
        "delivery": end.row.id,
        "tried": end.row.attempts,
        "new_state": end.state,
        "new_reference": _cut(end.reference, REFERENCE_LIMIT),
        "new_code": end.code,
        "new_detail": _cut(end.detail, DETAIL_LIMIT),
        "moment": now if _is_over(end) else end.not_before or end.row.not_before,
    }


def _line(end: Settlement, owner: str, now: datetime) -> dict[str, object]:
    return {
        "delivery_id": end.row.id,
        "number": end.row.attempts,
        "owner": owner,
        "handed_at": end.row.handed_at,
        "at": now,
        "outcome": end.state.value if _is_over(end) else "later",
        "code": end.code,
        "detail": _cut(end.detail, DETAIL_LIMIT),
    }


def _cut(words: str | None, limit: int) -> str | None:
    return words[:limit] if words else None


LARGEST_KEY = 2**63 - 1
"""No database counts further; asked for more, its driver fails."""

RETRYABLE = (DeliveryState.FAILED, DeliveryState.IN_DOUBT, DeliveryState.EXPIRED)
SKIPPABLE = (*RETRYABLE, DeliveryState.PENDING)


async def retry_by_hand(
    tx: Transaction, delivery_id: int, now: datetime, expires_at: datetime
) -> DeliveryRow:
    """Put a failed, doubtful or expired delivery back in the queue.

    Raises
    ------
    LedgerError
        If there is no such delivery, or it stands where a retry would double it.
    """
    row = await _in_state(tx, delivery_id, RETRYABLE, "retried")
    values = {
        "state": DeliveryState.PENDING,
        "not_before": now,
        "expires_at": expires_at,
        "settled_at": None,
        "handed_at": None,
    }
    return await _by_hand(tx, row, values, "retry", now)


async def skip_by_hand(
    tx: Transaction, delivery_id: int, now: datetime, reason: str = "skipped by the operator"
) -> DeliveryRow:
    """Settle a delivery without sending it.

    Raises
    ------
    LedgerError
        If there is no such delivery, or it was sent or is being sent.
    """
    row = await _in_state(tx, delivery_id, SKIPPABLE, "skipped")
    values = {"state": DeliveryState.SKIPPED, "settled_at": now, "detail": reason}
    return await _by_hand(tx, row, values, "skipped", now)


async def cancel_waiting(
    tx: Transaction, channel: str, target: str, reason: str, now: datetime
) -> int:
    """Settle everything still waiting for a target that is gone, and return how many."""
    cancelled = await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.target == target,
            deliveries.c.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.SKIPPED, settled_at=now, detail=reason)
        .returning(deliveries.c.id)
    )
    return len(cancelled.all())


async def doubt_all_unsettled(tx: Transaction, now: datetime, reason: str) -> int:
    """Put in doubt whatever waits or is being sent, and return how many."""
    doubted = await tx.execute(
        update(deliveries)
        .where(deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING)))
        .values(
            state=DeliveryState.IN_DOUBT,
            settled_at=now,
            detail=reason,
            lease_owner=None,
            lease_until=None,
        )
        .returning(deliveries.c.id)
    )
    return len(doubted.all())


async def _in_state(
    tx: Transaction, delivery_id: int, states: tuple[DeliveryState, ...], verb: str
) -> DeliveryRow:
    row = await find_delivery(tx, delivery_id) if delivery_id <= LARGEST_KEY else None
    if row is None:
        raise LedgerError(f"there is no delivery {delivery_id}; `undertow deliveries` lists them")
    if row.state not in states:
        allowed = ", ".join(states)
        raise LedgerError(
            f"delivery {delivery_id} is {row.state}; only {allowed} deliveries can be {verb}"
        )
    return row


async def _by_hand(
    tx: Transaction, row: DeliveryRow, values: dict[str, object], outcome: str, now: datetime
) -> DeliveryRow:
    changed = await tx.execute(
        update(deliveries)
        .where(deliveries.c.id == row.id, deliveries.c.state == row.state)
        .values(**values)
        .returning(deliveries.c.id)
    )
    if changed.scalar_one_or_none() is None:
        raise LedgerError(f"delivery {row.id} changed meanwhile; look at it again")
    line = {"delivery_id": row.id, "number": row.attempts, "owner": BY_HAND, "at": now}
    await tx.execute(insert(attempts).values(**line, outcome=outcome, detail=f"was {row.state}"))
    found = await find_delivery(tx, row.id)
    return found or row


async def history(tx: Transaction, delivery_id: int) -> list[AttemptRow]:
    """Return all that was tried for a delivery, in order."""
    query = (
        select(
            attempts.c.number,
            attempts.c.owner,
            attempts.c.handed_at,
            attempts.c.at,
            attempts.c.outcome,
            attempts.c.code,
            attempts.c.detail,
        )
        .where(attempts.c.delivery_id == delivery_id)
        .order_by(attempts.c.id)
    )
    return [AttemptRow(**dict(row._mapping)) for row in await tx.execute(query)]
