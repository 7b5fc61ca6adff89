"""The week's digest is a post of its own, beside the note of the week's last session."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import date
from pathlib import Path

import pytest

from analysis.sources.demo import DemoSource
from analysis.week import week_of
from bot.assembly import open_service, run_worker, with_discord
from bot.cli import main
from bot.desk import Desk
from bot.edition import NOTE, WEEKLY, Edition
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade
from bot.outbox import enqueue_edition
from bot.settings import Settings
from bot.weekly import digest_of
from tests.analysis.test_week import report
from tests.bot.discord.conftest import PostingDesk
from tests.bot.discord.notes import FRIDAY, a_note
from tests.bot.discord.test_posting import texts
from tests.bot.discord.wire import TOKEN, Fault, Kind, WireServer

WEEK = [date(2025, 11, day) for day in (17, 18, 19, 20, 21)]


def a_digest() -> Edition:
    days = [report(day, 100.0, 0.01, forced=(1e9, 2e9, 3e9), funds=(0.9, 5e9)) for day in WEEK]
    return digest_of(week_of(days, WEEK, []))


async def test_the_digest_stands_beside_the_note_and_does_not_replace_it(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    await desk.deliver()
    await desk.promise(a_digest(), WEEKLY)

    rows = await desk.deliver()

    note, digest = sorted(desk.wire.messages(place), key=lambda message: int(message["id"]))
    assert [row.state for row in rows] == ["sent", "sent"]
    assert "Most of the buying was forced" in texts(note)
    said = texts(digest)
    assert "The week from 17 November to 21 November 2025" in said
    assert "Leveraged funds had to buy about $25 billion net over the week" in said
    assert "as they were published; commentary, not advice" in said


async def test_a_digest_whose_answer_was_lost_is_found_and_not_posted_twice(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise(a_digest(), WEEKLY)
    desk.wire.fault(Fault("POST", "/channels/*/messages", Kind.DONE_THEN_DROP, times=9))

    await desk.deliver()
    desk.clock.now = desk.clock.now.replace(hour=23)
    [row] = await desk.deliver()

    assert row.state == "sent"
    assert len(desk.wire.messages(place)) == 1


async def test_a_digest_that_cannot_be_read_is_refused_and_not_guessed(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    broken = Edition(FRIDAY, {"note.json": json.dumps({"week": {}}).encode()}, "sha256:x")
    await desk.promise(broken, WEEKLY)

    [row] = await desk.deliver()

    assert (row.state, row.code) == ("failed", "unreadable")


@pytest.fixture
def rest_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wire: WireServer, place: int
) -> WireServer:
    """Set a desk up by the environment alone, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERTOW_DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("UNDERTOW_DISCORD_CHANNEL_ID", str(place))
    monkeypatch.setenv("UNDERTOW_DISCORD_API_BASE", wire.api_base)
    return wire


@pytest.mark.slow
async def test_publishing_by_hand_reaches_discord_without_a_gateway(
    rest_only: WireServer, place: int, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = await asyncio.to_thread(main, ["publish", "--demo", "--dry-run"])
    assert rest_only.messages(place) == []
    published = await asyncio.to_thread(main, ["publish", "--demo"])
    again = await asyncio.to_thread(main, ["publish", "--demo"])

    printed = capsys.readouterr().out
    assert (planned, published, again) == (0, 0, 0)
    assert f"discord → {place}" in printed
    assert "discord: 1 sent" in printed
    assert len(rest_only.messages(place)) == 1
    assert not rest_only.asked("GET", "/gateway")


async def test_a_worker_sends_on_discord_too(rest_only: WireServer, place: int) -> None:
    settings = Settings()
    service = open_service(settings, Desk(DemoSource()))
    await upgrade(service.ledger)
    async with service.ledger.write() as tx:
        row = await freeze(tx, a_note(), Terms(NOTE), service.clock())
    async with with_discord(service, settings) as whole:
        await enqueue_edition(service.ledger, whole.channels, row, service.clock())

    work = asyncio.create_task(run_worker(settings, service))
    async with asyncio.timeout(30):
        while not rest_only.messages(place):
            assert not work.done(), work.exception()
            await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await work

    ledger = open_ledger(settings.database_url.get_secret_value())
    async with ledger.read() as tx:
        [sent] = await list_deliveries(tx)
    await ledger.close()
    assert (sent.channel, sent.state) == ("discord", "sent")
