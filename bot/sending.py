"""Publishing by hand, and looking after what was sent: what the commands do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.channels import Channel
from bot.edition import NOTE
from bot.errors import BadArgumentError, DeskError
from bot.ledger.deliveries import DeliveryRow, DeliveryState, count_deliveries, list_deliveries
from bot.ledger.editions import EditionRow, EditionState, find_edition
from bot.ledger.pruning import prune, pruned_through
from bot.ledger.runs import RunState
from bot.ledger.settling import retry_by_hand, skip_by_hand
from bot.ledger.story import read_story
from bot.outbox.enqueue import EXPIRY, plan_edition
from bot.outbox.telling import IN_DOUBT_ALERT
from bot.service import Service, prepare

if TYPE_CHECKING:
    from bot.ledger import Ledger

UNSENT = (
    DeliveryState.PENDING,
    DeliveryState.FAILED,
    DeliveryState.IN_DOUBT,
    DeliveryState.EXPIRED,
)
"""How a delivery stands that a person who published would ask about."""


async def publish_now(service: Service, session: date, channels: Sequence[str]) -> str:
    """Write a session, send it to every channel or to those named, and say what became of it.

    What was sent before stays sent. A second run only adds what is missing.
    """
    narrowed = replace(service, channels=chosen(service.channels, channels))
    await prepare(service.ledger)
    await _check_remembered(service.ledger, session)
    await _check_stands(service.ledger, session)
    end = await narrowed.runner().publish(session)
    if end.state is not RunState.DONE:
        raise DeskError(f"{session} was not published: {end.detail}")
    await narrowed.outbox().drain()
    async with service.ledger.read() as tx:
        counts = await count_deliveries(tx, session)
        unsent = await list_deliveries(tx, session=session, limit=None)
    lines = [f"{name}: {count} {state.value}" for (name, state), count in sorted(counts.items())]
    return "\n".join(
        [
            f"{session}: {end.detail}",
            *(lines or ["no channel has its settings"]),
            *_why_not_sent(unsent),
        ]
    )


def _why_not_sent(rows: Sequence[DeliveryRow]) -> list[str]:
    """Say once for each channel why something is not there yet, from the newest that tells."""
    reasons = {
        (row.channel, row.state): row.detail
        for row in rows
        if row.state in UNSENT and row.detail is not None
    }
    return [
        f"{channel}, {state.replace('_', ' ')}: {reason}"
        for (channel, state), reason in sorted(reasons.items())
    ]


async def _check_remembered(ledger: Ledger, session: date) -> None:
    """Refuse to publish anew what may have been sent to people who are forgotten."""
    async with ledger.read() as tx:
        through, standing = await pruned_through(tx), await find_edition(tx, session, NOTE)
    was_sent = standing is not None and standing.is_frozen
    if was_sent and through is not None and session <= through:
        raise DeskError(
            f"the note of {session} was published, and who got it is forgotten: the ledger was "
            f"pruned through {through}; sending it again could send it twice"
        )


async def _check_stands(ledger: Ledger, session: date) -> None:
    """Refuse to send what was taken back, unless it is said that it shall go out again."""
    async with ledger.read() as tx:
        story = await read_story(tx, session)
    if story.withdrawn is not None:
        raise DeskError(
            f"the note of {session} was withdrawn; add --again to publish it as it stood, or "
            "--again --corrected to write it anew first"
        )


async def pruned(service: Service, keep_days: int) -> str:
    """Forget old deliveries and say how many."""
    await prepare(service.ledger)
    gone = await prune(service.ledger, keep_days, service.clock())
    return (
        f"forgot {gone.deliveries:,} deliveries and {gone.attempts:,} attempts "
        f"through {gone.through}"
    )


async def plan(service: Service, session: date, channels: Sequence[str]) -> str:
    """Write a session in memory and say what would go where; nothing is sent or kept."""
    await prepare(service.ledger)
    written = service.writers[NOTE](session)
    row = EditionRow(
        id=0,
        session=session,
        edition=NOTE,
        state=EditionState.FROZEN,
        content_hash=written.content_hash,
        late=False,
        reason="",
        corrects=None,
        created_at=service.clock(),
        frozen_at=service.clock(),
    )
    wanted = chosen(service.channels, channels)
    lines = [
        f"{channel.name} → {target.name}: {', '.join(channel.wants)}"
        async for channel, target in plan_edition(wanted, row)
    ]
    held = [f"it would be held: {problem}" for problem in written.problems]
    head = f"{session}: {written.content_hash[:19]}, {len(written.texts)} texts"
    return "\n".join([head, *held, *(lines or ["no channel has its settings"])])


def delivery_state(word: str | None) -> DeliveryState | None:
    """Return the state that an operator names, with a blank or an underscore.

    Raises
    ------
    BadArgumentError
        For a word that is none.
    """
    if word is None:
        return None
    try:
        return DeliveryState(word.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        known = ", ".join(DeliveryState)
        raise BadArgumentError(f"{word!r} is no state of a delivery; there are {known}") from None


async def listed(
    ledger: Ledger, state: DeliveryState | None, limit: int | None, *, as_json: bool
) -> str:
    """Return the last deliveries, or those of one state, newest first as a table or JSON."""
    async with _checked(ledger), ledger.read() as tx:
        rows = await list_deliveries(tx, state=state, newest_first=True, limit=limit)
        counts = await count_deliveries(tx) if len(rows) == limit else {}
    if as_json:
        return json.dumps([_body(row) for row in rows], ensure_ascii=False, indent=2)
    if not rows:
        return f"none {state.replace('_', ' ')}" if state else "nothing has been sent yet"
    there = sum(count for (_, one), count in counts.items() if state in (None, one))
    rest = [f"and {there - len(rows):,} older; see --limit and --state"] * (there > len(rows))
    return "\n".join([*(_line(row) for row in rows), *rest])


async def settled_by_hand(service: Service, number: int, *, again: bool) -> str:
    """Put a delivery back in the queue, or leave it unsent for good, and say which.

    The last doubt of a channel that is settled takes the channel's alert back.
    """
    now = service.clock()
    async with _checked(service.ledger), service.ledger.write() as tx:
        if again:
            row = await retry_by_hand(tx, number, now, now + EXPIRY)
        else:
            row = await skip_by_hand(tx, number, now)
        doubts = await list_deliveries(
            tx, state=DeliveryState.IN_DOUBT, channel=row.channel, limit=1
        )
    if not doubts:
        await service.alerts.clear(f"{IN_DOUBT_ALERT}:{row.channel}")
    what = f"the {row.edition} of {row.session}, {row.channel} → {row.target}"
    if again:
        return f"delivery {number} waits for `undertow serve` or a worker to send it: {what}"
    return f"delivery {number} is skipped and not sent any more: {what}"


@asynccontextmanager
async def _checked(ledger: Ledger) -> AsyncIterator[None]:
    await prepare(ledger)
    yield


def chosen(channels: Sequence[Channel], names: Sequence[str]) -> list[Channel]:
    """Return the channels of these names, all of them without a name."""
    known = {channel.name: channel for channel in channels}
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none"
            raise BadArgumentError(f"channel {name!r} has no settings; there is {there}")
    return [known[name] for name in names] if names else list(channels)


def _line(row: DeliveryRow) -> str:
    detail = f"  {row.detail}" if row.detail else ""
    tries = "1 attempt" if row.attempts == 1 else f"{row.attempts} attempts"
    return (
        f"{row.id:>6}  {row.session}  {row.edition:<8}  {row.channel} → {row.target}  "
        f"{row.state.value}, {tries}{detail}"
    )


def _body(row: DeliveryRow) -> dict[str, object]:
    return {
        "id": row.id,
        "session": row.session.isoformat(),
        "edition": row.edition,
        "channel": row.channel,
        "target": row.target,
        "state": row.state.value,
        "attempts": row.attempts,
        "handed_at": None if row.handed_at is None else row.handed_at.isoformat(),
        "settled_at": None if row.settled_at is None else row.settled_at.isoformat(),
        "reference": row.reference,
        "detail": row.detail,
    }
