"""An operator hears of a channel that carries nothing, once, and that it goes on again."""

from __future__ import annotations

from pathlib import Path

from bot.channels import Channel, Refused, RetryLater
from bot.channels.folder import FolderChannel
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.deliveries import Target
from bot.ledger.editions import Terms, freeze
from bot.outbox import Outbox, enqueue_edition
from tests.bot.fakes import NOW, Bulletin, FakeClock, PaperChannel


async def publish(ledger: Ledger, edition: Edition, channel: Channel) -> None:
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)
    await enqueue_edition(ledger, [channel], row, NOW)


async def test_a_folder_that_takes_nothing_for_minutes_is_told_and_taken_back_when_it_does(
    ledger: Ledger, edition: Edition, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "notes"
    in_the_way.write_text("a file where the folder should be", "utf-8")
    folder, clock, bulletin = FolderChannel(in_the_way), FakeClock(), Bulletin()
    await publish(ledger, edition, folder)
    outbox = Outbox(ledger, [folder], clock, "ana", bulletin.alarm, over=bulletin.clear)

    told = []
    for _ in range(3):
        await outbox.drain()
        told.append(dict(bulletin.standing))
        clock.move(minutes=7)
    in_the_way.unlink()
    clock.move(minutes=15)
    await outbox.drain()

    assert told == [
        {},
        {},
        {
            "stuck:folder": "nobody has the note of 2025-11-21 on folder yet: cannot write to the "
            "folder: File exists; it is tried again"
        },
    ]
    assert [path.name for path in in_the_way.iterdir()] == ["2025-11-21.md"]
    assert bulletin.standing == {}


async def test_one_reader_who_cannot_be_reached_is_no_trouble_of_the_channel(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(readers=(Target("ana"), Target("bo")))
    paper.script = [RetryLater("box full")]
    await publish(ledger, edition, paper)
    clock, bulletin = FakeClock(), Bulletin()
    outbox = Outbox(ledger, [paper], clock, "ana", bulletin.alarm, over=bulletin.clear)

    for _ in range(4):
        await outbox.drain()
        paper.script = [RetryLater("box full")]
        clock.move(minutes=20)

    assert paper.read_by == ["bo"]
    assert bulletin.standing == {}


async def test_what_an_earlier_process_told_of_a_channel_is_over_when_it_sends(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel()
    await publish(ledger, edition, paper)
    old = ("fault:paper", "breaker:paper", "refused:paper", "stuck:paper", "refused:other")
    bulletin = Bulletin(dict.fromkeys(old, "told before"))

    await Outbox(ledger, [paper], FakeClock(), "ana", bulletin.alarm, over=bulletin.clear).drain()

    assert set(bulletin.standing) == {"refused:other"}


async def test_a_refusal_stands_until_the_channel_sends_again(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(script=[Refused("wrong password", "401", our_fault=True)])
    await publish(ledger, edition, paper)
    bulletin = Bulletin()

    await Outbox(ledger, [paper], FakeClock(), "ana", bulletin.alarm, over=bulletin.clear).drain()

    assert bulletin.standing == {
        "refused:paper": "paper refused the note of 2025-11-21: wrong password"
    }
