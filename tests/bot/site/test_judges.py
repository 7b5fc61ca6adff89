"""The site before outside judges: a markup checker, an accessibility checker, a fuzzer."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.site_checks import (
    broken_links,
    feed_problems,
    installed,
    nu_messages,
    pages_of,
    served,
)
from benchmarks.site_judges import LARGEST_PAGE, SHOWN, built_site, seen

pytestmark = pytest.mark.slow

OTHERS = ("", "method/", "glossary/", "drivers/", "about/", "privacy/", "404.html")


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the judges are installed."""
    return installed(tmp_path_factory.mktemp("judges"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, str]]:
    """Give a built demo site, its address, and the path of its newest session."""
    out = tmp_path_factory.mktemp("site")
    with served(out) as base:
        day = built_site(out, base, None, 3, tmp_path_factory.mktemp("cache"))
        yield out, base, day


def test_every_page_is_valid_html_without_a_warning(
    judges: Path, site: tuple[Path, str, str]
) -> None:
    out, base, _ = site

    assert nu_messages(judges, base, pages_of(out)) == []


def test_links_and_feeds_hold(site: tuple[Path, str, str]) -> None:
    out, base, _ = site

    assert broken_links(out, base) == []
    assert feed_problems(out) == []


def test_pages_are_accessible_light_fit_a_phone_and_ask_nobody_else(
    judges: Path, site: tuple[Path, str, str]
) -> None:
    _, base, day = site
    paths = [*OTHERS, *(path.format(day=day) for path in SHOWN.values()), f"{day}quant/"]
    looks = seen(judges, base, paths, None)

    assert [one for one in looks if not one.is_clean] == []
    assert max(one.first_load for one in looks) <= LARGEST_PAGE


def test_a_fuzzer_finds_nothing_in_the_api(tmp_path: Path) -> None:
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert program is not None, "schemathesis is missing; install the extra `dev`"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    here = f"http://127.0.0.1:{port}"
    told = {
        "UNDERTOW_PORT": str(port),
        "UNDERTOW_PUBLIC_URL": here,
        "UNDERTOW_DATABASE_URL": str(tmp_path / "ledger.sqlite3"),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    run = [sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())"]
    subprocess.run([*run, "publish", "--demo"], cwd=tmp_path, env=told, check=True)  # noqa: S603
    desk = subprocess.Popen([*run, "serve", "--demo"], cwd=tmp_path, env=told)  # noqa: S603
    try:
        _wait(f"{here}/healthz")
        asked = [
            program,
            "run",
            f"{here}/api/v1/openapi.json",
            "--max-examples",
            "30",
            "--no-color",
        ]
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    finally:
        desk.terminate()
        desk.wait(60)

    assert done.returncode == 0, done.stdout[-3000:]


def _wait(address: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own desk
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
        else:
            return
    raise TimeoutError(f"{address} did not answer within 90 s; the desk did not start")
