"""A reader's way in a real browser, without scripts, and what outside judges say of the pages."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from benchmarks.newsletter_pages import READER, axe_script, browsing, judge_all, serving
from bot.ledger.readers import subscribers
from bot.ledger.schema import metadata
from bot.ledger.subscribers import Preferences, SubscriberState
from tests.bot.newsletter.desk import at

pytestmark = pytest.mark.slow


async def test_a_reader_without_scripts_subscribes_confirms_chooses_and_leaves(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as desk, browsing() as browser:
        context = await browser.new_context(java_script_enabled=False, accept_downloads=True)
        page = await context.new_page()
        await page.goto(f"{desk.site}/subscribe")
        await page.fill("#email", READER)
        await page.click("button")
        asked = await page.title()
        await page.goto((await desk.letters())[0])
        await page.click("button")
        confirmed = (await at(desk.ledger, READER)).state
        links = await desk.links()
        await page.goto(links["preferences"])
        await page.check("input[value=weekly]")
        await page.select_option("#hour", "7")
        await page.select_option("#zone", "Europe/Berlin")
        await page.check("input[name=text_only]")
        await page.click("button:has-text('Save')")
        chosen = (await at(desk.ledger, READER)).preferences
        async with page.expect_download() as waiting:
            await page.click("button:has-text('JSON')")
        told = json.loads((await (await waiting.value).path()).read_text("utf-8"))
        await page.goto(links["leave"])
        await page.click("button")
        left = (await at(desk.ledger, READER)).state

    assert asked == "Look into your mailbox · Undertow"
    assert confirmed is SubscriberState.CONFIRMED
    assert chosen == Preferences("weekly", "plain", True, "Europe/Berlin", 7)
    assert told["subscriber"][0]["address"] == READER
    assert left is SubscriberState.UNSUBSCRIBED


async def test_a_reader_is_forgotten_only_with_the_box_ticked(tmp_path: Path) -> None:
    async with serving(tmp_path) as desk, browsing() as browser:
        page = await browser.new_page(java_script_enabled=False)
        await page.goto(f"{desk.site}/subscribe")
        await page.fill("#email", READER)
        await page.click("button")
        await page.goto((await desk.links())["preferences"])
        await page.click("button:has-text('Erase')")
        still = (await at(desk.ledger, READER)).state
        await page.check("input[name=sure]")
        await page.click("button:has-text('Erase')")
        gone = await page.inner_text("h1")
        async with desk.ledger.read() as tx:
            addresses = list((await tx.execute(select(subscribers.c.address))).scalars())

    assert (still, gone, addresses) == (SubscriberState.PENDING, "You are forgotten", [None])


async def test_a_browser_that_opens_every_link_changes_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as desk, browsing() as browser:
        page = await browser.new_page()
        await page.goto(f"{desk.site}/subscribe")
        await page.fill("#email", READER)
        await page.click("button")
        links = [*(await desk.letters()), *(await desk.links()).values()]
        async with desk.ledger.read() as tx:
            tables = metadata.sorted_tables
            before = [(await tx.execute(select(table))).all() for table in tables]
        for link in links:
            await page.goto(link)
            await page.reload()
        async with desk.ledger.read() as tx:
            after = [(await tx.execute(select(table))).all() for table in tables]

    assert after == before


async def test_no_judge_finds_a_fault_with_any_page(tmp_path: Path) -> None:
    axe = await asyncio.to_thread(axe_script, tmp_path)
    async with serving(tmp_path) as desk, browsing() as browser:
        faults = await judge_all(desk, browser, axe, tmp_path)

    assert faults == []
