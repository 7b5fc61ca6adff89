"""What is due now: a function of the time, the calendar and what has been done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import zip_longest

from bot.edition import ESTIMATE_BEFORE_CLOSE
from bot.ledger.runs import Job, RunRow, RunState
from bot.schedule.calendar import Session

DRAFT = "draft"
PUBLISH = "publish"
REVISE = "revise"
DIGEST = "digest"
ESTIMATE = "estimate"
"""The kinds of job a session has; the last needs a writer that can do it."""

SHORTEST_BEFORE, LONGEST_BEFORE = timedelta(minutes=1), timedelta(hours=3)
"""How long before the bell an estimate may be due: a half day is only three and a half hours."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a session's jobs fall due.

    Counted from the close, so that a half day is early and a change of clocks changes nothing;
    ``revision_at`` and ``digest_at`` are New York times.
    """

    draft_after_close: timedelta = timedelta(minutes=35)
    publish_after_close: timedelta = timedelta(minutes=75)
    late_after: timedelta = timedelta(minutes=30)
    revision_at: time = time(8, 33)
    digest_at: time = time(9, 0)
    estimate_before_close: timedelta = ESTIMATE_BEFORE_CLOSE
    digest_within: timedelta = timedelta(days=2)
    digest_waits: timedelta = timedelta(hours=12)
    """For the week's last note, if that is held; after this the digest says it is missing."""

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.draft_after_close < self.publish_after_close:
            raise ValueError(
                f"the draft is due {self.draft_after_close} after the close and the note "
                f"{self.publish_after_close}; the draft must come first"
            )
        if not time(3) <= self.revision_at < time(23):
            raise ValueError(
                f"the revision is due at {self.revision_at}; choose a time from 03:00 to 23:00, "
                "hours that every day has once"
            )
        if not SHORTEST_BEFORE <= self.estimate_before_close <= LONGEST_BEFORE:
            raise ValueError(
                f"the estimate into the close is due {self.estimate_before_close} before the "
                "bell; choose a time from 13:00 to 15:59"
            )


@dataclass(frozen=True, slots=True)
class Due:
    """A job to do now.

    ``late`` is said in the note; ``archive_only`` means it is too old to be sent to anyone.
    """

    job: Job
    late: bool = False
    archive_only: bool = False


def due_now(
    now: datetime,
    sessions: Sequence[Session],
    runs: Mapping[Job, RunRow],
    times: Times,
    wanted: Collection[str],
) -> list[Due]:
    """Return the jobs to do, oldest session first.

    Parameters
    ----------
    now
        The present moment.
    sessions
        From the first the desk is to answer for, to at least the one after ``now``.
    runs
        What the ledger has on these sessions' jobs.
    times
        When jobs fall due.
    wanted
        The kinds of job there are writers for.

    Notes
    -----
    Until the next session has closed, a session's note is news and is published, however late.
    After that it goes to the archive only. A draft or an estimate that was missed is not made
    up for; a revision until the next session closes, a digest within two days.
    """
    found: list[Due] = []
    for session, after in _with_the_next(sessions):
        found += _session_jobs(now, session, after, runs, times)
    return [due for due in found if due.job.kind in wanted and _is_open(runs.get(due.job), now)]


def _with_the_next(sessions: Sequence[Session]) -> Iterator[tuple[Session, Session | None]]:
    yield from zip_longest(sessions, sessions[1:])


def _is_open(run: RunRow | None, now: datetime) -> bool:
    if run is None:
        return True
    if run.state is RunState.WAITING:
        return run.not_before <= now
    return run.state is RunState.RUNNING and run.lease_until <= now


def _session_jobs(
    now: datetime,
    session: Session,
    after: Session | None,
    runs: Mapping[Job, RunRow],
    times: Times,
) -> list[Due]:
    draft_at = session.closes_at + times.draft_after_close
    publish_at = session.closes_at + times.publish_after_close
    is_news = after is None or now < after.closes_at
    jobs: list[Due] = []
    if session.closes_at - times.estimate_before_close <= now < session.closes_at:
        jobs.append(Due(Job(session.day, ESTIMATE)))
    if draft_at <= now < publish_at:
        jobs.append(Due(Job(session.day, DRAFT)))
    if publish_at <= now:
        late = now >= publish_at + times.late_after
        jobs.append(Due(Job(session.day, PUBLISH), late=late, archive_only=not is_news))
    if after is not None:
        note = runs.get(Job(session.day, PUBLISH))
        jobs += _jobs_before_the_next(now, session, after, note, times)
    return jobs


def _jobs_before_the_next(
    now: datetime, session: Session, after: Session, note: RunRow | None, times: Times
) -> list[Due]:
    jobs: list[Due] = []
    if _was_published(note) and after.at(times.revision_at) <= now < after.closes_at:
        jobs.append(Due(Job(session.day, REVISE)))
    digest_at = session.at(times.digest_at, session.day + timedelta(days=1))
    ends_week = session.day.isocalendar()[:2] != after.day.isocalendar()[:2]
    note_is_settled = note is not None and note.is_finished
    begins = digest_at if note_is_settled else digest_at + times.digest_waits
    if ends_week and begins <= now < digest_at + times.digest_within:
        jobs.append(Due(Job(session.day, DIGEST)))
    return jobs


def missed(
    now: datetime, sessions: Sequence[Session], runs: Mapping[Job, RunRow], times: Times
) -> list[Job]:
    """Return the held jobs whose time is over: nobody will try them again.

    A held note is not among them: it is given up with its reason when the archive gets it.
    """
    still_due = {
        due.job
        for session, after in _with_the_next(sessions)
        for due in _session_jobs(now, session, after, runs, times)
    }
    return [
        run.job
        for run in runs.values()
        if run.state is RunState.WAITING and run.job.kind != PUBLISH and run.job not in still_due
    ]


def _was_published(run: RunRow | None) -> bool:
    return run is not None and run.state is RunState.DONE
