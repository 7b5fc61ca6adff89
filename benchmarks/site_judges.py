"""Have a built site judged by others: the Nu HTML checker, axe, feedparser, and every link.

    python -m benchmarks.site_judges [MARKET_FOLDER] [--pictures]

Builds the demo site, or the last sessions of a market folder, serves it on this machine, and
prints what each judge says. With --pictures the screenshots of docs/site are taken anew. Java,
npm and Chromium are installed with apt where they are missing and the account may do so.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from analysis.sources.demo import DemoSource
from analysis.sources.folder import FolderSource
from benchmarks.site_checks import (
    broken_links,
    feed_problems,
    installed,
    nu_messages,
    pages_of,
    served,
)
from bot.desk import Desk
from bot.site.build import build
from bot.site.frame import Site
from bot.site.market_shelf import market_shelf

PICTURES = Path(__file__).parent.parent / "docs" / "site"

VIEWPORTS: dict[str, tuple[int, Literal["light", "dark"]]] = {
    "desktop-light": (1280, "light"),
    "desktop-dark": (1280, "dark"),
    "phone-light": (390, "light"),
    "phone-dark": (390, "dark"),
}
"""Width [CSS pixels] and colours of each viewport."""

SHOWN = {"session": "{day}", "archive": "archive/", "driver": "drivers/leveraged_etf/"} | {
    "record": "record/",
    "evidence": "{day}why/",
}
"""The five pages that docs/site shows; {day} is the newest session."""

OTHERS = ("method/", "glossary/", "drivers/", "about/", "privacy/")
"""Pages that are looked at beside those."""

LARGEST_PAGE = 100_000
"""Bytes that the first view of a page may cost without its charts."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a browser saw of one page in one viewport."""

    path: str
    viewport: str
    violations: tuple[str, ...]
    outside: tuple[str, ...]
    errors: tuple[str, ...]
    overflows: bool
    first_load: int
    """Bytes of the page, its style and its script."""

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to object to."""
        return not (self.violations or self.outside or self.errors or self.overflows)


def seen(modules: Path, base: str, paths: Sequence[str], pictures: Path | None) -> list[Seen]:
    """Look at pages in four viewports, with axe, and keep pictures where a folder is named."""
    axe = (modules / "axe-core" / "axe.min.js").read_text("utf-8")
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        found = [
            _look(browser, axe, f"{base}/{path}", path, name, pictures)
            for path in paths
            for name in VIEWPORTS
        ]
        browser.close()
    return found


def _look(
    browser: Browser, axe: str, url: str, path: str, viewport: str, pictures: Path | None
) -> Seen:
    width, scheme = VIEWPORTS[viewport]
    asked: dict[str, int] = {}
    errors: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.on("response", lambda answer: asked.update({answer.url: _size(answer.headers)}))
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url, wait_until="networkidle")
    _scroll(page)
    overflows = page.evaluate("document.documentElement.scrollWidth") > width
    if pictures is not None:
        page.screenshot(path=pictures / f"{_name(path)}-{viewport}.png", full_page=True)
    page.close()
    base = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/"
    return Seen(
        path=path,
        viewport=viewport,
        violations=_axe(browser, axe, url, viewport),
        outside=tuple(one for one in asked if not one.startswith(base)),
        errors=tuple(errors),
        overflows=overflows,
        first_load=sum(size for one, size in asked.items() if not one.endswith(("svg", "png"))),
    )


def _size(headers: dict[str, str]) -> int:
    return int(headers.get("content-length", 0))


def _scroll(page: Page) -> None:
    """Let what loads late load, then go back to the top."""
    for _ in range(15):
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(20)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(100)


def _axe(browser: Browser, axe: str, url: str, viewport: str) -> tuple[str, ...]:
    """Return what axe objects to; only here is the page's policy set aside, to let axe in."""
    width, scheme = VIEWPORTS[viewport]
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page.goto(url)
    if page.query_selector("#marks"):
        page.check("#marks")
    page.add_script_tag(content=axe)
    found = page.evaluate("axe.run(document)")["violations"]
    page.close()
    return tuple(f"{one['id']} ({len(one['nodes'])})" for one in found)


def _name(path: str) -> str:
    return path.strip("/").replace("/", "-") or "first"


def built_site(out: Path, address: str, market: Path | None, sessions: int, cache: Path) -> str:
    """Build a site and return the path of its newest session."""
    desk = Desk(DemoSource() if market is None else FolderSource(market))
    site = Site(address=address, subscribe=f"{address}/subscribe")

    async def whole() -> str:
        shelf = await market_shelf(desk, sessions, cache, lambda _done, _of: None)
        await build(site, shelf, out, lambda _done, _of: None)
        return (await shelf.entries())[-1].path

    return asyncio.run(whole())


def main(arguments: Sequence[str]) -> int:
    """Print what every judge says, and return how many objections there were."""
    folders = [Path(one) for one in arguments if not one.startswith("-")]
    with tempfile.TemporaryDirectory(prefix="undertow-judges-") as place:
        modules = installed(Path(place) / "npm")
        out = Path(place) / "site"
        out.mkdir()
        with served(out) as base:
            market = folders[0] if folders else None
            day = built_site(out, base, market, 10, Path("var/site-cache"))
            shown = {name: path.format(day=day) for name, path in SHOWN.items()}
            return _judged(modules, out, base, shown, pictures="--pictures" in arguments)


def _judged(modules: Path, out: Path, base: str, shown: dict[str, str], *, pictures: bool) -> int:
    paths = pages_of(out)
    objections = nu_messages(modules, base, paths)
    print(f"Nu HTML checker: {len(paths)} pages, {len(objections)} messages")
    links = broken_links(out, base)
    print(f"links that lead nowhere: {len(links)}")
    feeds = feed_problems(out)
    print(f"feeds: {len(feeds)} problems")
    print(*objections, *links, *feeds, sep="\n")
    looked = list(dict.fromkeys(["", *shown.values(), *OTHERS]))
    if pictures:
        PICTURES.mkdir(exist_ok=True)
    found = seen(modules, base, looked, None)
    for one in found:
        told = "clean" if one.is_clean else f"{one.violations} {one.outside} {one.errors}"
        told += " OVERFLOWS" if one.overflows else ""
        print(f"{_name(one.path):<28}{one.viewport:<15}{one.first_load / 1e3:7.1f} kB  {told}")
    if pictures:
        _take(base, shown)
    unclean = [one for one in found if not one.is_clean or one.first_load > LARGEST_PAGE]
    return len(objections) + len(links) + len(feeds) + len(unclean)


def _take(base: str, shown: dict[str, str]) -> None:
    """Take the pictures of docs/site: each page in each viewport, its first two screens."""
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, path in shown.items():
            for viewport, (width, scheme) in VIEWPORTS.items():
                height = 1500 if width > 500 else 1400
                page = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                page.goto(f"{base}/{path}", wait_until="networkidle")
                page.screenshot(path=PICTURES / f"{name}-{viewport}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
