"""A note that is taken back leaves every place it was, or only the ones named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.alerts import AlertDesk
from bot.channels import Refused
from bot.cli import main
from bot.edition import NOTE, REASON_TEXT, REMOVAL, RETRACTION, Edition
from bot.errors import BadArgumentError, DeskError
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryState, list_deliveries
from bot.ledger.editions import Terms, find_edition, freeze
from bot.ledger.migrate import upgrade
from bot.service import Service
from bot.settings import Settings
from bot.unpublishing import unpublish_now
from bot.withdrawing import announce
from tests.bot.fakes import NOW, FakeClock, PaperChannel

FRIDAY = date(2025, 11, 21)
EVERY_END = frozenset({NOTE, RETRACTION, REMOVAL})


@dataclass
class Desk:
    """A desk with two channels that can take a note back, and one that cannot."""

    ledger: Ledger
    clock: FakeClock = field(default_factory=FakeClock)
    blog: PaperChannel = field(default_factory=lambda: paper("blog"))
    hook: PaperChannel = field(default_factory=lambda: paper("hook"))
    folder: PaperChannel = field(default_factory=lambda: PaperChannel("folder"))

    @property
    def service(self) -> Service:
        """The running parts."""
        channels = [self.blog, self.hook, self.folder]
        return Service(self.ledger, channels, AlertDesk(self.ledger, self.clock), clock=self.clock)

    async def unpublish(self, *names: str) -> str:
        """Take Friday's note back."""
        return await unpublish_now(
            self.service, Settings(), FRIDAY, names, "A price file was wrong."
        )


def paper(name: str) -> PaperChannel:
    return PaperChannel(name, carries=EVERY_END, wants=("blog.md", REASON_TEXT))


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Give a desk whose note of Friday is frozen."""
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await upgrade(ledger)
    async with ledger.write() as tx:
        await freeze(tx, Edition(FRIDAY, {"blog.md": b"# Note\n"}, "sha256:1"), Terms(NOTE), NOW)
    yield Desk(ledger)
    await ledger.close()


def orders(channel: PaperChannel) -> list[tuple[str, bytes]]:
    return [(delivery.edition, delivery.texts[REASON_TEXT]) for delivery in channel.got]


async def test_a_note_is_taken_back_everywhere_with_its_reason(desk: Desk) -> None:
    words = await desk.unpublish()

    expected = [(RETRACTION, b"A price file was wrong.")]
    assert orders(desk.blog) == orders(desk.hook) == expected
    assert desk.folder.got == []
    assert words == "2025-11-21: withdrawn\nblog → ana: sent  page 1\nhook → ana: sent  page 1"


async def test_a_named_channel_alone_loses_its_copy_and_the_note_still_stands(desk: Desk) -> None:
    await desk.unpublish("blog")

    async with desk.ledger.read() as tx:
        standing = await find_edition(tx, FRIDAY, RETRACTION)
    assert orders(desk.blog) == [(REMOVAL, b"A price file was wrong.")]
    assert desk.hook.got == []
    assert standing is None


async def test_saying_it_twice_sends_it_once(desk: Desk) -> None:
    await desk.unpublish()
    await desk.unpublish()

    assert len(desk.blog.got) == len(desk.hook.got) == 1


async def test_a_channel_that_cannot_take_back_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(BadArgumentError, match="'folder' cannot take a note back"):
        await desk.unpublish("folder")


async def test_what_failed_is_said_and_ends_with_an_error(desk: Desk) -> None:
    desk.blog.script = [Refused("wrong password", "401")]

    with pytest.raises(DeskError, match="failed  wrong password"):
        await desk.unpublish()
    assert len(desk.hook.got) == 1


async def test_a_session_without_a_note_has_nothing_to_take_back(desk: Desk) -> None:
    with pytest.raises(DeskError, match="no note of 2025-11-20 was published"):
        await unpublish_now(desk.service, Settings(), date(2025, 11, 20), (), "x")


async def test_a_withdrawal_is_tried_for_a_week(desk: Desk) -> None:
    await announce(desk.ledger, [desk.blog], FRIDAY, RETRACTION, "Wrong.", NOW)

    async with desk.ledger.read() as tx:
        [row] = await list_deliveries(tx)
    assert row.expires_at - NOW == timedelta(days=7)
    assert row.state is DeliveryState.PENDING


def test_the_command_takes_a_blog_post_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    monkeypatch.setenv("UNDERTOW_BLOG_FOLDER", str(tmp_path / "site"))

    assert main(["unpublish", "--session", "2025-11-21"]) == 1
    assert "no note of 2025-11-21 was published" in capsys.readouterr().err
    assert main(["unpublish", "--session", "friday"]) == 2
    assert "give a day as 2025-04-09" in capsys.readouterr().err
