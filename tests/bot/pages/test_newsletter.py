"""What a reader, a mail scanner and a stranger get from the newsletter's pages."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.ledger import Ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.schema import metadata
from bot.ledger.subscribers import Preferences, SubscriberState
from bot.newsletter.letters import letter_link
from bot.newsletter.tokens import preferences_token, unsubscribe_token
from bot.pages.app import build_pages
from bot.pages.desk import ReaderDesk
from bot.pages.forms import LARGEST_FORM, form_stamp
from bot.pages.limits import Limits
from bot.pages.newsletter import newsletter_router
from tests.bot.fakes import FakeClock
from tests.bot.newsletter.desk import KEY, NOW, a_reader, at

SITE = "https://news.example"
STRANGER = "203.0.113.9"
Visit = Callable[..., httpx.AsyncClient]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest_asyncio.fixture
async def visit(ledger: Ledger, clock: FakeClock) -> AsyncIterator[Visit]:
    """Give what opens a browser on the pages, from a host and under limits."""
    opened: list[httpx.AsyncClient] = []

    def browser(host: str = "127.0.0.1", limits: Limits | None = None) -> httpx.AsyncClient:
        desk = ReaderDesk(ledger, KEY, clock, limits or Limits(), answer_seconds=0.0)
        app = build_pages([newsletter_router(desk)], https=True)
        transport = httpx.ASGITransport(app, client=(host, 4711))
        opened.append(httpx.AsyncClient(transport=transport, base_url=SITE))
        return opened[-1]

    yield browser
    for one in opened:
        await one.aclose()


async def everything(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the ledger holds."""
    async with ledger.read() as tx:
        return {
            table.name: [tuple(row) for row in await tx.execute(select(table))]
            for table in metadata.sorted_tables
        }


async def letter_links(ledger: Ledger) -> list[str]:
    async with ledger.read() as tx:
        rows = await list_deliveries(tx)
    return [letter_link(row.edition, row.target, KEY, SITE) for row in rows]


async def test_a_reader_subscribes_confirms_chooses_and_leaves(
    ledger: Ledger, visit: Visit
) -> None:
    browser = visit()

    answer = await browser.post("/subscribe", data={"email": "Ana@reader.test"})
    [confirm] = await letter_links(ledger)
    await browser.post(confirm)
    ana = await at(ledger)
    chosen = {"cadence": "weekly", "level": "quant", "zone": "Asia/Tokyo", "hour": "7"}
    saved = await browser.post(
        f"/preferences/{preferences_token(KEY, ana.id)}",
        data={"action": "save", "text_only": "yes", **chosen},
    )
    after = await at(ledger)
    left = await browser.post(
        f"/u/{unsubscribe_token(KEY, ana.id)}", data={"List-Unsubscribe": "One-Click"}
    )

    assert answer.status_code == saved.status_code == left.status_code == 200
    assert ana.state is SubscriberState.CONFIRMED
    assert after.preferences == Preferences("weekly", "quant", True, "Asia/Tokyo", 7)
    assert (await at(ledger)).state is SubscriberState.UNSUBSCRIBED


async def test_a_scanner_that_opens_every_link_changes_nothing(
    ledger: Ledger, visit: Visit
) -> None:
    browser = visit()
    await browser.post("/subscribe", data={"email": "ana@reader.test"})
    [confirm] = await letter_links(ledger)
    ana = await at(ledger)
    leave, preferences = unsubscribe_token(KEY, ana.id), preferences_token(KEY, ana.id)
    links = ["/subscribe", confirm, f"/u/{leave}", f"/preferences/{preferences}"]
    before = await everything(ledger)

    for link in links:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await browser.request(method, link)
            assert answer.status_code in (200, 405)

    assert await everything(ledger) == before


@pytest.mark.parametrize("multipart", [False, True], ids=["urlencoded", "multipart"])
async def test_a_mail_programs_own_button_leaves_at_once_without_a_redirect(
    ledger: Ledger, visit: Visit, multipart: bool
) -> None:
    ana = await a_reader(ledger)
    link = f"/u/{unsubscribe_token(KEY, ana.id)}"
    click = {"List-Unsubscribe": "One-Click"}

    files = {"List-Unsubscribe": (None, "One-Click")}
    browser = visit(STRANGER)
    answer = await (
        browser.post(link, files=files) if multipart else browser.post(link, data=click)
    )

    assert (answer.status_code, "location" in answer.headers) == (200, False)
    assert (await at(ledger)).state is SubscriberState.UNSUBSCRIBED


async def test_links_that_are_forged_cut_or_anothers_change_and_tell_nothing(
    ledger: Ledger, visit: Visit
) -> None:
    ana = await a_reader(ledger)
    good = unsubscribe_token(KEY, ana.id)
    browser = visit(STRANGER)
    before = await everything(ledger)
    wrong = [good[:-1], good[:-1] + "_", preferences_token(KEY, ana.id), "x", "%00", "é" * 22]

    answers = [await browser.post(f"/u/{token}") for token in wrong]
    confirms = [await browser.post(f"/confirm/{token}") for token in [*wrong, good]]
    opened = [await browser.get(f"/preferences/{token}") for token in [*wrong[:2], good]]
    acted = [
        await browser.post(f"/preferences/{token}", data={"action": "erase", "sure": "yes"})
        for token in [*wrong[:2], good]
    ]
    after = await everything(ledger)
    right = await browser.post(f"/u/{good}")

    assert after == before
    assert {answer.text for answer in answers} == {right.text}
    assert len({answer.text for answer in confirms}) == 1
    assert len({answer.text for answer in [*opened, *acted]}) == 1
    assert "reader.test" not in opened[0].text


async def test_known_and_unknown_addresses_are_answered_alike(ledger: Ledger, visit: Visit) -> None:
    for state in SubscriberState:
        await a_reader(ledger, f"{state}@reader.test", state)
    names = [*SubscriberState, "new"]

    answers = [await visit().post("/subscribe", data={"email": f"{n}@reader.test"}) for n in names]

    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    headers = [{**answer.headers, "date": ""} for answer in answers]
    assert all(one == headers[0] for one in headers)


async def test_every_answer_to_a_click_takes_its_time(ledger: Ledger) -> None:
    desk = ReaderDesk(ledger, KEY, FakeClock(NOW), answer_seconds=0.2)
    transport = httpx.ASGITransport(build_pages([newsletter_router(desk)], https=True))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as browser:
        begun = time.monotonic()
        await browser.post("/u/forged")
        taken = time.monotonic() - begun

    assert taken >= 0.2


async def test_bombing_a_mailbox_ends_at_the_limits_and_is_answered_the_same(
    ledger: Ledger, visit: Visit, clock: FakeClock
) -> None:
    browser = visit(STRANGER, Limits(per_network=4, form_seconds=0))
    answers = []
    for number in range(12):
        form = {"email": f"r{number}@reader.test", "stamp": form_stamp(KEY, clock())}
        answers.append(await browser.post("/subscribe", data=form))

    assert len({answer.text for answer in answers}) == 1
    assert len(await letter_links(ledger)) == 4
    clock.move(hours=1)
    stamp = form_stamp(KEY, clock())
    await browser.post("/subscribe", data={"email": "late@reader.test", "stamp": stamp})
    assert len(await letter_links(ledger)) == 5


async def test_one_mail_domain_has_a_limit_of_its_own(ledger: Ledger, visit: Visit) -> None:
    browser = visit(limits=Limits(per_domain=2))

    for address in ("a@x.test", "b@X.test", "c@x.test", "d@y.test"):
        await browser.post("/subscribe", data={"email": address})

    assert len(await letter_links(ledger)) == 3


async def test_one_mailbox_gets_one_letter_however_often_it_is_asked_for(
    ledger: Ledger, visit: Visit
) -> None:
    for _ in range(5):
        await visit().post("/subscribe", data={"email": "ana@reader.test"})

    assert len(await letter_links(ledger)) == 1


async def test_who_fills_in_the_hidden_field_is_thanked_and_not_written_to(
    ledger: Ledger, visit: Visit
) -> None:
    good = await visit().post("/subscribe", data={"email": "ana@reader.test"})
    trapped = await visit().post("/subscribe", data={"email": "bo@reader.test", "website": "x"})

    assert trapped.text == good.text
    assert len(await letter_links(ledger)) == 1


async def test_a_form_sent_faster_than_a_person_can_type_is_shown_again(
    ledger: Ledger, visit: Visit, clock: FakeClock
) -> None:
    browser = visit(STRANGER)
    shown = await browser.get("/subscribe")
    [stamp] = re.findall(r'name="stamp" value="([^"]+)"', shown.text)
    form = {"email": "ana@reader.test", "stamp": stamp}

    bare = await browser.post("/subscribe", data={"email": "ana@reader.test"})
    hasty = await browser.post("/subscribe", data=form)
    unsigned = await browser.post("/subscribe", data={**form, "stamp": "1.AAAA"})
    clock.move(seconds=3)
    patient = await browser.post("/subscribe", data=form)

    assert (bare.status_code, "Nearly there" in bare.text) == (422, True)
    assert (hasty.status_code, unsigned.status_code, patient.status_code) == (422, 422, 200)
    assert 'value="ana@reader.test"' in hasty.text
    assert len(await letter_links(ledger)) == 1


@pytest.mark.parametrize(
    "typed", ["ana", "ana@reader.test\r\nBcc: bo@reader.test", '"><script>alert(1)</script>@x.de']
)
async def test_a_mistyped_address_is_said_to_be_one_and_shown_harmlessly(
    ledger: Ledger, visit: Visit, typed: str
) -> None:
    answer = await visit().post("/subscribe", data={"email": typed})

    assert answer.status_code == 422
    assert "<script" not in answer.text
    assert await letter_links(ledger) == []


async def test_what_is_too_large_for_a_form_is_not_read(ledger: Ledger, visit: Visit) -> None:
    answer = await visit().post("/subscribe", content=b"email=" + b"a" * LARGEST_FORM)

    assert answer.status_code == 413


async def test_what_is_no_form_is_a_mistyped_address(ledger: Ledger, visit: Visit) -> None:
    answers = [await visit().post("/subscribe", content=body) for body in (b"\xff\xfe", b"", b"{}")]

    assert [answer.status_code for answer in answers] == [422, 422, 422]


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "save", "cadence": "hourly"},
        {"action": "save", "zone": "Mars/Phobos"},
        {"action": "save", "hour": "24"},
        {"action": "save", "level": "guru"},
        {"action": "erase"},
        {"action": "dance"},
        {},
    ],
    ids=str,
)
async def test_a_choice_that_is_not_on_offer_changes_nothing(
    ledger: Ledger, visit: Visit, wrong: dict[str, str]
) -> None:
    ana = await a_reader(ledger)

    answer = await visit().post(f"/preferences/{preferences_token(KEY, ana.id)}", data=wrong)

    assert answer.status_code == 422
    assert await at(ledger) == ana


async def test_a_reader_pauses_and_goes_on(ledger: Ledger, visit: Visit) -> None:
    ana = await a_reader(ledger)
    link = f"/preferences/{preferences_token(KEY, ana.id)}"

    await visit().post(link, data={"action": "pause"})
    paused = (await at(ledger)).state
    await visit().post(link, data={"action": "resume"})

    assert (paused, (await at(ledger)).state) == (
        SubscriberState.PAUSED,
        SubscriberState.CONFIRMED,
    )


async def test_a_reader_takes_their_data_with_them_and_is_forgotten(
    ledger: Ledger, visit: Visit
) -> None:
    ana = await a_reader(ledger)
    link = f"/preferences/{preferences_token(KEY, ana.id)}"

    told = await visit().post(link, data={"action": "export"})
    gone = await visit().post(link, data={"action": "erase", "sure": "yes"})
    again = await visit().get(link)

    assert told.headers["content-type"] == "application/json"
    assert json.loads(told.text)["subscriber"][0]["address"] == "ana@reader.test"
    assert (gone.status_code, again.status_code) == (200, 404)
    assert "reader.test" not in str(await everything(ledger))


async def test_one_who_left_still_has_their_data_and_no_choices(
    ledger: Ledger, visit: Visit
) -> None:
    ana = await a_reader(ledger, state=SubscriberState.UNSUBSCRIBED)
    link = f"/preferences/{preferences_token(KEY, ana.id)}"

    shown = await visit().get(link)
    await visit().post(link, data={"action": "save", "cadence": "weekly"})

    assert 'value="export"' in shown.text
    assert 'name="cadence"' not in shown.text
    assert (await at(ledger)).preferences.cadence == "daily"


async def test_pages_run_nothing_fetch_nothing_and_pass_no_secret_on(
    ledger: Ledger, visit: Visit
) -> None:
    ana = await a_reader(ledger)
    links = ["/subscribe", "/confirm/x", "/u/x", f"/preferences/{preferences_token(KEY, ana.id)}"]

    for link in links:
        page = await visit().get(link)
        assert "<script" not in page.text
        assert not re.findall(r'(?:src|href|action)="(?!\.{1,2}/)', page.text)
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src")
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "max-age" in page.headers["strict-transport-security"]


async def test_a_desk_that_sends_no_mail_says_so(ledger: Ledger) -> None:
    desk = ReaderDesk(ledger, KEY, FakeClock(NOW), sends_mail=False)
    transport = httpx.ASGITransport(build_pages([newsletter_router(desk)], https=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as browser:
        page = await browser.get("/subscribe")

    assert "not set up to send mail" in page.text
    assert "strict-transport-security" not in page.headers
