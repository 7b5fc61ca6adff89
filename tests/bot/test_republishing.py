"""A note that was taken back can be published again, once, as it stood or corrected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bot.alerts import AlertDesk
from bot.channels import Refused, RetryLater
from bot.cli import main
from bot.edition import AGAIN, NOTE, REASON_TEXT, REMOVAL, RETRACTION, REVISION, Edition
from bot.errors import BadArgumentError, DeskError
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryState, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade
from bot.outbox import enqueue_edition
from bot.republishing import Wish, publish_again
from bot.sending import publish_now
from bot.service import Service
from bot.settings import Settings
from bot.unpublishing import unpublish_now
from tests.bot.fakes import FakeClock, PaperChannel

FRIDAY = date(2025, 11, 21)
TAKES_BACK = frozenset({NOTE, REVISION, RETRACTION, REMOVAL, AGAIN})
AS_IT_STOOD, ANEW = b"# Note\n", b"# Note, mended\n"


def paper(name: str) -> PaperChannel:
    wants = ("blog.md", REASON_TEXT, "changes.txt")
    return PaperChannel(name, carries=TAKES_BACK, wants=wants)


@dataclass
class Desk:
    """A desk with two channels that can take a note back, and mail, which cannot."""

    ledger: Ledger
    clock: FakeClock = field(default_factory=FakeClock)
    blog: PaperChannel = field(default_factory=lambda: paper("blog"))
    hook: PaperChannel = field(default_factory=lambda: paper("hook"))
    mail: PaperChannel = field(default_factory=lambda: PaperChannel("mail"))

    @property
    def service(self) -> Service:
        """The running parts; its writer knows better figures than those that were frozen."""
        report = b'{"content_hash": "sha256:2", "close": 2}'
        anew = Edition(FRIDAY, {"blog.md": ANEW, "report.json": report}, "sha256:2")
        return Service(
            self.ledger,
            [self.blog, self.hook, self.mail],
            AlertDesk(self.ledger, self.clock),
            writers={NOTE: lambda session: anew},
            clock=self.clock,
        )

    async def publish(self, edition: Edition, kind: str = NOTE) -> None:
        """Freeze an edition and send it to everybody."""
        async with self.ledger.write() as tx:
            row = await freeze(tx, edition, Terms(kind), self.clock())
        await enqueue_edition(self.ledger, self.service.channels, row, self.clock())
        await self.service.outbox().drain()

    async def unpublish(self, *names: str) -> str:
        """Take Friday's note back."""
        return await unpublish_now(self.service, Settings(), FRIDAY, names, "A mistake.")

    async def again(self, *names: str, corrected: bool = False) -> str:
        """Publish it again."""
        return await publish_again(self.service, FRIDAY, Wish(names, corrected))


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Give a desk whose note of Friday was sent."""
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await upgrade(ledger)
    made = Desk(ledger)
    report = b'{"content_hash": "sha256:1", "close": 1}'
    await made.publish(Edition(FRIDAY, {"blog.md": AS_IT_STOOD, "report.json": report}, "sha256:1"))
    yield made
    await ledger.close()


def got(channel: PaperChannel) -> list[str]:
    return [delivery.edition for delivery in channel.got]


async def test_a_note_withdrawn_by_mistake_comes_back_as_it_stood(desk: Desk) -> None:
    await desk.unpublish()

    words = await desk.again()

    assert got(desk.blog) == got(desk.hook) == [NOTE, RETRACTION, AGAIN]
    assert desk.blog.got[-1].texts["blog.md"] == AS_IT_STOOD
    assert not desk.blog.got[-1].is_correction
    assert (
        words == "2025-11-21: published again\nblog → ana: sent  page 1\nhook → ana: sent  page 1"
    )


async def test_readers_of_the_mail_do_not_get_it_twice(desk: Desk) -> None:
    await desk.unpublish()
    await desk.again()

    assert got(desk.mail) == [NOTE]


async def test_after_mending_the_data_it_comes_back_as_a_correction_of_what_stood(
    desk: Desk,
) -> None:
    await desk.unpublish()

    await desk.again(corrected=True)

    delivery = desk.blog.got[-1]
    assert delivery.texts["blog.md"] == ANEW
    assert delivery.is_correction
    assert delivery.texts["changes.txt"] == b"Corrects sha256:1.\nclose: 1 became 2\n"


async def test_saying_it_twice_publishes_it_once(desk: Desk) -> None:
    await desk.unpublish()
    await desk.again(corrected=True)
    await desk.again(corrected=True)
    await desk.again()

    assert got(desk.blog) == [NOTE, RETRACTION, AGAIN]


async def test_it_can_be_taken_back_and_published_again_as_often_as_needed(desk: Desk) -> None:
    for _ in range(2):
        await desk.unpublish()
        await desk.again()
    await desk.unpublish()

    expected = [NOTE, RETRACTION, AGAIN, "retraction-2", "again-2", "retraction-3"]
    assert got(desk.blog) == expected


async def test_a_named_channel_gets_its_copy_back_and_no_other_hears_of_it(desk: Desk) -> None:
    await desk.unpublish("blog")

    await desk.again("blog")

    assert got(desk.blog) == [NOTE, REMOVAL, AGAIN]
    assert got(desk.hook) == [NOTE]


async def test_a_correction_of_the_next_morning_follows_what_was_published_again(
    desk: Desk,
) -> None:
    await desk.unpublish()
    await desk.again()

    await desk.publish(Edition(FRIDAY, {"blog.md": ANEW}, "sha256:3"), REVISION)

    assert got(desk.hook) == [NOTE, RETRACTION, AGAIN, REVISION]


async def test_a_correction_that_comes_while_it_is_withdrawn_waits_for_it_to_come_back(
    desk: Desk,
) -> None:
    await desk.unpublish()
    await desk.publish(Edition(FRIDAY, {"blog.md": ANEW}, "sha256:3"), REVISION)

    await desk.again()

    assert got(desk.hook) == [NOTE, RETRACTION, AGAIN]
    assert desk.hook.got[-1].texts["blog.md"] == ANEW
    assert desk.hook.got[-1].is_correction


async def test_a_withdrawal_that_a_channel_never_heard_of_is_not_sent_after_it(
    desk: Desk,
) -> None:
    desk.hook.script = [RetryLater("no connection", "connect")]
    await desk.unpublish()

    await desk.again()
    desk.clock.move(hours=2)
    await desk.service.outbox().drain()

    assert got(desk.hook) == [NOTE, AGAIN]


async def test_mail_that_waited_when_the_note_was_withdrawn_goes_out_when_it_comes_back(
    tmp_path: Path,
) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await upgrade(ledger)
    desk = Desk(ledger)
    desk.mail.script = [RetryLater("greylisted", "450")]
    await desk.publish(Edition(FRIDAY, {"blog.md": AS_IT_STOOD}, "sha256:1"))

    await desk.unpublish()
    desk.clock.move(hours=2)
    await desk.service.outbox().drain()
    before = got(desk.mail)
    await desk.again()
    await ledger.close()

    assert before == []
    assert got(desk.mail) == [NOTE]


async def test_killed_after_it_was_fixed_a_second_try_sends_what_is_missing(desk: Desk) -> None:
    await desk.unpublish()
    hooked = desk.hook
    desk.hook = paper("other")
    await desk.again()
    desk.hook = hooked

    await desk.again()

    assert got(desk.blog) == got(desk.hook) == [NOTE, RETRACTION, AGAIN]


async def test_a_channel_that_refuses_is_said_and_put_right_by_hand(desk: Desk) -> None:
    await desk.unpublish()
    desk.blog.script = [Refused("wrong password", "401")]

    with pytest.raises(DeskError, match="failed  wrong password"):
        await desk.again()

    async with desk.ledger.read() as tx:
        rows = await list_deliveries(tx, session=FRIDAY)
    [failed] = [row for row in rows if row.state is DeliveryState.FAILED]
    assert (failed.edition, failed.channel) == (AGAIN, "blog")
    assert got(desk.hook) == [NOTE, RETRACTION, AGAIN]


async def test_without_saying_so_a_withdrawn_note_is_not_published(desk: Desk) -> None:
    await desk.unpublish()

    with pytest.raises(DeskError, match="was withdrawn; add --again"):
        await publish_now(desk.service, FRIDAY, ())


async def test_a_note_that_stands_has_nothing_to_publish_again(desk: Desk) -> None:
    with pytest.raises(DeskError, match="stands and was never taken back; leave out --again"):
        await desk.again()


async def test_a_session_without_a_note_is_told_apart(desk: Desk) -> None:
    with pytest.raises(DeskError, match="no note of 2025-11-20 was published"):
        await publish_again(desk.service, date(2025, 11, 20), Wish())


async def test_a_note_withdrawn_everywhere_comes_back_everywhere_or_not_at_all(
    desk: Desk,
) -> None:
    await desk.unpublish()

    with pytest.raises(BadArgumentError, match="leave out --channel"):
        await desk.again("blog")


async def test_mail_has_nothing_to_publish_again(desk: Desk) -> None:
    await desk.unpublish("blog")

    with pytest.raises(BadArgumentError, match="'mail' was never taken back"):
        await desk.again("mail")


async def test_what_stands_published_again_is_not_corrected_behind_its_readers_backs(
    desk: Desk,
) -> None:
    await desk.unpublish()
    await desk.again()

    with pytest.raises(DeskError, match="take it back first with `undertow unpublish`"):
        await desk.again(corrected=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--corrected"], "goes with --again"), (["--again", "--dry-run"], "has no dry run")],
)
def test_options_that_do_not_go_together_are_refused(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", "--demo", *options]) == 2
    assert words in capsys.readouterr().err
