"""Each reader gets the editions they chose, at the hour of their own clock."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edition import NOTE, REVISION, WEEKLY, Edition
from bot.ledger import Ledger
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow, Terms, freeze
from bot.ledger.subscribers import Preferences, SubscriberState
from bot.newsletter.bigdays import is_big_day, was_big_day
from bot.newsletter.fanout import LONGEST_HOLD, due_at, mail_targets
from bot.publishing import REPORT
from tests.bot.newsletter.desk import NOW, a_reader

NEW_YORK, BERLIN, TOKYO = "America/New_York", "Europe/Berlin", "Asia/Tokyo"
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def new_york(day: str, hour: int, minute: int) -> datetime:
    moment = datetime.fromisoformat(f"{day}T{hour:02d}:{minute:02d}")
    return moment.replace(tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "zone", "hour", "due"),
    [
        ("2025-11-21", NEW_YORK, 18, "2025-11-21T23:00"),
        ("2025-11-21", NEW_YORK, 7, "2025-11-22T12:00"),
        ("2025-11-21", BERLIN, 7, "2025-11-22T06:00"),
        ("2025-11-21", TOKYO, 7, "2025-11-21T22:00"),
        # Berlin's clocks go back on 26 October: the Friday before, seven is still summer's.
        ("2025-10-24", BERLIN, 7, "2025-10-25T05:00"),
        ("2025-10-27", BERLIN, 7, "2025-10-28T06:00"),
        # On 30 March they go forward at two: there is no half past two, and three is the next.
        ("2025-03-29", BERLIN, 2, "2025-03-30T01:00"),
        ("2025-11-21", "Asia/Kathmandu", 6, "2025-11-22T00:15"),
    ],
)
def test_a_note_of_a_quarter_past_five_in_new_york_comes_at_the_readers_hour(
    day: str, zone: str, hour: int, due: str
) -> None:
    published = new_york(day, 17, 15) if zone != TOKYO else new_york(day, 16, 55)

    assert due_at(published, zone, hour) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_an_hour_after_which_the_note_would_be_stale_means_at_once() -> None:
    published = new_york("2025-11-21", 17, 15)

    assert due_at(published, NEW_YORK, 11) is None
    assert due_at(published, NEW_YORK, 10) == published + timedelta(hours=16, minutes=45)


def test_the_very_minute_of_publication_is_on_time() -> None:
    published = new_york("2025-11-21", 17, 0)

    assert due_at(published, NEW_YORK, 17) == published


def test_the_hour_that_comes_twice_counts_the_first_time() -> None:
    # New York, 2 November 2025: one o'clock comes at 05:00 and at 06:00 UTC.
    published = datetime(2025, 11, 2, 4, 30, tzinfo=UTC)

    assert due_at(published, NEW_YORK, 1) == datetime(2025, 11, 2, 5, 0, tzinfo=UTC)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(ZONES),
    st.integers(0, 23),
)
def test_a_readers_hour_is_never_before_the_note_and_never_after_it_is_stale(
    published: datetime, zone: str, hour: int
) -> None:
    due = due_at(published, zone, hour)

    if due is not None:
        local = due.astimezone(ZoneInfo(zone))
        assert published <= due <= published + LONGEST_HOLD
        # A change of clocks may leave the hour out; then it is the first one after the gap.
        assert local.hour == hour or _leaves_out(local.date(), hour, zone)


def _leaves_out(day: date, hour: int, zone: str) -> bool:
    wall = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC).astimezone(ZoneInfo(zone)).hour != hour


@pytest.mark.parametrize(
    ("day_return", "usual_move", "big"),
    [
        (0.0952, 0.0210, True),
        (-0.0201, 0.0100, True),
        (0.0200, 0.0100, True),
        (0.0199, 0.0100, False),
        (0.0300, 0.0200, False),
        (-0.0200, None, True),
        (0.0199, None, False),
    ],
)
def test_a_big_day_moves_at_least_twice_its_usual_move(
    day_return: float, usual_move: float | None, big: bool
) -> None:
    report = {"index": {"day_return": day_return, "usual_move": usual_move}}

    assert is_big_day(day_return, usual_move) is big
    assert was_big_day(json.dumps(report).encode()) is big


def test_without_a_report_nobody_calls_a_day_big() -> None:
    assert not was_big_day(None)
    assert not was_big_day(b'{"version": 1}')


async def frozen(ledger: Ledger, kind: str, day_return: float = 0.001) -> EditionRow:
    report = json.dumps({"index": {"day_return": day_return, "usual_move": 0.01}}).encode()
    edition = Edition(date(2025, 11, 21), {REPORT: report}, "sha256:" + "ab" * 32)
    async with ledger.write() as tx:
        return await freeze(tx, edition, Terms(kind), NOW)


async def targets(ledger: Ledger, edition: EditionRow, page: int = 2) -> list[Target]:
    return [one async for part in mail_targets(ledger, edition, page=page) for one in part]


@pytest.mark.parametrize(
    ("kind", "day_return", "readers"),
    [
        (NOTE, 0.001, ["daily"]),
        (NOTE, -0.031, ["daily", "big"]),
        (WEEKLY, -0.031, ["weekly"]),
        (REVISION, -0.031, []),
    ],
)
async def test_an_edition_goes_to_those_who_chose_it(
    ledger: Ledger, kind: str, day_return: float, readers: list[str]
) -> None:
    names = {}
    for cadence in ("daily", "weekly", "big"):
        chosen = Preferences(cadence=cadence)
        reader = await a_reader(ledger, f"{cadence}@reader.test", preferences=chosen)
        names[reader.id] = cadence

    found = await targets(ledger, await frozen(ledger, kind, day_return))

    assert [names[target.subscriber_id or 0] for target in found] == readers


async def test_only_confirmed_readers_are_promised_a_note(ledger: Ledger) -> None:
    for state in SubscriberState:
        await a_reader(ledger, f"{state}@reader.test", state)

    found = await targets(ledger, await frozen(ledger, NOTE))

    assert len(found) == 1


async def test_pages_of_readers_leave_nobody_out_and_take_nobody_twice(ledger: Ledger) -> None:
    hours = {None: NOW, 7: datetime(2025, 11, 22, 12, 0, tzinfo=UTC)}
    for number in range(7):
        chosen = Preferences(hour=7 if number % 2 else None)
        await a_reader(ledger, f"r{number}@reader.test", preferences=chosen)

    found = await targets(ledger, await frozen(ledger, NOTE), page=3)

    assert len({target.name for target in found}) == 7
    assert {target.not_before or NOW for target in found} == set(hours.values())
