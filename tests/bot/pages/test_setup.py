"""A desk has the newsletter's pages as soon as it has a key, and forgets who never confirmed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.alerts import AlertDesk
from bot.ledger import Ledger
from bot.ledger.subscribers import SubscriberState, count_subscribers
from bot.newsletter.housekeeping import forgetful
from bot.pages.limits import Limits
from bot.pages.setup import limits_of, newsletter_companions, pages_of
from bot.service import Service
from bot.settings import Settings
from tests.bot.fakes import FakeClock, PaperChannel
from tests.bot.newsletter.desk import KEY, NOW, a_reader


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"UNDERTOW_{name}", value)
    return Settings()


def service(ledger: Ledger, channel: str) -> Service:
    clock = FakeClock(NOW)
    return Service(ledger, [PaperChannel(channel)], AlertDesk(ledger, clock), clock=clock)


async def test_without_a_key_there_are_no_pages(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = settings(monkeypatch)

    assert pages_of(bare, service(ledger, "mail")) is None
    assert newsletter_companions(bare, service(ledger, "mail")) == []


@pytest.mark.parametrize(("channel", "can_send"), [("mail", True), ("folder", False)])
async def test_the_form_says_when_nothing_can_be_sent(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, channel: str, can_send: bool
) -> None:
    values = settings(monkeypatch, SECRET_KEY=KEY, PUBLIC_URL="https://news.example")
    app = pages_of(values, service(ledger, channel))
    assert app is not None

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://news.example") as browser:
        page = await browser.get("/subscribe")

    assert ("not set up to send mail" in page.text) is not can_send
    assert "strict-transport-security" in page.headers


@pytest.mark.parametrize("path", ["/undertow/subscribe", "/subscribe"])
async def test_a_desk_under_a_path_of_its_host_answers_there_and_behind_a_proxy_that_cuts_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    values = settings(monkeypatch, SECRET_KEY=KEY, PUBLIC_URL="https://news.example/undertow/")
    app = pages_of(values, service(ledger, "mail"))
    assert app is not None

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://news.example") as browser:
        page = await browser.get(path)

    assert page.status_code == 200


def test_the_limits_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    values = settings(
        monkeypatch, SIGNUPS_PER_NETWORK="4", LETTERS_PER_HOUR="9", FORM_SECONDS="0.5"
    )

    assert limits_of(values) == Limits(4, None, 9, None, 0.5)


async def test_a_desk_forgets_hour_by_hour_who_never_confirmed(ledger: Ledger) -> None:
    for number in range(3):
        await a_reader(ledger, f"r{number}@reader.test", SubscriberState.PENDING)
    await a_reader(ledger)
    clock, stopping = FakeClock(NOW + timedelta(days=6)), asyncio.Event()
    running = asyncio.create_task(forgetful(ledger, clock, timedelta(milliseconds=5))(stopping))

    await asyncio.sleep(0.05)
    early = await counted(ledger)
    clock.move(days=1)
    while SubscriberState.PENDING in await counted(ledger):
        await asyncio.sleep(0.01)
    stopping.set()
    await running

    assert early == {SubscriberState.PENDING: 3, SubscriberState.CONFIRMED: 1}
    assert await counted(ledger) == {SubscriberState.ERASED: 3, SubscriberState.CONFIRMED: 1}


async def counted(ledger: Ledger) -> dict[SubscriberState, int]:
    async with ledger.read() as tx:
        return dict(await count_subscribers(tx))
