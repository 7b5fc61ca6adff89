"""The site under `undertow serve`: the same pages, and no byte twice."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bot.ledger import Ledger
from bot.site import live
from bot.site.frame import Site
from bot.site.ledger_shelf import LedgerShelf
from bot.site.live import LiveSite
from bot.site.router import site_router
from tests.bot.site.notes import frozen, written

HERE = "https://desk.example"


@pytest_asyncio.fixture
async def reader(ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser at a desk with two notes."""
    for number in range(2):
        await frozen(ledger, written(number))
    app = FastAPI()
    app.include_router(site_router(LiveSite(Site(address=HERE), LedgerShelf(ledger))))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/2025/03/28/",
        "/2025/03/28",
        "/2025/03/28/quant/",
        "/archive/",
        "/archive/2025/03/",
        "/drivers/leveraged_etf",
        "/record",
        "/glossary",
        "/method",
        "/about",
        "/privacy",
        "/feed.atom",
        "/feed.rss",
        "/feed.json",
        "/sitemap.xml",
        "/robots.txt",
        "/2025/03/28/report.json",
        "/2025/03/28/driver_bars.svg",
    ],
)
async def test_every_address_answers_and_is_not_sent_twice(
    reader: httpx.AsyncClient, path: str
) -> None:
    first = await reader.get(path)
    again = await reader.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.status_code == 200
    assert first.content
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/2025/03/29/", "/2025/13/77/", "/archive/1999/", "/assets/x.js"])
async def test_where_there_is_nothing_a_page_says_so(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(path)

    assert answer.status_code == 404
    assert "archive" in answer.text


async def test_pages_run_nothing_from_elsewhere(reader: httpx.AsyncClient) -> None:
    policy = (await reader.get("/")).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


async def test_a_large_page_travels_packed(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/", headers={"accept-encoding": "gzip"})
    plain = await reader.get("/", headers={"accept-encoding": "identity"})

    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert len(gzip.compress(plain.content)) < len(plain.content) / 2


async def test_a_new_note_is_on_the_first_page_at_once(
    ledger: Ledger, reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_AGAIN_SECONDS", 0.0)
    before = await reader.get("/")
    await frozen(ledger, written(2))
    after = await reader.get("/", headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert f"{HERE}/2025/04/01/" in after.text
