"""Bounces by webhook: the same reports through another door, and nobody in who does not know."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.alerts import AlertDesk
from bot.api.limits import RateLimit
from bot.assembly import refuse_unsafe
from bot.channels.webhook import sign
from bot.errors import DeskError
from bot.ledger import Ledger
from bot.ledger.bounces import bounces_of
from bot.ledger.deliveries import DeliveryState
from bot.ledger.schema import metadata
from bot.ledger.subscribers import SubscriberState, is_suppressed
from bot.mail.bounces import LARGEST_READ, Mark
from bot.mail.verp import bounce_address, message_id
from bot.mail.webhook import BounceHook
from bot.newsletter.tokens import address_hash
from bot.pages.app import build_pages
from bot.pages.setup import pages_of
from bot.service import Service
from bot.settings import Settings
from tests.bot.fakes import NOW, FakeClock, PaperChannel
from tests.bot.mail.conftest import Desk
from tests.bot.mail.letters import KEY
from tests.bot.mail.reports import BOUNCES, bounced_to, complaint, failure
from tests.bot.mail.test_bounces import found, sent_to

SECRET = "only the provider " * 2
KNOWN = {"authorization": f"Bearer {SECRET}"}
RAW = KNOWN | {"content-type": "message/rfc822"}
STRANGER = "203.0.113.9"


@pytest_asyncio.fixture
async def hook(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Give a provider on the line."""
    async with caller(desk) as client:
        yield client


def caller(
    desk: Desk, host: str = "127.0.0.1", limit: RateLimit | None = None
) -> httpx.AsyncClient:
    hook = BounceHook(
        desk.ledger, Mark(KEY, BOUNCES), SECRET, desk.clock, limit or RateLimit(usual=600)
    )
    app = build_pages([hook.router()], https=True)
    transport = httpx.ASGITransport(app, client=(host, 4711))
    return httpx.AsyncClient(transport=transport, base_url="https://news.example")


async def everything(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the ledger holds."""
    async with ledger.read() as tx:
        return {
            table.name: [tuple(row) for row in await tx.execute(select(table))]
            for table in metadata.sorted_tables
        }


async def test_a_report_as_the_mail_server_wrote_it_stops_the_reader(
    desk: Desk, hook: httpx.AsyncClient
) -> None:
    [ana, bo] = await sent_to(desk, "ana", "bo")

    answer = await hook.post("/bounces/postfix", content=failure(1, "5.1.1"), headers=RAW)

    assert answer.status_code == 202
    assert await desk.states() == ["failed", "sent"]
    assert (await found(desk, ana)).state is SubscriberState.BOUNCED
    assert (await found(desk, bo)).state is SubscriberState.CONFIRMED
    async with desk.ledger.read() as tx:
        assert await bounces_of(tx, 1) == [("later", "5.1.1")]
        assert await is_suppressed(tx, address_hash(KEY, "ana@reader.test"))


async def test_a_complaint_as_the_provider_wrote_it_ends_the_subscription(
    desk: Desk, hook: httpx.AsyncClient
) -> None:
    [ana] = await sent_to(desk, "ana")

    await hook.post("/bounces/big", content=complaint(1), headers=RAW)

    assert (await found(desk, ana)).state is SubscriberState.COMPLAINED
    assert await desk.states() == ["sent"]


@pytest.mark.parametrize("by", ["return address", "Message-ID", "Message-ID without brackets"])
async def test_an_adapter_names_the_mail_by_its_return_address_or_its_message_id(
    desk: Desk, hook: httpx.AsyncClient, by: str
) -> None:
    [ana] = await sent_to(desk, "ana")
    own = message_id(KEY, "desk.test", 1)
    name = {"return address": bounced_to(1), "Message-ID": own}.get(by, own.strip("<>"))

    told = {"delivery": name, "kind": "bounce", "status": "5.2.2", "event_id": "e-17"}
    answer = await hook.post("/bounces/generic", json=told, headers=KNOWN)

    assert answer.status_code == 202
    assert await desk.states() == ["failed"]
    assert (await found(desk, ana)).bounce_score == 0.5


async def test_an_adapters_complaint_ends_the_subscription(
    desk: Desk, hook: httpx.AsyncClient
) -> None:
    [ana] = await sent_to(desk, "ana")

    told = {"delivery": bounced_to(1), "kind": "complaint"}
    await hook.post("/bounces/generic", json=told, headers=KNOWN)

    assert (await found(desk, ana)).state is SubscriberState.COMPLAINED


async def test_a_bounce_by_webhook_ends_the_doubt_about_a_delivery(
    desk: Desk, hook: httpx.AsyncClient
) -> None:
    await sent_to(desk, "drop")
    before = await desk.states()

    told = {"delivery": bounced_to(1), "kind": "bounce", "status": "5.1.1"}
    await hook.post("/bounces/generic", json=told, headers=KNOWN)

    assert (before, await desk.states()) == (["in_doubt"], ["failed"])


async def test_the_same_event_by_mailbox_and_twice_by_webhook_counts_once(
    desk: Desk, hook: httpx.AsyncClient
) -> None:
    [ana] = await sent_to(desk, "ana")
    told = {"delivery": bounced_to(1), "kind": "bounce", "status": "5.2.1"}

    await hook.post("/bounces/postfix", content=failure(1, "5.2.1"), headers=RAW)
    for _ in range(2):
        await hook.post("/bounces/generic", json=told, headers=KNOWN)

    assert (await found(desk, ana)).bounce_score == 1.0
    async with desk.ledger.read() as tx:
        assert await bounces_of(tx, 1) == [("later", "5.2.1")]


FORGED = str(bounce_address("another desk's secret", BOUNCES, 1))
OTHERS = message_id("another desk's secret", "desk.test", 1)
MARK_OF_THE_OTHER_KIND = message_id(KEY, "desk.test", 1).replace("<1.", "bounce+1.").rstrip(">")


@pytest.mark.parametrize(
    "told",
    [
        {"delivery": FORGED, "kind": "bounce", "status": "5.1.1"},
        {"delivery": FORGED, "kind": "complaint"},
        {"delivery": OTHERS, "kind": "complaint"},
        {"delivery": MARK_OF_THE_OTHER_KIND, "kind": "complaint"},
        {"delivery": bounced_to(1)[:-20], "kind": "complaint"},
        {"delivery": bounced_to(1).replace("desk.test", "desk.example"), "kind": "complaint"},
        {"delivery": bounced_to(999_999), "kind": "bounce"},
        {"delivery": "<20250409@other.test>", "kind": "bounce"},
        {"delivery": bounced_to(1), "kind": "delay", "status": "4.4.7"},
    ],
    ids=["forged", "forged complaint", "foreign", "borrowed", "cut", "elsewhere", "none", "other",
         "delay"],
)  # fmt: skip
async def test_what_is_forged_cut_or_foreign_changes_nothing_and_is_answered_alike(
    desk: Desk, hook: httpx.AsyncClient, told: dict[str, str]
) -> None:
    await sent_to(desk, "ana")
    before = await everything(desk.ledger)

    answer = await hook.post("/bounces/generic", json=told, headers=KNOWN)

    assert await everything(desk.ledger) == before
    real = {"delivery": bounced_to(1), "kind": "bounce"}
    known = await hook.post("/bounces/generic", json=real, headers=KNOWN)
    assert (answer.status_code, answer.text) == (known.status_code, known.text)
    assert answer.headers == known.headers


@pytest.mark.parametrize(
    "raw", [failure(1, to=FORGED), failure(1)[:400], failure(1, action="delayed"), b"\x00" * 99],
    ids=["forged", "cut", "delay", "junk"],
)  # fmt: skip
async def test_a_report_that_tells_nothing_of_ours_changes_nothing(
    desk: Desk, hook: httpx.AsyncClient, raw: bytes
) -> None:
    await sent_to(desk, "ana")
    before = await everything(desk.ledger)

    answer = await hook.post("/bounces/postfix", content=raw, headers=RAW)

    assert (answer.status_code, await everything(desk.ledger)) == (202, before)


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '{"kind": "bounce"}', '{"delivery": "x", "kind": "opened"}',
     '{"delivery": "x", "kind": "bounce", "status": "2.0.0"}',
     json.dumps({"delivery": "x" * 321, "kind": "bounce"})],
)  # fmt: skip
async def test_whoever_writes_an_adapter_is_told_what_cannot_be_read(
    desk: Desk, hook: httpx.AsyncClient, body: str
) -> None:
    headers = KNOWN | {"content-type": "application/json"}

    answer = await hook.post("/bounces/generic", content=body, headers=headers)

    assert answer.status_code == 422
    assert answer.text.endswith("docs/mail.md shows the form\n")


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer "}, {"authorization": "Bearer wrong"},
     {"authorization": SECRET}, {"authorization": f"Bearer {SECRET}x"},
     {"undertow-timestamp": "1763763300", "undertow-signature": "v1=00"},
     {"undertow-timestamp": "x", "undertow-signature": "v1="}],
)  # fmt: skip
async def test_who_does_not_know_the_secret_changes_nothing(
    desk: Desk, hook: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await sent_to(desk, "ana")
    before = await everything(desk.ledger)

    told = {"delivery": bounced_to(1), "kind": "complaint"}
    answer = await hook.post("/bounces/generic", json=told, headers=headers)

    assert (answer.status_code, answer.text) == (401, "Unauthorized\n")
    assert await everything(desk.ledger) == before


@pytest.mark.parametrize(("minutes_off", "status"), [(0, 202), (4, 202), (-4, 202), (6, 401)])
async def test_a_signature_counts_for_five_minutes(
    desk: Desk, hook: httpx.AsyncClient, minutes_off: int, status: int
) -> None:
    body = json.dumps({"delivery": bounced_to(1), "kind": "complaint"}).encode()
    moment = str(int(NOW.timestamp()) + 60 * minutes_off)
    headers = {
        "content-type": "application/json",
        "undertow-timestamp": moment,
        "undertow-signature": sign(SECRET, moment, body),
    }

    as_signed = await hook.post("/bounces/generic", content=body, headers=headers)
    changed = await hook.post("/bounces/generic", content=body + b" ", headers=headers)

    assert (as_signed.status_code, changed.status_code) == (status, 401)


async def test_what_is_larger_than_any_report_is_refused(
    desk: Desk, hook: httpx.AsyncClient
) -> None:
    for size, status in ((LARGEST_READ, 202), (LARGEST_READ + 1, 413)):
        answer = await hook.post("/bounces/postfix", content=b"x" * size, headers=RAW)
        assert answer.status_code == status


async def test_another_kind_of_text_is_refused_in_words(hook: httpx.AsyncClient) -> None:
    headers = KNOWN | {"content-type": "text/plain"}

    answer = await hook.post("/bounces/generic", content=b"x", headers=headers)

    assert (answer.status_code, answer.text) == (415, "send message/rfc822 or application/json\n")


async def test_who_guesses_must_soon_wait(desk: Desk) -> None:
    wrong = {"authorization": "Bearer guess"}
    async with caller(desk, STRANGER, RateLimit(usual=3)) as stranger:
        answers = [await stranger.post("/bounces/generic", headers=wrong) for _ in range(4)]

    assert [one.status_code for one in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


MAIL = {
    "SMTP_URL": "smtp://127.0.0.1:2525",
    "MAIL_FROM": "Undertow <note@desk.test>",
    "POSTAL_ADDRESS": "Undertow, 1 Main Street",
    "PUBLIC_URL": "https://news.example/desk",
    "SECRET_KEY": KEY,
}


def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **values: str) -> Settings:
    monkeypatch.chdir(tmp_path)
    for name, value in values.items():
        monkeypatch.setenv(f"UNDERTOW_{name}", value)
    return Settings()


async def test_the_door_is_there_with_its_secret_and_not_without(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = FakeClock(NOW)
    alerts = AlertDesk(desk.ledger, clock)
    service = Service(desk.ledger, [PaperChannel("mail")], alerts, clock=clock)
    await sent_to(desk, "ana")
    told = {"delivery": bounced_to(1), "kind": "complaint"}
    found = {}
    for secret in ("", SECRET):
        values = settings(monkeypatch, tmp_path, **MAIL, BOUNCE_WEBHOOK_SECRET=secret)
        transport = httpx.ASGITransport(pages_of(values, service))
        async with httpx.AsyncClient(transport=transport, base_url="https://news.example") as one:
            for path in ("/bounces/generic", "/desk/bounces/generic"):
                answer = await one.post(path, json=told, headers=KNOWN)
                found[secret != "", path] = answer.status_code

    assert found[True, "/bounces/generic"] == found[True, "/desk/bounces/generic"] == 202
    assert {found[False, path] for path in ("/bounces/generic", "/desk/bounces/generic")} <= {
        404,
        405,
    }
    assert await desk.states() == [DeliveryState.SENT]
    async with desk.ledger.read() as tx:
        assert await bounces_of(tx, 1) == [("complaint", "complaint")]


def test_a_secret_without_mail_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = settings(monkeypatch, tmp_path, BOUNCE_WEBHOOK_SECRET=SECRET)

    with pytest.raises(DeskError, match="BOUNCE_WEBHOOK_SECRET is set without SMTP_URL"):
        refuse_unsafe(values)
