"""The whole way on a real Postfix and Dovecot: out, into a mailbox, and back as a bounce."""

from __future__ import annotations

import asyncio
import imaplib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count

import dkim
import httpx
import pytest

from benchmarks.mail_kills import run
from benchmarks.private_postfix import PASSWORD, MailServers, private_postfix
from bot.alerts import AlertDesk
from bot.ledger import Ledger
from bot.ledger.bounces import bounces_of
from bot.ledger.deliveries import DeliveryState
from bot.ledger.settling import history
from bot.ledger.subscribers import (
    Preferences,
    SubscriberState,
    find_subscriber,
    subscriber_by_id,
)
from bot.mail.bounces import Mark
from bot.mail.boxes import BoxSetting, Imap, box_of
from bot.mail.reading import BounceReader
from bot.mail.signing import SIGNED, Signer
from bot.pages.app import build_pages
from bot.pages.desk import ReaderDesk
from bot.pages.limits import Limits
from bot.pages.newsletter import newsletter_router
from tests.bot.mail.conftest import Desk, desk_at, join
from tests.bot.mail.letters import KEY, SENDER

pytestmark = pytest.mark.slow

ARRIVES_WITHIN_SECONDS = 20.0


NAMES = count()
"""Every test writes to a mailbox of its own: the servers are shared."""


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    """Run a Postfix and a Dovecot for all tests of this file."""
    with asyncio.Runner() as runner:
        running = private_postfix()
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


@pytest.fixture
def desk(ledger: Ledger, servers: MailServers) -> Desk:
    """Return a desk that sends over the real Postfix."""
    return desk_at(ledger, f"smtp://127.0.0.1:{servers.smtp_port}", connections=2)


def letters(servers: MailServers, user: str) -> list[bytes]:
    """Read a mailbox over IMAP."""
    box = imaplib.IMAP4("127.0.0.1", servers.imap_port)
    box.login(user, PASSWORD)
    box.select()
    _, found = box.search(None, "ALL")
    raw = [box.fetch(number.decode(), "(BODY.PEEK[])")[1] for number in found[0].split()]
    box.logout()
    return [part[1] for fetched in raw for part in fetched if isinstance(part, tuple)]


async def arrived(servers: MailServers, user: str) -> list[bytes]:
    """Wait for mail, and return it."""
    deadline = asyncio.get_running_loop().time() + ARRIVES_WITHIN_SECONDS
    while not (found := await asyncio.to_thread(letters, servers, user)):
        assert asyncio.get_running_loop().time() < deadline, f"nothing came to {user}"
        await asyncio.sleep(0.2)
    return found


def reader_of(desk: Desk, servers: MailServers) -> BounceReader:
    """Return what reads the bounces from the real mailbox."""
    assert SENDER.bounces is not None
    url = f"imap://bounce:{PASSWORD}@127.0.0.1:{servers.imap_port}"
    setting = box_of(url, "desk.test")
    assert setting is not None
    alerts = AlertDesk(desk.ledger, desk.clock)
    return BounceReader(desk.ledger, Mark(KEY, SENDER.bounces), setting, desk.clock, alerts)


async def test_a_reader_finds_the_note_in_their_mailbox(desk: Desk, servers: MailServers) -> None:
    name = f"ana{next(NAMES)}"
    await desk.join(name)
    await desk.publish()
    await desk.outbox.drain()
    [raw] = await arrived(servers, name)
    message = message_from_bytes(raw, policy=policy.default)

    assert isinstance(message, EmailMessage)
    assert message["Subject"] == "Funds had to buy"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"=?" not in b"".join(line for line in raw.splitlines() if line.startswith(b"List-"))
    [row] = await desk.rows()
    assert row.state is DeliveryState.SENT
    assert (row.reference or "").isalnum()


async def test_the_signature_holds_in_the_mailbox_and_breaks_when_tampered_with(
    desk: Desk, servers: MailServers
) -> None:
    key = subprocess.run(
        ["/usr/bin/openssl", "genrsa", "2048"], capture_output=True, check=True
    ).stdout
    public = subprocess.run(
        ["/usr/bin/openssl", "rsa", "-pubout", "-outform", "PEM"],
        input=key,
        capture_output=True,
        check=True,
    ).stdout
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    desk.channel.signer = Signer("s1", "desk.test", key)
    name = f"ana{next(NAMES)}"
    await desk.join(name)
    await desk.publish()
    await desk.outbox.drain()
    [raw] = await arrived(servers, name)
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def lookup(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.desk.test."
        return record

    assert dkim.verify(raw, dnsfunc=lookup)
    assert not dkim.verify(raw.replace(b"/u/", b"/x/", 1), dnsfunc=lookup)
    assert not dkim.verify(
        raw.replace(b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"), dnsfunc=lookup
    )
    signature = raw.partition(b"DKIM-Signature:")[2].partition(b"\r\nFrom:")[0]
    named = signature.partition(b"h=")[2].partition(b";")[0].replace(b"\r\n", b"")
    assert set(SIGNED) == {one.strip() for one in named.split(b":")}


@pytest.mark.parametrize(
    ("name", "state", "code", "reader"),
    [
        ("busy", DeliveryState.PENDING, "4.2.1", SubscriberState.CONFIRMED),
        ("full", DeliveryState.FAILED, "5.2.2", SubscriberState.CONFIRMED),
        ("gone", DeliveryState.FAILED, "5.1.1", SubscriberState.BOUNCED),
    ],
)
async def test_a_refusal_on_the_line_does_the_right_thing(
    desk: Desk, name: str, state: DeliveryState, code: str, reader: SubscriberState
) -> None:
    [number] = await desk.join(name)
    await desk.publish()
    await desk.outbox.drain()
    [row] = await desk.rows()
    async with desk.ledger.read() as tx:
        found = await subscriber_by_id(tx, number)

    assert (row.state, row.code) == (state, code)
    assert found is not None
    assert found.state is reader


async def test_a_bounce_that_comes_later_stops_the_right_reader(
    desk: Desk, servers: MailServers
) -> None:
    [ana] = await desk.join("ana")
    late = await join(desk.ledger, "somebody@late.test", Preferences())
    await desk.publish()
    await desk.outbox.drain()

    assert await desk.states() == ["sent", "sent"]
    await arrived(servers, "bounce")
    reader = reader_of(desk, servers)
    assert await reader.look(Imap(reader.setting)) == 1
    async with desk.ledger.read() as tx:
        states = [await subscriber_by_id(tx, number) for number in (ana, late)]
        told = await bounces_of(tx, 2)
        lines = await history(tx, 2)

    assert [one.state.value for one in states if one is not None] == ["confirmed", "bounced"]
    assert told == [("later", "5.1.1")]
    assert await desk.states() == ["sent", "failed"]
    assert [line.outcome for line in lines] == ["sent", "bounced"]
    assert await reader.look(Imap(reader.setting)) == 0
    assert await asyncio.to_thread(letters, servers, "bounce") == []


async def test_a_mailbox_that_cannot_be_opened_is_told_and_tried_again(
    desk: Desk, servers: MailServers
) -> None:
    reader = reader_of(desk, servers)
    locked: BoxSetting = replace(reader.setting, password=PASSWORD[1:])

    assert await reader.look(Imap(locked)) == 0
    async with desk.ledger.read() as tx:
        told = (await tx.exec_driver_sql("SELECT key FROM alerts")).scalars().all()
    assert list(told) == ["bounces"]


@pytest.mark.parametrize("on_postgres", [False, True], ids=["sqlite", "postgres"])
async def test_workers_killed_while_they_mail_lose_nobody_and_write_to_nobody_twice(
    on_postgres: bool,
) -> None:
    verdict = await run(readers=2_000, kills=20, on_postgres=on_postgres)

    assert verdict.readers == 2_000
    assert verdict.kills >= 20
    assert (verdict.lost, verdict.doubled) == (0, 0)
    assert verdict.in_doubt == verdict.listed <= verdict.most_in_doubt


async def until(servers: MailServers, user: str, count: int) -> EmailMessage:
    """Wait until a mailbox holds so many letters, and return the last that came."""
    deadline = asyncio.get_running_loop().time() + ARRIVES_WITHIN_SECONDS
    while len(found := await asyncio.to_thread(letters, servers, user)) < count:
        assert asyncio.get_running_loop().time() < deadline, f"{len(found)} letters came to {user}"
        await asyncio.sleep(0.2)
    message = message_from_bytes(found[-1], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_from_the_form_to_the_note_and_out_again_with_one_click(
    desk: Desk, servers: MailServers
) -> None:
    name = f"eva{next(NAMES)}"
    pages = ReaderDesk(desk.ledger, KEY, desk.clock, Limits(), answer_seconds=0.0)
    transport = httpx.ASGITransport(
        build_pages([newsletter_router(pages)], https=True), client=("127.0.0.1", 4711)
    )
    async with httpx.AsyncClient(transport=transport, base_url=SENDER.site) as browser:
        await browser.post("/subscribe", data={"email": f"{name}@reader.test"})
        await desk.outbox.drain()
        confirm = (await until(servers, name, 1)).get_body(("plain",))
        assert confirm is not None
        found = re.search(r"https://undertow\.example/confirm/\S{22}", confirm.get_content())
        assert found is not None
        await browser.post(found[0])
        await desk.publish()
        await desk.outbox.drain()
        note = await until(servers, name, 2)
        one_click = str(note["List-Unsubscribe"]).strip("<>")
        answer = await browser.post(one_click, data={"List-Unsubscribe": "One-Click"})
    async with desk.ledger.read() as tx:
        reader = await find_subscriber(tx, f"{name}@reader.test")

    assert note["Subject"] == "Funds had to buy"
    assert answer.status_code == 200
    assert reader is not None
    assert reader.state is SubscriberState.UNSUBSCRIBED
    assert await desk.states() == ["sent", "sent"]
