"""What comes back, from servers that mean it and from people who do not."""

from __future__ import annotations

import asyncio
import mailbox
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.alerts import AlertDesk
from bot.errors import BadArgumentError
from bot.ledger.bounces import BounceKind, bounces_of
from bot.ledger.deliveries import DeliveryState
from bot.ledger.subscribers import (
    Subscriber,
    SubscriberState,
    is_suppressed,
    subscriber_by_id,
)
from bot.mail.address import Address
from bot.mail.answers import Fault
from bot.mail.bounces import LARGEST_READ, Mark, read_report
from bot.mail.boxes import BoxSetting, Maildir, box_of
from bot.mail.lmtp import Door
from bot.mail.reading import BounceReader
from bot.mail.scoring import Standing, after_bounce
from bot.mail.verp import bounce_address, delivery_of
from bot.newsletter.tokens import address_hash
from tests.bot.mail.conftest import Desk
from tests.bot.mail.letters import KEY
from tests.bot.mail.relays import MoodyRelay
from tests.bot.mail.reports import BOUNCES, bounced_to, complaint, failure

MARK = Mark(KEY, BOUNCES)
WEDNESDAY = date(2025, 4, 9)


def reader_in(desk: Desk, folder: Path) -> BounceReader:
    setting = BoxSetting("maildir", BOUNCES, path=folder)
    return BounceReader(desk.ledger, MARK, setting, desk.clock, AlertDesk(desk.ledger, desk.clock))


async def sent_to(desk: Desk, *names: str) -> list[int]:
    numbers = await desk.join(*names)
    await desk.publish()
    await desk.outbox.drain()
    return numbers


async def found(desk: Desk, number: int) -> Subscriber:
    async with desk.ledger.read() as tx:
        reader = await subscriber_by_id(tx, number)
    assert reader is not None
    return reader


@pytest.mark.parametrize(
    ("status", "diagnostic", "fault"),
    [
        ("5.1.1", "smtp; 550 no such user", Fault.ADDRESS),
        ("5.2.2", "smtp; 552 full", Fault.FULL),
        ("5.2.1", "smtp; 550 disabled", Fault.MAILBOX),
        ("5.4.4", "X-Postfix; host not found", Fault.MAILBOX),
        ("5.7.1", "smtp; 550 blocked", Fault.OURS),
        ("5.0.0", "smtp; 550 5.1.1 unknown", Fault.ADDRESS),
        ("5.0.0", "smtp; go away", Fault.MAILBOX),
        ("4.4.7", "delivery time expired", Fault.FULL),
    ],
)
def test_a_failure_is_the_fault_its_code_tells(status: str, diagnostic: str, fault: Fault) -> None:
    bounce = read_report(failure(7, status, diagnostic=diagnostic), MARK)

    assert bounce is not None
    assert (bounce.delivery_id, bounce.kind, bounce.fault) == (7, BounceKind.LATER, fault)


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_a_report_of_anything_but_a_failure_is_ignored(action: str) -> None:
    assert read_report(failure(7, action=action), MARK) is None


def test_a_complaint_is_known_by_the_bounce_address_of_what_it_complains_of() -> None:
    bounce = read_report(complaint(7), MARK)

    assert bounce is not None
    assert (bounce.delivery_id, bounce.kind) == (7, BounceKind.COMPLAINT)


def test_a_report_that_a_mail_was_no_spam_is_no_complaint() -> None:
    assert read_report(complaint(7, "not-spam"), MARK) is None


def test_an_address_is_ours_in_any_case_and_with_no_letter_changed() -> None:
    address = bounced_to(1207)
    mark = address.partition(".")[2].partition("@")[0]
    other = "a" if mark[0] != "a" else "b"

    assert delivery_of(KEY, BOUNCES, address.upper()) == 1207
    assert delivery_of(KEY, BOUNCES, f"<{address}>") == 1207
    for forged in (
        address.replace("1207", "1208"),
        address.replace(mark, other + mark[1:]),
        address.replace(mark, mark[:-1]),
        address.replace("1207", "01207"),
        address.replace("desk.test", "evil.test"),
        str(bounce_address("another key" * 4, BOUNCES, 1207)),
    ):
        assert delivery_of(KEY, BOUNCES, forged) is None


@given(number=st.integers(1, 10**18 - 1))
def test_every_delivery_has_a_bounce_address_that_fits_an_envelope(number: int) -> None:
    address = bounce_address(KEY, BOUNCES, number)

    assert len(address.text.partition("@")[0]) <= 64
    assert delivery_of(KEY, BOUNCES, str(address)) == number


def test_a_forged_bounce_tells_nothing() -> None:
    forged = bounced_to(7).replace("+7.", "+8.")

    assert read_report(failure(8, to=forged), MARK) is None


@settings(max_examples=60, deadline=None)
@given(junk=st.binary(max_size=3_000))
@example(b"")
@example(b"\x00" * 100)
@example(b"Content-Type: multipart/report; boundary=\xff\r\n\r\n--\xff\r\n")
def test_junk_in_the_bounce_mailbox_is_harmless(junk: bytes) -> None:
    assert read_report(junk, MARK) is None
    read_report(f"To: {bounced_to(7)}\r\n".encode() + junk, MARK)
    read_report(failure(7)[:400] + junk + failure(7)[400:], MARK)


@pytest.mark.parametrize(
    "raw",
    [
        failure(7) + b"x" * 5_000_000,
        b"".join(
            b'Content-Type: multipart/report; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
            for n in range(5_000)
        )
        + failure(7),
        b"To: " + b"bounce+7.aaaaaaaaaaaaaaaa@desk.test, " * 5_000 + b"\r\n\r\n",
        b"Content-Type: multipart/report\r\n" + b"X: y\r\n" * 40_000 + failure(7),
    ],
    ids=["huge", "nested", "a thousand addresses", "a wall of headers"],
)
def test_a_hostile_report_takes_no_time_and_harms_nobody(raw: bytes) -> None:
    bounce = read_report(raw, MARK)

    assert bounce is None or bounce.delivery_id == 7
    assert len(raw[:LARGEST_READ]) <= LARGEST_READ


def test_nothing_a_stranger_writes_into_a_header_is_kept_as_it_is() -> None:
    raw = failure(7).replace(b"Undelivered", b"\x1b[31m\xf0\x9f\x92\xa9 Undelivered")
    bounce = read_report(raw, MARK)

    assert bounce is not None
    assert all(letter.isprintable() or letter == "\n" for letter in bounce.headers)


@pytest.mark.parametrize(
    ("before", "fault", "after"),
    [
        (Standing(0.0, None), Fault.MAILBOX, Standing(1.0, WEDNESDAY)),
        (Standing(0.0, None), Fault.FULL, Standing(0.5, WEDNESDAY)),
        (Standing(0.0, None), Fault.OURS, Standing(0.0, None)),
        (Standing(0.0, None), Fault.ADDRESS, Standing(3.0, WEDNESDAY, is_over=True)),
        (Standing(1.0, WEDNESDAY), Fault.MAILBOX, Standing(1.0, WEDNESDAY)),
        (
            Standing(2.0, WEDNESDAY - timedelta(days=1)),
            Fault.MAILBOX,
            Standing(3.0, WEDNESDAY, is_over=True),
        ),
        (Standing(2.5, WEDNESDAY - timedelta(days=14)), Fault.FULL, Standing(3.0, WEDNESDAY, True)),
        (Standing(2.5, WEDNESDAY - timedelta(days=15)), Fault.FULL, Standing(0.5, WEDNESDAY)),
    ],
    ids=[
        "a refusal counts one",
        "a full mailbox counts a half",
        "our own fault counts nothing",
        "no such address needs no second proof",
        "at most once a day",
        "three are enough",
        "two weeks are not forgotten",
        "fifteen good days are",
    ],
)
def test_bounces_add_up_slowly_and_are_forgotten(
    before: Standing, fault: Fault, after: Standing
) -> None:
    assert after_bounce(before, fault, WEDNESDAY) == after


async def test_a_report_in_a_maildir_stops_the_reader_and_is_thrown_away(
    desk: Desk, relay: MoodyRelay, tmp_path: Path
) -> None:
    ana, bob = await sent_to(desk, "ana", "bob")
    box = mailbox.Maildir(tmp_path / "box", create=True)
    box.add(failure(2))
    box.add(b"Subject: dear desk\r\n\r\nI am on holiday\r\n")
    reader = reader_in(desk, tmp_path / "box")

    assert await reader.look(Maildir(tmp_path / "box")) == 2
    assert (await found(desk, ana)).state is SubscriberState.CONFIRMED
    assert (await found(desk, bob)).state is SubscriberState.BOUNCED
    assert await desk.states() == ["sent", "failed"]
    assert list((tmp_path / "box" / "new").iterdir()) == []
    assert len(list((tmp_path / "box" / "cur").iterdir())) == 1


async def test_the_same_report_twice_counts_once(desk: Desk, tmp_path: Path) -> None:
    [ana] = await sent_to(desk, "ana")
    reader = reader_in(desk, tmp_path)
    for _ in range(3):
        assert await reader.take(failure(1, "5.2.1"), "")
        desk.clock.move(days=1)
    async with desk.ledger.read() as tx:
        kept = await bounces_of(tx, 1)

    assert kept == [("later", "5.2.1")]
    assert (await found(desk, ana)).bounce_score == 1.0


async def test_a_complaint_ends_the_subscription_for_good(desk: Desk, tmp_path: Path) -> None:
    [ana] = await sent_to(desk, "ana")
    await reader_in(desk, tmp_path).take(complaint(1), "")
    async with desk.ledger.read() as tx:
        is_known = await is_suppressed(tx, address_hash(KEY, "ana@reader.test"))

    assert (await found(desk, ana)).state is SubscriberState.COMPLAINED
    assert is_known
    assert await desk.states() == ["sent"]


async def test_a_bounce_ends_the_doubt_about_a_delivery(desk: Desk, tmp_path: Path) -> None:
    await sent_to(desk, "drop")
    assert await desk.states() == ["in_doubt"]
    await reader_in(desk, tmp_path).take(failure(1, "5.2.2"), "")

    assert await desk.states() == [DeliveryState.FAILED]


@pytest.mark.parametrize("raw", [failure(99), complaint(99)])
async def test_a_report_about_a_delivery_that_never_was_changes_nothing(
    desk: Desk, tmp_path: Path, raw: bytes
) -> None:
    [ana] = await sent_to(desk, "ana")
    await reader_in(desk, tmp_path).take(raw, "")

    assert (await found(desk, ana)).state is SubscriberState.CONFIRMED
    assert await desk.states() == ["sent"]


async def speak(port: int, lines: Sequence[bytes]) -> list[str]:
    """Say each line to the door and return its answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = [(await reader.readline()).decode()]
    for line in lines:
        writer.write(line + b"\r\n")
        answers.append((await reader.readline()).decode())
        while answers[-1][3:4] == "-":
            answers[-1] = (await reader.readline()).decode()
    writer.close()
    await writer.wait_closed()
    return [answer[:3] for answer in answers]


async def test_a_mail_server_may_bring_bounces_to_the_door(desk: Desk, tmp_path: Path) -> None:
    [ana] = await sent_to(desk, "ana")
    door = Door(MARK, reader_in(desk, tmp_path).take)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    body = failure(1).replace(b"\r\n.", b"\r\n..")
    async with server:
        said = await speak(
            port,
            [
                b"LHLO mx",
                b"MAIL FROM:<>",
                b"RCPT TO:<eve@desk.test>",
                f"RCPT TO:<{bounced_to(1)}>".encode(),
                b"DATA",
                body + b".",
                b"DATA",
                b"EHLO spammer",
                b"QUIT",
            ],
        )

    assert said == ["220", "250", "250", "550", "250", "354", "250", "503", "500", "221"]
    assert (await found(desk, ana)).state is SubscriberState.BOUNCED


async def test_the_door_takes_no_endless_line(desk: Desk, tmp_path: Path) -> None:
    door = Door(MARK, reader_in(desk, tmp_path).take)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0, limit=4_096)
    port = server.sockets[0].getsockname()[1]
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        writer.write(b"x" * 100_000)
        rest = await reader.read()
        writer.close()

    assert rest == b""


def test_a_bounce_mailbox_is_named_in_one_line() -> None:
    imap = box_of("imaps://desk%40x.test:p%2Fw@mail.test/Bounces", "desk.test")
    folder = box_of("maildir:/var/mail/bounce?address=returns@desk.test", "desk.test")
    door = box_of("lmtp://127.0.0.1:2600", "desk.test")

    assert imap == BoxSetting(
        "imaps", BOUNCES, "mail.test", 993, Path(), "desk@x.test", "p/w", "Bounces"
    )
    assert folder == BoxSetting(
        "maildir", Address("returns@desk.test"), path=Path("/var/mail/bounce")
    )
    assert door == BoxSetting("lmtp", BOUNCES, "127.0.0.1", 2600)
    assert box_of("", "desk.test") is None


@pytest.mark.parametrize(
    "url", ["pop3://a:b@c", "imaps://host", "maildir:", "lmtp:", "imaps://a:b@c?address=none", "x"]
)
def test_a_bounce_mailbox_that_cannot_be_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadArgumentError, match="UNDERTOW_BOUNCE_URL") as refused:
        box_of(url, "desk.test")

    assert ":b@" not in str(refused.value)
