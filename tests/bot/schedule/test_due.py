"""What is due follows from the time, the calendar and what has been done: nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.ledger.runs import Job, RunRow, RunState
from bot.schedule.calendar import ExchangeSessions
from bot.schedule.due import DIGEST, DRAFT, ESTIMATE, PUBLISH, REVISE, Due, Times, due_now, missed

WEDNESDAY, FRIDAY, MONDAY = date(2025, 11, 26), date(2025, 11, 28), date(2025, 12, 1)
ALL = (DRAFT, PUBLISH, REVISE, DIGEST, ESTIMATE)


def a_run(day: date, kind: str, state: RunState = RunState.DONE) -> RunRow:
    at = datetime(2025, 11, 26, tzinfo=UTC)
    return RunRow(Job(day, kind), state, "ana", at, at, 1, False, "", at, None)


def due(now: str, *runs: RunRow, first: date = WEDNESDAY) -> list[str]:
    """Return what is due, in words, around Thanksgiving 2025 (Friday closes at 18:00 UTC)."""
    sessions = ExchangeSessions().sessions(first, date(2025, 12, 5))
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = due_now(moment, sessions, {run.job: run for run in runs}, Times(), ALL)
    return [words(job) for job in found]


def words(job: Due) -> str:
    late = " late" if job.late else ""
    return f"{job.job.kind} {job.job.session:%a}{late}{' archive' if job.archive_only else ''}"


PUBLISHED_WED = a_run(WEDNESDAY, PUBLISH)
PUBLISHED_FRI = a_run(FRIDAY, PUBLISH)
REVISED_WED = a_run(WEDNESDAY, REVISE)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-11-28 17:34", ["revise Wed"]),
        ("2025-11-28 17:35", ["revise Wed", "estimate Fri"]),
        ("2025-11-28 18:00", []),
        ("2025-11-28 18:34", []),
        ("2025-11-28 18:35", ["draft Fri"]),
        ("2025-11-28 19:14", ["draft Fri"]),
        ("2025-11-28 19:15", ["publish Fri"]),
        ("2025-11-28 19:45", ["publish Fri late"]),
        ("2025-11-30 12:00", ["publish Fri late", "digest Fri"]),
        ("2025-12-01 20:00", ["publish Fri late"]),
        ("2025-12-01 21:00", ["publish Fri late archive"]),
    ],
)
def test_a_half_day_runs_three_hours_early_from_close_to_archive(
    now: str, expected: list[str]
) -> None:
    shown = [job for job in due(now, PUBLISHED_WED) if "Mon" not in job]

    assert [job for job in shown if job != "estimate Mon"] == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-11-28 13:32", []),
        ("2025-11-28 13:33", ["revise Wed"]),
        ("2025-11-28 17:59", ["revise Wed", "estimate Fri"]),
        ("2025-11-28 18:00", []),
    ],
)
def test_a_note_is_revised_on_the_next_trading_morning(now: str, expected: list[str]) -> None:
    assert due(now, PUBLISHED_WED) == expected
    assert "revise Wed" not in due(now, PUBLISHED_WED, REVISED_WED)
    assert "revise Wed" not in due(now)


@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        ("2025-11-29 13:59", False),
        ("2025-11-29 14:00", True),
        ("2025-12-01 13:59", True),
        ("2025-12-01 14:00", False),
    ],
)
def test_the_week_is_summed_up_on_saturday_or_not_at_all(now: str, is_due: bool) -> None:
    assert ("digest Fri" in due(now, PUBLISHED_WED, PUBLISHED_FRI)) == is_due


def test_after_a_week_off_the_last_note_is_news_and_the_others_are_history() -> None:
    found = due("2025-12-05 12:00", first=FRIDAY)

    assert found == [
        "publish Fri late archive",
        "publish Mon late archive",
        "publish Tue late archive",
        "publish Wed late archive",
        "publish Thu late",
    ]


def test_a_held_note_waits_for_its_time_and_a_running_one_for_its_lease() -> None:
    now = datetime(2025, 11, 28, 20, tzinfo=UTC)
    sessions = ExchangeSessions().sessions(FRIDAY, MONDAY)
    soon = now + timedelta(minutes=1)

    def is_due(state: RunState, until: datetime) -> bool:
        run = replace(a_run(FRIDAY, PUBLISH, state), not_before=until, lease_until=until)
        return bool(due_now(now, sessions, {run.job: run}, Times(), [PUBLISH]))

    assert [is_due(RunState.WAITING, until) for until in (now, soon)] == [True, False]
    assert [is_due(RunState.RUNNING, until) for until in (now, soon)] == [True, False]
    assert not is_due(RunState.GIVEN_UP, now)


def test_nothing_is_due_that_nobody_can_write() -> None:
    sessions = ExchangeSessions().sessions(WEDNESDAY, MONDAY)
    now = datetime(2025, 11, 28, 20, tzinfo=UTC)

    assert due_now(now, sessions, {}, Times(), []) == []


def test_before_the_first_session_nothing_is_due_and_nothing_was_missed() -> None:
    now = datetime(2025, 11, 28, 20, tzinfo=UTC)

    assert due_now(now, [], {}, Times(), [PUBLISH]) == []
    assert missed(now, [], {}, Times()) == []


def test_times_that_cannot_be_kept_are_refused() -> None:
    with pytest.raises(ValueError, match="the draft must come first"):
        Times(draft_after_close=timedelta(minutes=90))
    with pytest.raises(ValueError, match="03:00 to 23:00"):
        Times(revision_at=time(1, 30))
