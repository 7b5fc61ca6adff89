"""A watching machine learns whether the desk lives, can work, and how it is doing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from bot.channels import InDoubt, RetryLater
from bot.edition import NOTE, Edition
from bot.health import Watch, health_app
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import Target
from bot.ledger.editions import Terms, freeze
from bot.ledger.record import Grade, grade_claim, ungraded_claims
from bot.outbox import Outbox
from bot.schedule import ExchangeSessions, Runner
from bot.schedule.bell import Bell
from tests.bot.fakes import NOW, Bulletin, FakeClock, PaperChannel, Pen


def asking(watch: Watch) -> httpx.AsyncClient:
    """Return a client of the health pages."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(health_app(watch)), base_url="http://desk.test"
    )


async def figures(watch: Watch) -> dict[str, float]:
    """Return all metrics by name and labels, such as ``undertow_deliveries/paper/sent``."""
    async with asking(watch) as client:
        answer = await client.get("/metrics")
    return {
        "/".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest_asyncio.fixture
async def busy(ledger: Ledger) -> AsyncIterator[Watch]:
    """Give a desk that published on Friday: one sent, one waiting, one in doubt."""
    clock, bulletin = FakeClock(), Bulletin()
    readers = (Target("ana"), Target("bo"), Target("cy"))
    paper = PaperChannel(readers=readers, script=[RetryLater("busy"), InDoubt("cut off")])
    runner = Runner(ledger, {NOTE: Pen()}, [paper], ExchangeSessions(), clock, "ana", bulletin)
    await runner.ring()
    await Outbox(ledger, [paper], clock, "ana", bulletin.alarm).drain()
    yield Watch(ledger, clock, runner)


async def test_prometheus_reads_what_was_sent_and_what_waits(busy: Watch) -> None:
    told = await figures(busy)

    assert told["undertow_deliveries/paper/sent"] == 1
    assert told["undertow_deliveries/paper/pending"] == 1
    assert told["undertow_deliveries_in_doubt"] == 1
    assert told["undertow_sessions_due"] == 0
    assert told["undertow_notes_late"] == 0
    assert told["undertow_channel_paused/paper"] == 0
    assert told["undertow_last_published_seconds"] == NOW.timestamp()


async def test_a_sources_age_is_that_of_its_newest_fact_in_the_newest_note(ledger: Ledger) -> None:
    sources = [
        {"name": "Cboe chains", "as_of": "2025-11-20", "status": "stale"},
        {"name": "FINRA", "as_of": None, "status": "missing"},
    ]
    body = json.dumps({"sources": sources}).encode()
    note = Edition(NOW.date(), {"report.json": body}, "sha256:x")
    async with ledger.write() as tx:
        await freeze(tx, note, Terms(NOTE), NOW)
    midnight = datetime(2025, 11, 22, tzinfo=UTC)

    told = await figures(Watch(ledger, FakeClock(midnight)))

    assert told["undertow_source_age_seconds/Cboe chains"] == 2 * 86_400
    assert "undertow_source_age_seconds/FINRA" not in told


async def test_figures_are_not_to_be_had_while_the_ledger_is_away() -> None:
    ledger = open_ledger("postgresql://desk:geheim@127.0.0.1:1/undertow")
    async with asking(Watch(ledger, FakeClock())) as client:
        answer = await client.get("/metrics")
    await ledger.close()

    assert (answer.status_code, answer.text) == (503, "")


async def test_an_owed_note_shows_until_it_is_there(busy: Watch) -> None:
    clock = busy.clock
    assert isinstance(clock, FakeClock)
    clock.move(days=3)

    assert (await figures(busy))["undertow_sessions_due"] == 1


async def test_the_record_is_among_the_figures(ledger: Ledger, edition_frozen: int) -> None:
    async with ledger.write() as tx:
        [claim] = await ungraded_claims(tx, NOW.date() + timedelta(days=30))
        await grade_claim(tx, claim.id, Grade(True, 0.29, 0.78, 0.25, "closed lower"), NOW)

    told = await figures(Watch(ledger, FakeClock()))

    assert (told["undertow_claims_open"], told["undertow_claims_graded"]) == (0, 1)
    assert (told["undertow_brier"], told["undertow_base_rate_brier"]) == (0.29, 0.25)
    assert edition_frozen > 0


async def test_a_ready_desk_says_so(busy: Watch) -> None:
    async with asking(busy) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "problems": []})


async def test_a_ledger_of_another_version_is_not_ready_and_still_alive(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "old.sqlite3"))
    async with asking(Watch(ledger, FakeClock())) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
    await ledger.close()

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert "undertow db upgrade" in ready.json()["problems"][0]


async def test_a_ledger_that_is_away_is_named_without_its_address() -> None:
    ledger = open_ledger("postgresql://desk:geheim@127.0.0.1:1/undertow")
    async with asking(Watch(ledger, FakeClock())) as client:
        ready = await client.get("/readyz")
    await ledger.close()

    assert ready.status_code == 503
    assert ready.json()["problems"] == ["the ledger does not answer: ConnectionRefusedError"]


async def test_a_bell_that_fell_silent_is_not_ready(ledger: Ledger) -> None:
    async def answer() -> None:
        await asyncio.sleep(0)

    clock = FakeClock()
    bell = Bell(answer, clock)
    watch = Watch(ledger, clock, bell=lambda: bell)
    async with asking(watch) as client:
        before = await client.get("/readyz")
        await bell.ring()
        rung = await client.get("/readyz")
        clock.move(minutes=11)
        silent = await client.get("/readyz")

    assert [answer.status_code for answer in (before, rung, silent)] == [503, 200, 503]


async def test_a_desk_whose_first_evening_takes_minutes_is_ready_and_one_that_hangs_is_not(
    ledger: Ledger,
) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        begun.set()
        await over.wait()

    clock = FakeClock()
    bell = Bell(answer, clock)
    watch = Watch(ledger, clock, bell=lambda: bell)
    async with asking(watch) as client:
        ringing = asyncio.create_task(bell.ring())
        await begun.wait()
        clock.move(minutes=9)
        at_work = await client.get("/readyz")
        clock.move(minutes=2)
        hanging = await client.get("/readyz")
        over.set()
        await ringing

    assert [answer.status_code for answer in (at_work, hanging)] == [200, 503]


async def test_with_a_clock_before_the_desk_began_the_other_figures_are_to_be_had(
    busy: Watch,
) -> None:
    assert isinstance(busy.clock, FakeClock)
    busy.clock.move(days=-365)

    told = await figures(busy)

    assert told["undertow_deliveries_in_doubt"] == 1
    assert "undertow_sessions_due" not in told
