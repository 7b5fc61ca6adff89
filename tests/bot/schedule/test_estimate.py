"""The estimate into the close is made once before the bell, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from analysis.sources.demo import DemoSource
from bot.assembly import open_service, times_of
from bot.channels.folder import FolderChannel
from bot.desk import Desk, open_desk
from bot.edition import INTO_CLOSE, NOTE, WritingError
from bot.errors import BadArgumentError
from bot.ledger import Ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.editions import EditionState, list_editions
from bot.ledger.runs import Job, find_run
from bot.schedule import ExchangeSessions, Runner, Times
from bot.schedule.due import ESTIMATE
from bot.settings import Settings
from tests.bot.fakes import Bulletin, FakeClock, Pen

FRIDAY, HALF_DAY = date(2025, 11, 21), date(2025, 11, 28)


@dataclass
class House:
    """A desk that makes estimates, in miniature; a full day's bell rings at 21:00 UTC."""

    ledger: Ledger
    folder: Path
    pen: Pen = field(default_factory=lambda: Pen(data="so far"))
    clock: FakeClock = field(default_factory=FakeClock)
    alarms: Bulletin = field(default_factory=Bulletin)

    def runner(self, owner: str = "ana") -> Runner:
        """Return one process of it."""
        return Runner(
            self.ledger,
            {NOTE: Pen(), INTO_CLOSE: self.pen},
            [FolderChannel(self.folder)],
            ExchangeSessions(),
            self.clock,
            owner,
            self.alarms,
        )

    async def ring_at(self, moment: str) -> list[str]:
        """Ring once, and return what became of estimates."""
        self.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        done = await self.runner().ring()
        return [
            f"{due.job.session:%a} {end.state}: {end.detail}"
            for due, end in done
            if due.job.kind == ESTIMATE
        ]

    async def estimates(self) -> list[tuple[date, EditionState]]:
        """Return the estimates that were frozen."""
        async with self.ledger.read() as tx:
            return [(row.session, row.state) for row in await list_editions(tx, INTO_CLOSE)]


@pytest.fixture
def house(ledger: Ledger, tmp_path: Path) -> House:
    return House(ledger, tmp_path / "notes")


async def test_at_1535_it_is_made_once_and_sent_to_nobody(house: House) -> None:
    assert await house.ring_at("2025-11-21 20:34") == []
    assert await house.ring_at("2025-11-21 20:35") == ["Fri done: published: 0 deliveries"]
    assert await house.ring_at("2025-11-21 20:36") == []

    assert house.pen.written == [FRIDAY]
    assert await house.estimates() == [(FRIDAY, EditionState.FROZEN)]
    async with house.ledger.read() as tx:
        assert [row for row in await list_deliveries(tx) if row.edition == INTO_CLOSE] == []


async def test_a_desk_started_before_the_bell_makes_it_before_it_catches_up_with_yesterday(
    house: House,
) -> None:
    house.clock.now = datetime(2025, 11, 21, 20, 50, tzinfo=UTC)

    done = await house.runner().ring()

    assert [(due.job.kind, f"{due.job.session:%a}") for due, _ in done][:2] == [
        ("estimate", "Fri"),
        ("publish", "Thu"),
    ]


async def test_two_desks_on_one_ledger_make_it_once(house: House) -> None:
    await house.ring_at("2025-11-21 20:30")
    house.clock.now = datetime(2025, 11, 21, 20, 35, tzinfo=UTC)

    await asyncio.gather(house.runner("ana").ring(), house.runner("bo").ring())

    assert house.pen.written == [FRIDAY]


async def test_a_desk_that_was_off_until_the_bell_makes_up_for_nothing(house: House) -> None:
    await house.ring_at("2025-11-21 20:30")

    assert await house.ring_at("2025-11-21 21:00") == []
    assert await house.ring_at("2025-11-24 15:00") == []
    assert house.pen.written == []
    assert house.alarms.standing == {}


async def test_a_half_day_has_it_at_1235(house: House) -> None:
    assert await house.ring_at("2025-11-28 17:34") == []
    assert await house.ring_at("2025-11-28 17:35") == ["Fri done: published: 0 deliveries"]
    assert await house.ring_at("2025-11-28 20:35") == []
    assert house.pen.written == [HALF_DAY]


async def test_a_fault_that_may_pass_is_tried_again_until_the_bell_and_no_longer(
    house: House,
) -> None:
    house.pen.trouble = lambda session: WritingError(session, "too many requests")

    assert (await house.ring_at("2025-11-21 20:35"))[0].startswith("Fri waiting")
    assert await house.ring_at("2025-11-21 20:44") == []
    assert (await house.ring_at("2025-11-21 20:45"))[0].startswith("Fri waiting")
    assert "too many requests" in house.alarms.standing["held:estimate:2025-11-21"]

    assert await house.ring_at("2025-11-21 21:00") == []
    assert house.alarms.standing == {}
    async with house.ledger.read() as tx:
        run = await find_run(tx, Job(FRIDAY, ESTIMATE))
    assert run is not None
    assert run.is_finished
    assert await house.estimates() == []


async def test_one_that_cannot_be_had_for_good_alarms_nobody(house: House) -> None:
    house.pen.trouble = lambda session: WritingError(session, "denied", permanent=True)

    assert await house.ring_at("2025-11-21 20:35") == ["Fri given_up: 2025-11-21: denied"]
    assert house.alarms.standing == {}


def test_without_the_setting_nobody_writes_it_and_a_simulated_market_never_does(
    tmp_path: Path,
) -> None:
    at = Settings(close_estimate_at=time(15, 40), database_url=str(tmp_path / "a"))  # type: ignore[arg-type]
    off = at.model_copy(update={"close_estimate_at": None})
    folder = open_desk(at, data=tmp_path, demo=False)

    assert INTO_CLOSE in open_service(at, folder).writers
    assert INTO_CLOSE not in open_service(off, folder).writers
    assert INTO_CLOSE not in open_service(at, Desk(DemoSource())).writers
    assert times_of(at).estimate_before_close == timedelta(minutes=20)


@pytest.mark.parametrize("at", ["12:59", "16:00", "17:00"])
def test_a_time_that_no_half_day_or_no_session_has_is_refused(at: str) -> None:
    settings = Settings(close_estimate_at=time.fromisoformat(at))

    with pytest.raises(BadArgumentError, match="choose a time from 13:00 to 15:59"):
        times_of(settings)


def test_an_empty_setting_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERTOW_CLOSE_ESTIMATE_AT", "")

    assert Settings().close_estimate_at is None
    assert times_of(Settings()).estimate_before_close == Times().estimate_before_close
