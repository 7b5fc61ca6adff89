"""What outsiders say of our mails: MJML's own checker, axe, SpamAssassin, caniemail, a browser.

    python -m benchmarks.mail_judges [MARKET_FOLDER] [--pictures docs/mail]

The notes of docs/notes and the demo's are made into whole messages and read back from them, as a
mail program does; without a folder, six of the demo's. The MJML must pass the reference checker;
the page is shown in Debian's chromium in four renderings (desktop and telephone, light and dark)
and once without its style sheet, as some programs show it: axe must find nothing serious, nothing
may stick out and nothing may be fetched; SpamAssassin must not count above nought; no program may
fail on a feature that is not in `KNOWN_TO_FAIL`.

Needs root for what apt-get installs, npm, and chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from analysis.report import FlowReport, build_report
from analysis.sources.demo import DemoSource
from benchmarks.mail_crowd import SENDER
from benchmarks.pictures import shrink
from bot.mail.address import Address
from bot.mail.message import Letter, Reader, make_message
from bot.mail.verp import message_id
from templates import render, write_commentary
from templates.charts import charts_of, render_png
from templates.mailing import mjml
from templates.note import compose

CHROMIUM = "/usr/bin/chromium"
PROGRAMS = ("mjml@5.4.1", "axe-core@4.14.1", "caniemail@1.0.5")
PICTURED = ("note-demo", "note-2025-04-09")
"""Whose pictures stand in the documents."""

RENDERINGS = {
    "desktop": (700, "light"),
    "mobile": (390, "light"),
    "dark": (700, "dark"),
    "mobile-dark": (390, "dark"),
}
NOTES = Path(__file__).parent.parent / "docs" / "notes"
REAL_SESSIONS = tuple(sorted(path.stem for path in NOTES.glob("*.md")))
"""Every session whose note the documents show."""

KNOWN_TO_FAIL = frozenset(
    [
        # The style sheet carries the dark colours and nothing else: Gmail's mobile web page
        # drops it whole, Outlook for Windows its @media. `without_styles` is judged too.
        "<style> element",
        "@media",
        "Type selector",
        "Class selector",
        "ID selector",
        "Descendant combinator",
        "Chaining selectors",
        # The words behind the subject: where they are not hidden they stand on top, in small.
        "display:none",
        # MJML's own idiom; where it is not known the mail looks the same.
        "<body> element",
        "aria-label attribute",
        "role attribute",
        "height property",
        "outline",
        "table-layout",
        "word-break",
        "word-spacing",
    ]
)
"""Features that some program does not know and that we use all the same."""

ASK_CANIEMAIL = """
import {caniemail} from 'caniemail';
import fs from 'fs';
const found = {};
for (const file of process.argv.slice(2)) {
  const clients = ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*'];
  const answer = caniemail({clients, html: fs.readFileSync(file, 'utf8')});
  for (const [client, issues] of answer.issues.errors)
    for (const issue of issues) (found[issue.title] ??= new Set()).add(client);
}
for (const title in found) found[title] = [...found[title]].sort();
console.log(JSON.stringify(found));
"""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One mail: its MJML, its message, and the page that is read back from it."""

    name: str
    mjml: str
    message: bytes
    page: str


@dataclass
class Verdicts:
    """What was found; everything empty is what we want."""

    mjml: str = ""
    faults: list[str] = field(default_factory=list)
    spam: dict[str, float] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return what to print."""
        return [
            f"mjml -v: {self.mjml or 'clean'}",
            f"axe, width, requests: {'; '.join(self.faults) or 'nothing serious'}",
            f"SpamAssassin: {self.spam}",
            f"caniemail, not in the list: {self.unknown or 'nothing'}",
            f"bytes: {self.sizes}",
        ]


def exhibit(report: FlowReport, name: str, level: str = "plain") -> Exhibit:
    """Make a report into a mail and read its page back."""
    commentary = write_commentary(report, (), level)
    drawn = next((chart for chart in charts_of(report) if chart.slug == "driver_bars"), None)
    letter = Letter(
        session=report.session,
        edition="note",
        level=level,
        content_hash=report.content_hash,
        text=render(commentary, "mail"),
        page=render(commentary, "mail_html"),
        picture=None if drawn is None else render_png(drawn.spec),
        picture_alt="" if drawn is None else drawn.alt,
    )
    reader = Reader(
        address=Address("ana@reader.test"),
        leave_url="https://undertow.example/u/Ti3kuyCSxG_tm9YsPtAdYw",
        preferences_url="https://undertow.example/preferences/AAAAuyCSxG_tm9YsPtAdYw",
        message_id=message_id(SENDER.key, SENDER.domain, 1),
        at=datetime(2026, 6, 30, 21, 15, tzinfo=UTC),
    )
    raw = make_message(SENDER, letter).for_reader(reader)
    return Exhibit(name, mjml(commentary, compose(commentary)), raw, page_of(raw))


def page_of(raw: bytes) -> str:
    """Return the page of a message, its picture put in."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html",))
    assert body is not None
    page = str(body.get_content())
    for part in message.walk():
        if isinstance(part, EmailMessage) and part.get_content_type() == "image/png":
            name = str(part["Content-ID"]).strip("<>")
            data = base64.b64encode(_bytes_of(part)).decode()
            page = page.replace(f"cid:{name}", f"data:image/png;base64,{data}")
    return page


def _bytes_of(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def install(folder: Path) -> None:
    """Install the judges: three from npm into a folder, the others from Debian if missing."""
    for program in PROGRAMS:
        _run(["npm", "install", "--no-audit", "--no-fund", "--silent", program], folder)
    missing = [name for name in ("spamassassin", "chromium") if shutil.which(name) is None]
    if missing:
        packages = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-qq"]
        _run([*packages, "--no-install-recommends", *missing], folder)


async def judge(exhibits: Sequence[Exhibit], pictures: Path | None = None) -> Verdicts:
    """Ask all judges."""
    with tempfile.TemporaryDirectory(prefix="undertow-judges-") as name:
        folder = Path(name)
        await asyncio.to_thread(install, folder)
        verdicts = Verdicts(sizes={one.name: len(one.message) for one in exhibits})
        verdicts.mjml = await asyncio.to_thread(ask_mjml, exhibits, folder)
        verdicts.unknown = await asyncio.to_thread(ask_caniemail, exhibits, folder)
        for one in exhibits:
            verdicts.spam[one.name] = await asyncio.to_thread(ask_spamassassin, one)
            verdicts.faults += list_headers(one)
        axe = (folder / "node_modules/axe-core/axe.min.js").read_text("utf-8")
        verdicts.faults += await show(exhibits, axe, pictures)
    return verdicts


def ask_mjml(exhibits: Sequence[Exhibit], folder: Path) -> str:
    """Return what MJML's own checker complains of."""
    for one in exhibits:
        (folder / f"{one.name}.mjml").write_text(one.mjml, "utf-8")
    files = [f"{one.name}.mjml" for one in exhibits]
    done = _run([str(folder / "node_modules/.bin/mjml"), "-v", *files], folder, check=False)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()


def ask_caniemail(exhibits: Sequence[Exhibit], folder: Path) -> dict[str, list[str]]:
    """Return the features that some large mail program fails on and that are not on our list."""
    (folder / "ask.mjs").write_text(ASK_CANIEMAIL, "utf-8")
    for one in exhibits:
        (folder / f"{one.name}.html").write_text(one.page, "utf-8")
    files = [f"{one.name}.html" for one in exhibits]
    found: dict[str, list[str]] = json.loads(_run(["node", "ask.mjs", *files], folder).stdout)
    return {title: who for title, who in found.items() if title not in KNOWN_TO_FAIL}


def ask_spamassassin(one: Exhibit) -> float:
    """Return what SpamAssassin counts against a message, without asking the network."""
    done = subprocess.run(
        ["/usr/bin/spamassassin", "-L", "-t"], input=one.message, capture_output=True, check=True
    )
    found = re.search(rb"Content analysis details:\s+\((-?[0-9.]+) points", done.stdout)
    assert found is not None, "SpamAssassin gave no score"
    return float(found[1])


def list_headers(one: Exhibit) -> list[str]:
    """Return the List- headers that were encoded or folded."""
    head = one.message.partition(b"\r\n\r\n")[0].split(b"\r\n")
    bad = [line for line in head if line.startswith(b"List-") and b"=?" in line]
    folded = [line for line in head if line[:1] in (b" ", b"\t") and b"/u/" in line]
    return [f"{one.name}: {line.decode('ascii', 'replace')}" for line in bad + folded]


async def show(exhibits: Sequence[Exhibit], axe: str, pictures: Path | None) -> list[str]:
    """Show every mail in every rendering, and return what is wrong with it."""
    faults = []
    async with async_playwright() as play:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=flags)
        for one in exhibits:
            for rendering in RENDERINGS:
                faults += await _render(browser, one, rendering, axe, pictures)
            bare = Exhibit(f"{one.name}-no-style", "", b"", without_styles(one.page))
            faults += await _render(browser, bare, "mobile", axe, None)
        await browser.close()
    return faults


def without_styles(page: str) -> str:
    """Return a page as programs show it that drop style sheets.

    >>> without_styles("<style>p {}</style><p>x</p>")
    '<p>x</p>'
    """
    return re.sub(r"<style\b.*?</style>", "", page, flags=re.DOTALL | re.IGNORECASE)


async def _render(
    browser: Browser, one: Exhibit, rendering: str, axe: str, pictures: Path | None
) -> list[str]:
    width, scheme = RENDERINGS[rendering]
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.set_content(one.page)
    where = f"{one.name} {rendering}"
    wide = int(await page.evaluate("document.documentElement.scrollWidth"))
    if pictures is not None and one.name in PICTURED:
        path = pictures / f"{one.name.removeprefix('note-')}-{rendering}.png"
        await page.screenshot(path=path, full_page=True)
        shrink(path)
    await page.evaluate(axe)
    found = await page.evaluate("axe.run(document).then(r => r.violations)")
    await context.close()
    faults = [f"{where}: {wide} px wide"] if wide > width else []
    faults += [f"{where}: asks for {url[:80]}" for url in asked if not url.startswith("data:")]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return faults + [
        f"{where}: {one['id']} ({one['impact']}) at {one['nodes'][0]['html'][:120]}"
        for one in grave
    ]


def _run(
    command: list[str], folder: Path, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(  # noqa: S603 - fixed commands
        command, cwd=folder, env=environment, capture_output=True, text=True, check=check
    )


def notes(market_folder: str | None) -> list[Exhibit]:
    """Return the real notes and the demo's; without a market folder six of the demo's market."""
    if market_folder is None:
        market = DemoSource().fetch()
        sessions = [market.sessions[-1 - 40 * back] for back in range(6)]
        return [
            exhibit(build_report(market.until(day)), f"demo-{day:%Y-%m-%d}") for day in sessions
        ]
    import pandas as pd

    from analysis.sources.folder import FolderSource

    source = FolderSource(Path(market_folder))
    real = [
        exhibit(build_report(source.fetch(pd.Timestamp(day))), f"note-{day}")
        for day in REAL_SESSIONS
    ]
    return [exhibit(build_report(DemoSource().fetch()), "note-demo"), *real]


def main() -> int:
    """Ask, print, and answer with 1 if a judge objects."""
    parser = argparse.ArgumentParser(description="what outsiders say of our mails")
    parser.add_argument("market", nargs="?")
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    if options.pictures is not None:
        options.pictures.mkdir(parents=True, exist_ok=True)
    verdicts = asyncio.run(judge(notes(options.market), options.pictures))
    sys.stdout.write("\n".join(verdicts.lines()) + "\n")
    bad = verdicts.mjml or verdicts.faults or verdicts.unknown
    return 1 if bad or max(verdicts.spam.values()) > 0.0 else 0


if __name__ == "__main__":
    raise SystemExit(main())
