"""An empty ledger on SQLite, and two blogs that behave as the real ones."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.blogs.ghost_api import GhostApi
from bot.blogs.wordpress_api import WordPressApi
from bot.channels.ghost import Ghost
from bot.channels.wordpress import WordPress
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.migrate import upgrade
from tests.bot.blogs.fake_ghost import KEY, FakeGhost
from tests.bot.blogs.fake_wordpress import PASSWORD, USER, FakeWordPress
from tests.bot.blogs.posts import EVENING, BlogDesk
from tests.bot.blogs.serving import serving


@pytest.fixture(scope="session")
def blank_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger's file to copy: making the tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("books") / "blank.sqlite3"

    async def made() -> None:
        ledger = open_ledger(str(path))
        await upgrade(ledger)
        await ledger.close()

    asyncio.run(made())
    return path


@pytest_asyncio.fixture
async def books(blank_books: Path, tmp_path: Path) -> AsyncIterator[Ledger]:
    """Give a ledger with nothing in it."""
    path = tmp_path / "undertow.sqlite3"
    shutil.copy(blank_books, path)
    ledger = open_ledger(str(path))
    yield ledger
    await ledger.close()


@pytest.fixture
def wordpress_site() -> FakeWordPress:
    """Return a WordPress without posts."""
    return FakeWordPress()


@pytest.fixture
def wordpress_url(wordpress_site: FakeWordPress) -> Iterator[str]:
    """Give its address."""
    with serving(wordpress_site.handle) as url:
        yield url


@pytest.fixture
def wordpress(wordpress_url: str, books: Ledger) -> BlogDesk:
    """Return a desk that publishes there."""
    api = WordPressApi(wordpress_url, USER, PASSWORD)
    return BlogDesk(books, WordPress(api))


@pytest.fixture
def ghost_site() -> FakeGhost:
    """Return a Ghost without posts."""
    return FakeGhost()


@pytest.fixture
def ghost_url(ghost_site: FakeGhost) -> Iterator[str]:
    """Give its address."""
    with serving(ghost_site.handle) as url:
        yield url


@pytest.fixture
def ghost(ghost_url: str, books: Ledger) -> BlogDesk:
    """Return a desk that publishes there."""
    return BlogDesk(books, Ghost(GhostApi(ghost_url, KEY, clock=lambda: EVENING)))
