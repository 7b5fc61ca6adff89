"""What can be checked of a built site without a browser: its markup, its links, its feeds."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import feedparser
import orjson

JUDGES = ("vnu-jar@26.9.27", "axe-core@4.14.1")
PACKAGES = {"java": "default-jre-headless", "npm": "npm", "chromium": "chromium"}

NEEDED_IN_JSON = {"id", "url", "title", "content_html", "date_published"}
"""What an item of a JSON Feed must have here."""


class JudgeError(RuntimeError):
    """A judge is not there and could not be installed."""


def installed(folder: Path) -> Path:
    """Install the judges into a folder and return where npm put them.

    Raises
    ------
    JudgeError
        With the command that would have helped.
    """
    missing = [package for name, package in PACKAGES.items() if shutil.which(name) is None]
    if missing:
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", *missing)
    _run("npm", "install", "--no-audit", "--silent", "--prefix", str(folder), *JUDGES)
    return folder / "node_modules"


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise JudgeError(f"`{' '.join(command)}` failed: {done.stderr.strip()[-400:]}")
    return done.stdout


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and give its address without a slash at the end."""
    handler = partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


def pages_of(folder: Path) -> list[str]:
    """Return the path of every page of a built site, in order."""
    files = sorted(folder.rglob("*.html"))
    return [path.relative_to(folder).as_posix().removesuffix("index.html") for path in files]


def nu_messages(modules: Path, base: str, paths: Sequence[str]) -> list[str]:
    """Return everything the Nu HTML checker objects to, warnings included."""
    jar = modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
    here = "-Dnu.validator.servlet.allow-forbidden-hosts=true"
    urls = [f"{base}/{one}" for one in paths]
    command = ["java", here, "-jar", str(jar), "--format", "gnu", *urls]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    return [line for line in done.stderr.splitlines() if line.strip()]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down where an element leads and what it is called."""
        told = dict(attrs)
        self.ids.add(told.get("id") or "")
        names = ("href", "src", "data-spec", "data-charts")
        self.links += [one for name in names if (one := told.get(name)) is not None]


def broken_links(folder: Path, address: str) -> list[str]:
    """Return every link, within the site, that leads nowhere: to no file, or to no such place."""
    pages = {path: _parsed(folder, path) for path in pages_of(folder)}
    broken = []
    for path, parsed in pages.items():
        for link in parsed.links:
            whole = urljoin(f"{address}/{path}", link)
            if not whole.startswith(address) or link.endswith("/subscribe"):
                continue
            target, _, place = whole.removeprefix(f"{address}/").partition("#")
            file = _file(folder, target)
            if not file.is_file() or (place and place not in pages[target].ids):
                broken.append(f"{path}: {link}")
    return broken


def _parsed(folder: Path, path: str) -> _Links:
    parsed = _Links()
    parsed.feed(_file(folder, path).read_text("utf-8"))
    return parsed


def _file(folder: Path, path: str) -> Path:
    """Return the file that a server gives for an address."""
    return folder / (f"{path}index.html" if path.endswith("/") or not path else path)


def feed_problems(folder: Path) -> list[str]:
    """Return what is wrong with the three feeds."""
    problems = []
    for name in ("feed.atom", "feed.rss"):
        read = feedparser.parse((folder / name).read_bytes())
        if read.bozo:
            problems.append(f"{name}: {read.bozo_exception}")
        if len({one.id for one in read.entries}) != len(read.entries) or not read.entries:
            problems.append(f"{name}: entries without an id of their own")
        problems += [
            f"{name}: {one.id} lacks {field}"
            for one in read.entries
            for field in ("title", "link", "summary", "published_parsed", "content")
            if not one.get(field)
        ]
    body = orjson.loads((folder / "feed.json").read_bytes())
    lacking = [NEEDED_IN_JSON - set(one) for one in body["items"]]
    problems += [f"feed.json: an item lacks {sorted(one)}" for one in lacking if one]
    if body["version"] != "https://jsonfeed.org/version/1.1":
        problems.append(f"feed.json: version {body['version']}")
    return problems
