"""Do what is due: draft, publish, revise, digest. Each job is claimed, so it is done once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from bot.channels import Channel
from bot.clock import Clock
from bot.edition import INTO_CLOSE, NOTE, REVISION, WEEKLY, Edition, WritingError
from bot.errors import DeskError
from bot.ledger import Ledger
from bot.ledger.editions import (
    EditionRow,
    EditionState,
    Terms,
    edition_text,
    find_edition,
    freeze,
    keep_draft,
    latest_edition_before,
)
from bot.ledger.runs import (
    Job,
    RunEnd,
    RunRow,
    RunState,
    begin_on,
    begun_on,
    claim_run,
    end_run,
    extend_run,
    give_up_waiting,
    runs_since,
)
from bot.outbox import enqueue_edition
from bot.publishing import REPORT
from bot.revisions import with_changes
from bot.schedule.calendar import NEW_YORK, Session, SessionCalendar
from bot.schedule.due import DIGEST, DRAFT, ESTIMATE, PUBLISH, REVISE, Due, Times, due_now, missed
from bot.schedule.gate import impossible, objections

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(days=45)
"""How far back a desk that was off looks for notes it owes to its archive."""

LOOK_AHEAD = timedelta(days=10)
LEASE = timedelta(minutes=2)
TRY_AGAIN = timedelta(minutes=10)

EDITION_OF = {PUBLISH: NOTE, DRAFT: NOTE, REVISE: REVISION, DIGEST: WEEKLY, ESTIMATE: INTO_CLOSE}
"""The kind of edition that each kind of job makes."""

OPTIONAL = frozenset({WEEKLY, INTO_CLOSE})
"""Editions a session may do without: where they cannot be written for good, nobody is alarmed."""

Write = Callable[[date], Edition]
"""Writes one session; called in a thread, raises `WritingError` for what it cannot do."""


AfterNote = Callable[[date], Awaitable[None]]
"""Awaited when a note has been promised to its readers, such as to grade older claims."""


class ClockError(DeskError):
    """The clock shows a day long before the desk began."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer brought, and the reasons why it must not go out."""

    edition: Edition | None
    reasons: tuple[str, ...] = ()
    for_good: bool = False
    """Whether trying again is pointless."""


Wake = Callable[[Iterable[str]], Awaitable[None]]
"""Tells machines that wait to look at these channels; see `bot.fanout`."""


async def wake_nobody(_channels: Iterable[str]) -> None:
    """Leave it to the workers, who look at the outbox of their own accord."""


class Alarms(Protocol):
    """Where troubles are raised and cleared."""

    async def alarm(self, key: str, words: str) -> None:
        """Raise one."""
        ...

    async def clear(self, key: str) -> None:
        """Say that one is over."""
        ...


@dataclass
class Runner:
    """One process's hands on the schedule.

    ``writers`` has a function for each kind of edition this desk makes; a note and its revision
    come from the same one. ``owner`` is the process, as for the outbox.
    """

    ledger: Ledger
    writers: Mapping[str, Write]
    channels: Sequence[Channel]
    calendar: SessionCalendar
    clock: Clock
    owner: str
    alarms: Alarms
    times: Times = field(default_factory=Times)
    lease: timedelta = LEASE
    after_note: AfterNote | None = None
    wake: Wake = wake_nobody

    @property
    def wanted(self) -> set[str]:
        """The kinds of job this desk does."""
        return {job for job, edition in EDITION_OF.items() if self._writer(edition) is not None}

    def _writer(self, kind: str) -> Write | None:
        return self.writers.get(NOTE if kind == REVISION else kind)

    async def ring(self, stopping: asyncio.Event | None = None) -> list[tuple[Due, RunEnd]]:
        """Do all that is due now and free, and return what was done.

        What is worthless soonest comes first: an estimate before the bell, then today's news,
        then what only the archive gets. Told to stop, it finishes the job in hand and begins no
        other.
        """
        await self._close_missed()
        done = []
        for due in sorted(await self.due(), key=_urgency):
            if stopping is not None and stopping.is_set():
                break
            end = await self.perform(due)
            if end is not None:
                done.append((due, end))
        return done

    async def due(self) -> list[Due]:
        """Return what is due now."""
        now = self.clock()
        sessions, runs = await self._standing(now)
        return due_now(now, sessions, runs, self.times, self.wanted)

    async def _close_missed(self) -> None:
        """Give up held jobs whose time is over, so that no alarm stands for what nobody owes."""
        now = self.clock()
        sessions, runs = await self._standing(now)
        for job in missed(now, sessions, runs, self.times):
            await self.give_up(job, "its time is over")

    async def give_up(self, job: Job, words: str) -> bool:
        """Close a held job for good, and say whether it was held."""
        async with self.ledger.write() as tx:
            closed = await give_up_waiting(tx, job, words, self.clock())
        await self.alarms.clear(f"held:{job.kind}:{job.session}")
        return closed

    async def _standing(self, now: datetime) -> tuple[list[Session], dict[Job, RunRow]]:
        sessions = await self._sessions(now)
        if not sessions:
            return [], {}
        async with self.ledger.read() as tx:
            return sessions, {run.job: run for run in await runs_since(tx, sessions[0].day)}

    async def _sessions(self, now: datetime) -> list[Session]:
        today = now.astimezone(NEW_YORK).date()
        sessions = self.calendar.sessions(today - LOOK_BACK, today + LOOK_AHEAD)
        closed = [s.day for s in sessions if s.closes_at + self.times.publish_after_close <= now]
        async with self.ledger.read() as tx:
            first = await begun_on(tx)
        if first is None:
            first = await self._begin(closed[-1] if closed else today, now)
        if first > today + LOOK_AHEAD:
            raise ClockError(
                f"the clock says {today}, and this desk answers for sessions from {first} on; "
                "set the machine's clock, or empty UNDERTOW_NOW"
            )
        return [session for session in sessions if session.day >= first]

    async def _begin(self, day: date, now: datetime) -> date:
        async with self.ledger.write() as tx:
            return await begin_on(tx, day, self.owner, now)

    async def publish(self, session: date) -> RunEnd:
        """Publish a session because an operator says so, whatever its age.

        What was sent stays sent: a second time only adds what is missing.
        """
        due = Due(Job(session, PUBLISH))
        end = await self.perform(due, by_hand=True)
        if end is not None:
            return end
        async with self.ledger.read() as tx:
            standing = await find_edition(tx, session, NOTE)
        if standing is None or not standing.is_frozen:
            return RunEnd(RunState.WAITING, "another process is writing it now")
        return await self._promise(standing, by_hand=True)

    async def perform(
        self, due: Due, *, by_hand: bool = False, over_objections: bool = False
    ) -> RunEnd | None:
        """Claim a job and do it; nothing if it is done or another has it."""
        now = self.clock()
        async with self.ledger.write() as tx:
            claimed = await claim_run(
                tx, due.job, self.owner, now, self.lease, even_if_waiting=by_hand
            )
        if claimed is None:
            return None
        async with self._kept(due.job):
            end = await self._attempt(due, over_objections)
        async with self.ledger.write() as tx:
            await end_run(tx, due.job, self.owner, end, self.clock())
        log.info(
            "run",
            session=due.job.session.isoformat(),
            kind=due.job.kind,
            state=end.state.value,
            late=end.late,
            detail=end.detail,
        )
        return end

    @asynccontextmanager
    async def _kept(self, job: Job) -> AsyncIterator[None]:
        keeper = asyncio.create_task(self._keep(job))
        try:
            yield
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def _keep(self, job: Job) -> None:
        kept = True
        while kept:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            async with self.ledger.write() as tx:
                kept = await extend_run(tx, job, self.owner, self.clock(), self.lease)

    async def _attempt(self, due: Due, over_objections: bool) -> RunEnd:
        kind = EDITION_OF[due.job.kind]
        async with self.ledger.read() as tx:
            standing = await find_edition(tx, due.job.session, kind)
        if standing is not None and standing.is_frozen:
            if due.job.kind == DRAFT:
                return RunEnd(RunState.DONE, "it is published already")
            # Somebody froze it and died before it was promised to everyone.
            return await self._promise(standing)
        written = await self._written(due, kind)
        if written.for_good and kind in OPTIONAL:
            return RunEnd(RunState.GIVEN_UP, "; ".join(written.reasons))
        edition, overruled = written.edition, ""
        if edition is not None and over_objections and not impossible(edition, due.job.session):
            overruled = "; ".join(written.reasons)
        elif edition is None or written.reasons:
            return await self._hold(due, kind, edition, written.reasons)
        await self.alarms.clear(f"held:{due.job.kind}:{due.job.session}")
        return await self._finish(due, kind, edition, overruled)

    async def _finish(self, due: Due, kind: str, edition: Edition, overruled: str) -> RunEnd:
        now = self.clock()
        if due.job.kind == DRAFT:
            async with self.ledger.write() as tx:
                await keep_draft(tx, edition, NOTE, (), now)
            return RunEnd(RunState.DONE, "the draft passes")
        async with self.ledger.write() as tx:
            note = await find_edition(tx, due.job.session, NOTE) if kind == REVISION else None
            if note is not None and note.content_hash == edition.content_hash:
                return RunEnd(RunState.DONE, "nothing changed overnight")
            if note is not None:
                before = await edition_text(tx, note.id, REPORT)
                edition = with_changes(edition, note.content_hash, before)
            terms = _terms(due, kind, note)
            if overruled:
                terms = replace(terms, reason=f"released by hand over: {overruled}")
            row = await freeze(tx, edition, terms, now)
        end = await self._promise(row)
        if kind == NOTE and self.after_note is not None:
            await self.after_note(due.job.session)
        return end

    async def _promise(self, row: EditionRow, *, by_hand: bool = False) -> RunEnd:
        count = await enqueue_edition(
            self.ledger, self.channels, row, self.clock(), even_if_old=by_hand
        )
        if count:
            await self.wake([channel.name for channel in self.channels])
        where = "to the archive only" if row.state is EditionState.ARCHIVED else "published"
        late = ", late" if row.late else ""
        return RunEnd(RunState.DONE, f"{where}{late}: {count} deliveries", late=row.late)

    async def _written(self, due: Due, kind: str) -> Written:
        write = self._writer(kind)
        if write is None:
            return Written(None, (f"there is no writer for {kind}",))
        # Whatever a writer fails with must hold one note and not end the desk, so gather hands
        # it over as a value.
        [written] = await asyncio.gather(
            asyncio.to_thread(write, due.job.session), return_exceptions=True
        )
        if isinstance(written, Edition):
            async with self.ledger.read() as tx:
                last = await latest_edition_before(tx, due.job.session, kind)
            last_hash = last.content_hash if last else None
            return Written(written, objections(written, due.job.session, last_hash))
        if isinstance(written, WritingError):
            return Written(None, (str(written),), written.permanent)
        if isinstance(written, Exception):
            log.error("writer_fault", session=due.job.session.isoformat(), exc_info=written)
            return Written(
                None, (f"the writer failed: {type(written).__name__}; the log has more",)
            )
        raise written

    async def _hold(
        self, due: Due, kind: str, edition: Edition | None, reasons: tuple[str, ...]
    ) -> RunEnd:
        now, words = self.clock(), "; ".join(reasons)
        if edition is not None and kind == NOTE:
            async with self.ledger.write() as tx:
                await keep_draft(tx, edition, kind, reasons, now)
        if due.archive_only:
            await self.alarms.clear(f"held:{due.job.kind}:{due.job.session}")
            return RunEnd(RunState.GIVEN_UP, f"never published: {words}")
        key = f"held:{due.job.kind}:{due.job.session}"
        await self.alarms.alarm(key, f"{due.job.kind} of {due.job.session} is held: {words}")
        return RunEnd(RunState.WAITING, words, not_before=now + TRY_AGAIN)


def _urgency(due: Due) -> tuple[bool, bool]:
    return due.archive_only, due.job.kind != ESTIMATE


def _terms(due: Due, kind: str, note: EditionRow | None) -> Terms:
    if due.archive_only:
        reason = "the desk was off when it was news"
        return Terms(kind, EditionState.ARCHIVED, late=True, reason=reason)
    return Terms(kind, late=due.late, corrects=note.id if note else None)
