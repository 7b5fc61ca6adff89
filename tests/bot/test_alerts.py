"""One trouble is told once; telling it never stops the desk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import structlog

from bot.alerts import AlertDesk, BearerError, MailAlert, WebAlert, bearers_for
from bot.ledger import Ledger
from tests.bot.fakes import FakeClock


@dataclass
class Pager:
    """Carries words, or fails to."""

    told: list[str] = field(default_factory=list)
    is_broken: bool = False
    way: str = "pager"

    async def tell(self, words: str) -> None:
        """Carry one sentence."""
        if self.is_broken:
            raise BearerError("no answer")
        self.told.append(words)


async def test_the_same_trouble_is_told_once_in_six_hours_by_all_processes_together(
    ledger: Ledger,
) -> None:
    pager, clock = Pager(), FakeClock()
    desks = [AlertDesk(ledger, clock, (pager,)) for _ in range(2)]

    for desk in desks:
        await desk.alarm("held:2025-11-21", "the note of 2025-11-21 is held: no prices")
    await desks[0].alarm("breaker:mail", "mail is paused")
    clock.move(hours=6)
    await desks[1].alarm("held:2025-11-21", "the note of 2025-11-21 is held: still no prices")

    assert pager.told == [
        "Undertow: the note of 2025-11-21 is held: no prices",
        "Undertow: mail is paused",
        "Undertow: the note of 2025-11-21 is held: still no prices "
        "(2 times since this was last told)",
    ]


async def test_a_trouble_that_is_over_is_told_and_may_come_again(ledger: Ledger) -> None:
    pager = Pager()
    desk = AlertDesk(ledger, FakeClock(), (pager,))

    await desk.clear("breaker:mail")
    await desk.alarm("breaker:mail", "mail is paused")
    await desk.clear("breaker:mail")
    await desk.alarm("breaker:mail", "mail is paused")

    assert pager.told == [
        "Undertow: mail is paused",
        "Undertow: over: breaker:mail",
        "Undertow: mail is paused",
    ]


async def test_a_broken_pager_stops_neither_the_desk_nor_the_next_pager(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    pager, book = Pager(), structlog.testing.CapturingLogger()
    # In its place, for a logger that an earlier command used is bound to what it set up.
    monkeypatch.setattr("bot.alerts.log", book)

    await AlertDesk(ledger, FakeClock(), (Pager(is_broken=True), pager)).alarm("key", "words")

    assert pager.told == [
        "Undertow: words",
        "Undertow: by pager this could not be told: no answer",
    ]
    assert [call for call in book.calls if call.args == ("alert_not_told",)] == [
        (
            "error",
            ("alert_not_told",),
            {"bearer": "pager", "problem": "no answer", "words": "Undertow: words"},
        )
    ]


async def test_a_trouble_that_nobody_could_be_told_is_told_when_it_is_raised_again(
    ledger: Ledger,
) -> None:
    pager, clock = Pager(is_broken=True), FakeClock()
    desk = AlertDesk(ledger, clock, (pager,))

    await desk.alarm("held", "the note is held")
    pager.is_broken = False
    clock.move(minutes=10)
    await desk.alarm("held", "the note is held")
    await desk.alarm("held", "the note is held")

    assert pager.told == ["Undertow: the note is held"]


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Run a server that takes one message and answers it."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        got.append(await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], got


async def test_an_address_gets_the_words_as_json() -> None:
    async with listening(b"HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n") as (port, got):
        await WebAlert(f"http://127.0.0.1:{port}/hook").tell("mail is paused")

    assert [json.loads(body) for body in got] == [{"text": "mail is paused"}]


async def test_an_address_that_refuses_is_reported_without_its_path() -> None:
    answer = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with listening(answer) as (port, _):
        with pytest.raises(BearerError, match=r"^it answered 404$"):
            await WebAlert(f"http://127.0.0.1:{port}/geheim").tell("words")


@pytest.mark.parametrize(
    "smtp_url",
    ["smtp://127.0.0.1:1", "http://relay.test", "smtp://relay.test:port", "smtp://[", ""],
)
async def test_whatever_is_wrong_with_the_relay_the_alert_goes_the_other_way(
    ledger: Ledger, smtp_url: str
) -> None:
    mail, pager = MailAlert(smtp_url, "desk@desk.test", "ops@desk.test"), Pager()

    await AlertDesk(ledger, FakeClock(), (mail, pager)).alarm("breaker:mail", "mail is paused")

    assert pager.told[0] == "Undertow: mail is paused"
    assert pager.told[1].startswith("Undertow: by mail this could not be told: the relay did not")


async def test_an_address_that_is_none_stops_no_alert(ledger: Ledger) -> None:
    pager = Pager()

    await AlertDesk(ledger, FakeClock(), (WebAlert("https://x:port/"), pager)).alarm("key", "words")

    assert pager.told[0] == "Undertow: words"


async def test_a_relay_that_is_away_is_an_error_of_the_bearer() -> None:
    with pytest.raises(BearerError, match="ConnectionRefusedError"):
        await MailAlert("smtp://127.0.0.1:1", "desk@desk.test", "ops@desk.test").tell("words")


def test_the_operator_is_reached_by_web_or_by_mail_or_not_at_all() -> None:
    relay = {"smtp_url": "smtp://relay", "mail_from": "desk@desk.test"}
    mail = bearers_for("mailto:ops@desk.test", **relay)

    assert mail == (MailAlert("smtp://relay", "desk@desk.test", "ops@desk.test"),)
    assert bearers_for("https://hooks.example.org/x") == (WebAlert("https://hooks.example.org/x"),)
    assert bearers_for("mailto:ops@desk.test  https://hooks.example.org/x", **relay) == (
        *mail,
        WebAlert("https://hooks.example.org/x"),
    )
    assert bearers_for(None) == ()
    with pytest.raises(ValueError, match="SMTP_URL and MAIL_FROM"):
        bearers_for("mailto:ops@desk.test")
    with pytest.raises(ValueError, match="neither https: nor mailto:"):
        bearers_for("sms:+15550100")
