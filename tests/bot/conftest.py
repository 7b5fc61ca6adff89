"""What the tests of the desk start from: empty ledgers on both databases, a clock, an edition."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.private_postgres import new_database, private_postgres
from bot.edition import NOTE, Claim, Edition
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade

FRIDAY = date(2025, 11, 21)
AFTER_THE_CLOSE = datetime(2025, 11, 21, 22, 15, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the address of a PostgreSQL that runs for the length of the tests."""
    with asyncio.Runner() as runner:
        server = private_postgres()
        yield runner.run(server.__aenter__())
        runner.run(server.__aexit__(None, None, None))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def ledger_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "undertow.sqlite3")
    server = request.getfixturevalue("postgres_server")
    return asyncio.run(new_database(server, "undertow_test"))


@pytest_asyncio.fixture
async def empty_ledger(ledger_address: str) -> AsyncIterator[Ledger]:
    """Give a database without tables."""
    ledger = open_ledger(ledger_address)
    yield ledger
    await ledger.close()


@pytest.fixture(scope="session")
def blank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite ledger of today's version, made once and copied for every test."""
    path = tmp_path_factory.mktemp("blank") / "undertow.sqlite3"

    async def make() -> None:
        ledger = open_ledger(str(path))
        await upgrade(ledger)
        await ledger.close()

    asyncio.run(make())
    return path


@pytest_asyncio.fixture
async def ledger(blank_file: Path, empty_ledger: Ledger, ledger_address: str) -> Ledger:
    """Give a ledger of today's version with nothing in it."""
    if empty_ledger.is_sqlite:
        shutil.copyfile(blank_file, ledger_address)
    else:
        await upgrade(empty_ledger)
    return empty_ledger


@pytest.fixture
def edition() -> Edition:
    """Return Friday's note, with one claim."""
    claim = Claim(
        key="half_back_5",
        words="Half or more of the rise is given back within five sessions.",
        probability=0.46,
        base_rate=0.46,
        interval=(0.42, 0.51),
        n=505,
        horizon_sessions=5,
        resolves_on=date(2025, 12, 1),
    )
    texts = {"blog.md": b"# Funds had to buy\n", "note.json": b'{"version":1}'}
    return Edition(FRIDAY, texts, "sha256:" + "ab" * 32, (claim,))


@pytest_asyncio.fixture
async def edition_frozen(ledger: Ledger, edition: Edition) -> int:
    """Freeze Friday's note, and return its number."""
    async with ledger.write() as tx:
        return (await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)).id
