"""Serve the newsletter's pages from an empty ledger, look at each, and let axe judge them.

    python -m benchmarks.newsletter_pages docs/newsletter

Draws every page at 1280 and 390 px, light and dark, into a folder, and prints what axe-core (npm)
finds, sideways overflow, and requests to anywhere else. Needs ``pip install playwright`` and
Debian's chromium; axe-core is installed into a temporary folder.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import uvicorn
from playwright.async_api import Browser, Page, Request, async_playwright

from bot.clock import real_clock
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.migrate import upgrade
from bot.ledger.subscribers import find_subscriber
from bot.newsletter.letters import letter_link
from bot.newsletter.tokens import preferences_token, unsubscribe_token
from bot.pages.app import build_pages
from bot.pages.desk import ReaderDesk
from bot.pages.newsletter import newsletter_router

KEY = "the key of a desk that lives for a minute"
READER = "ana@reader.test"
CHROMIUM = "/usr/bin/chromium"
AXE = "axe-core@4.14.1"
SIZES = {1280: 800, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def debians_chromium() -> str:
    """Return the browser that is here, installing Debian's where there is none.

    Raises
    ------
    RuntimeError
        If it cannot be installed.
    """
    if not Path(CHROMIUM).exists() and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)  # noqa: S607
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False)  # noqa: S607
    if not Path(CHROMIUM).exists():
        raise RuntimeError(f"there is no browser at {CHROMIUM}; apt-get install chromium")
    return CHROMIUM


def axe_script(folder: Path) -> str:
    """Return axe-core's script, from the npm registry.

    Raises
    ------
    RuntimeError
        If npm is missing or cannot get it.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("axe-core comes from npm, and there is none; apt-get install npm")
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), AXE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        raise RuntimeError(f"npm could not install {AXE}: {done.stderr.strip()[-300:]}")
    return script.read_text("utf-8")


@dataclass
class Desk:
    """A desk that serves the newsletter's pages and nothing else."""

    ledger: Ledger
    site: str

    async def letters(self) -> list[str]:
        """Return the links in the letters promised so far."""
        async with self.ledger.read() as tx:
            rows = await list_deliveries(tx)
        return [letter_link(row.edition, row.target, KEY, self.site) for row in rows]

    async def links(self) -> dict[str, str]:
        """Return a reader's own links."""
        async with self.ledger.read() as tx:
            reader = await find_subscriber(tx, READER)
        if reader is None:
            raise LookupError(f"{READER} has not subscribed")
        return {
            "leave": f"{self.site}/u/{unsubscribe_token(KEY, reader.id)}",
            "preferences": f"{self.site}/preferences/{preferences_token(KEY, reader.id)}",
        }


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Desk]:
    """Serve the pages on a port of their own for as long as the block lasts."""
    ledger = open_ledger(str(folder / "ledger.sqlite3"))
    await upgrade(ledger)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = build_pages([newsletter_router(ReaderDesk(ledger, KEY, real_clock))], https=False)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield Desk(ledger, f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        await task
        await ledger.close()


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """Open Debian's chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=debians_chromium(), args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Judge:
    """Looks at pages in one size and scheme, and keeps what is wrong with them."""

    axe: str
    out: Path
    width: int
    scheme: Literal["light", "dark"]
    faults: list[str] = field(default_factory=list)
    asked_for: set[str] = field(default_factory=set)

    def note(self, request: Request) -> None:
        """Write down what a page asks for."""
        self.asked_for.add(request.url)

    async def look(self, page: Page, name: str) -> None:
        """Draw a page and judge it."""
        where = f"{name}-{self.width}-{self.scheme}"
        await page.screenshot(path=str(self.out / f"{where}.png"), full_page=True)
        wide: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.faults.append(f"{where}: {wide} px too wide")
        await page.evaluate(self.axe)
        found: dict[str, Any] = await page.evaluate("axe.run()")
        for violation in found["violations"]:
            nodes = ", ".join(node["html"][:80] for node in violation["nodes"][:3])
            self.faults.append(f"{where}: {violation['id']} ({violation['impact']}) {nodes}")


async def judge_all(desk: Desk, browser: Browser, axe: str, out: Path) -> list[str]:
    """Draw and judge every page in every size and scheme; return the faults."""
    faults: list[str] = []
    for scheme in SCHEMES:
        for width, height in SIZES.items():
            context = await browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
            )
            page = await context.new_page()
            judge = Judge(axe, out, width, scheme)
            page.on("request", judge.note)
            await visit_all(desk, page, judge)
            outside = {url for url in judge.asked_for if not url.startswith(desk.site)}
            faults += [*judge.faults, *(f"fetched {url}" for url in sorted(outside))]
            await context.close()
    return faults


async def visit_all(desk: Desk, page: Page, judge: Judge) -> None:
    """Go to every page there is, as a reader would."""
    await page.goto(f"{desk.site}/subscribe")
    await judge.look(page, "subscribe")
    await page.evaluate("document.forms[0].noValidate = true")
    await page.fill("#email", "ana@reader")
    await page.click("button")
    await judge.look(page, "mistyped")
    await page.fill("#email", READER)
    await page.click("button")
    await judge.look(page, "asked")
    await page.goto((await desk.letters())[0])
    await judge.look(page, "confirm")
    await page.click("button")
    await judge.look(page, "confirmed")
    links = await desk.links()
    await page.goto(links["preferences"])
    await judge.look(page, "preferences")
    await page.click("button:has-text('Pause')")
    await judge.look(page, "paused")
    await page.click("button:has-text('again')")
    await page.goto(f"{desk.site}/preferences/forged")
    await judge.look(page, "nothing")
    await page.goto(links["leave"])
    await judge.look(page, "leave")


async def draw(out: Path) -> int:
    """Draw all pages into a folder and print the faults; return how many there are."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        axe = await asyncio.to_thread(axe_script, folder)
        async with serving(folder) as desk, browsing() as browser:
            faults = await judge_all(desk, browser, axe, out)
    print("\n".join(faults) or "no violation, no overflow, no request to anywhere else")
    return len(faults)


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(draw(Path(sys.argv[1]))) else 0)
