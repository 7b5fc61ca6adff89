"""The JSON API: reports as they were published, paged, marked, and open to any page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bot.api.limits import RateLimit
from bot.api.router import api_router
from bot.ledger import Ledger
from bot.site.frame import Site
from bot.site.ledger_shelf import LedgerShelf
from bot.site.live import LiveSite
from tests.bot.site.notes import frozen, published_again, taken_back, written

HERE = "https://desk.example"


def asker(ledger: Ledger, limit: RateLimit | None = None) -> httpx.AsyncClient:
    """Return a program that asks a desk's API; the clock stands still."""
    app = FastAPI()
    live = LiveSite(Site(address=HERE), LedgerShelf(ledger))
    app.include_router(api_router(live, limit, lambda: 0.0))
    transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 1234))
    return httpx.AsyncClient(transport=transport, base_url=HERE)


@pytest_asyncio.fixture
async def api(ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    """Give the API of a desk with four notes."""
    for number in range(4):
        await frozen(ledger, written(number))
    async with asker(ledger) as client:
        yield client


async def test_a_report_is_given_as_it_was_published(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/reports/2025-03-28")

    assert answer.content == written(0).texts["report.json"]
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_the_head_of_an_answer_can_be_asked_for_alone(api: httpx.AsyncClient) -> None:
    whole = await api.get("/api/v1/reports/2025-03-28")

    head = await api.head("/api/v1/reports/2025-03-28")

    assert head.status_code == 200
    assert head.headers["etag"] == whole.headers["etag"]
    assert (await api.head("/api/v1/reports/2025-03-29")).status_code == 404


async def test_the_latest_report_is_the_newest_session(api: httpx.AsyncClient) -> None:
    assert (await api.get("/api/v1/reports/latest")).json()["session"] == "2025-04-02"


async def test_pages_lead_from_the_newest_to_the_oldest(api: httpx.AsyncClient) -> None:
    seen, place = [], "/api/v1/reports?limit=3"
    while place:
        body = (await api.get(place)).json()
        seen += [one["session"] for one in body["items"]]
        place = body["next"]

    assert seen == ["2025-04-02", "2025-04-01", "2025-03-31", "2025-03-28"]
    assert body["total"] == 4


async def test_an_unchanged_answer_costs_nothing(api: httpx.AsyncClient) -> None:
    first = await api.get("/api/v1/reports")
    again = await api.get("/api/v1/reports", headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/reports/2025-04-19", 404),
        ("/api/v1/reports/yesterday", 422),
        ("/api/v1/reports?limit=0", 422),
        ("/api/v1/reports?before=0", 422),
        ("/api/v1/drivers/astrology", 404),
        ("/api/v1/nothing", 404),
    ],
)
async def test_what_cannot_be_answered_is_told_as_a_problem(
    api: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await api.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_the_api_is_only_there_to_be_read(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/reports")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_a_browser_that_asks_ahead_is_let_in(api: httpx.AsyncClient) -> None:
    answer = await api.options("/api/v1/reports")

    assert answer.status_code == 204
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]


async def test_a_driver_is_told_with_its_history(api: httpx.AsyncClient) -> None:
    body = (await api.get("/api/v1/drivers/leveraged_etf?limit=1")).json()

    assert body["driver"]["grade"] == "A"
    assert [one["session"] for one in body["items"]] == ["2025-04-02"]
    assert body["next"].endswith("/api/v1/drivers/leveraged_etf?limit=1&before=2025-04-02")


async def test_record_and_glossary_are_there(api: httpx.AsyncClient) -> None:
    assert "scores" in (await api.get("/api/v1/record")).json()
    assert "gamma" in [one["term"] for one in (await api.get("/api/v1/glossary")).json()["items"]]


async def test_the_description_names_every_address(api: httpx.AsyncClient) -> None:
    told = json.loads((await api.get("/api/v1/openapi.json")).content)

    assert set(told["paths"]) == {
        "/api/v1/reports",
        "/api/v1/reports/{session}",
        "/api/v1/drivers/{slug}",
        "/api/v1/record",
        "/api/v1/glossary",
    }
    assert "/api/v1/reports" in (await api.get("/api/v1/docs")).text


async def test_who_asks_too_often_is_told_when_to_come_back(ledger: Ledger) -> None:
    async with asker(ledger, RateLimit(2)) as client:
        answers = [await client.get("/api/v1/glossary") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "30"


def test_this_machine_has_no_limit_unless_one_is_set() -> None:
    assert RateLimit().wait_seconds("127.0.0.1", 0.0) == 0.0
    strict = RateLimit(1)
    waits = [strict.wait_seconds("127.0.0.1", 0.0) for _ in range(2)]
    assert waits == [0.0, 60.0]


def test_a_bucket_fills_again_with_time() -> None:
    limit = RateLimit(60)
    first = [limit.wait_seconds("192.0.2.1", 0.0) for _ in range(61)]

    assert first[-1] == pytest.approx(1.0)
    assert limit.wait_seconds("192.0.2.1", 1.0) == 0.0


async def test_a_withdrawn_report_is_gone_with_its_reason_until_it_is_published_again(
    ledger: Ledger,
) -> None:
    for number in range(2):
        await frozen(ledger, written(number))
    await taken_back(ledger, written(1))
    async with asker(ledger) as api:
        gone = await api.get("/api/v1/reports/2025-03-31")
        latest = (await api.get("/api/v1/reports/latest")).json()
        listed = (await api.get("/api/v1/reports")).json()
    await published_again(ledger, written(1))
    async with asker(ledger) as api:
        back = await api.get("/api/v1/reports/2025-03-31")

    assert gone.status_code == 410
    assert gone.headers["content-type"] == "application/problem+json"
    assert gone.json()["detail"].endswith("21:15 UTC: A price file was wrong.")
    assert latest["session"] == "2025-03-28"
    assert listed["total"] == 1
    assert back.content == written(1).texts["report.json"]
