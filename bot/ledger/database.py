"""Open the ledger: SQLite in a file by default, PostgreSQL by its address."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, event, text
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import DeskError
from bot.ledger.near_sqlite import READING, connect

Transaction = AsyncConnection
"""What the functions of this package take: everything done with one is committed together."""

SQLITE_PRAGMAS = (
    # FULL costs one sync a commit. With NORMAL a power cut could forget that a mail went out.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
)

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
"""The only databases the ledger is tested on, and how we talk to them."""

WISHES = {
    "sslmode": "ssl",
    "ssl": "ssl",
    "host": "host",
    "port": "port",
    "prepared_statement_cache_size": "prepared_statement_cache_size",
}
"""What may stand behind the ? of a PostgreSQL address, and what our driver calls it."""


class LedgerError(DeskError):
    """The ledger refuses, in a sentence for the operator."""


@dataclass(frozen=True)
class Ledger:
    """An open database. Close it when done; every process opens its own."""

    engine: AsyncEngine
    # SQLite has one writer. Those of this process stand in line here, where waiting is free;
    # inside SQLite they would sleep, look, and sleep longer.
    _line: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether one file holds it all."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Look at one moment of the ledger without keeping anyone from writing."""
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Change the ledger: committed at the end, or not at all. Never one inside another."""
        engine = self.engine.execution_options(begin_mode="IMMEDIATE")
        async with self._turn(), engine.begin() as connection:
            yield connection

    def _turn(self) -> AbstractAsyncContextManager[None]:
        return self._line if self.is_sqlite else nullcontext()

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


def ledger_url(address: str) -> URL:
    """Turn what the operator wrote into a database address.

    Parameters
    ----------
    address
        A path of an SQLite file, or a URL such as ``postgresql://desk@db/undertow``.

    Raises
    ------
    LedgerError
        For another kind of database; the message never repeats a password.
    """
    if "://" not in address:
        return URL.create(DRIVERS["sqlite"], database=str(Path(address)))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # Not "from": a slip can make a port of the password, which the error then repeats.
        raise LedgerError(
            "the database address cannot be read; write a path, or "
            "postgresql://user:password@host:port/name with %40 for an @ in the password"
        ) from None
    kind = url.get_backend_name()
    if kind not in DRIVERS:
        raise LedgerError(f"the ledger runs on SQLite or PostgreSQL, not on {kind!r}")
    unknown = [name for name in url.query if kind != "sqlite" and name not in WISHES]
    if unknown:
        raise LedgerError(
            f"behind the ? of the database address stands {unknown[0]!r}; take it out: only "
            f"{', '.join(WISHES)} are known there"
        )
    return url.set(drivername=DRIVERS[kind])


def open_ledger(address: str, *, pool_size: int = 5) -> Ledger:
    """Open the ledger at ``address`` without touching it yet.

    Parameters
    ----------
    address
        As for `ledger_url`.
    pool_size
        Connections kept open [connections].

    Raises
    ------
    LedgerError
        For an address that cannot be meant, or where the driver is not installed.
    """
    url = ledger_url(address)
    # Without this an error would print the row it failed on, and with it a reader's address.
    options = {"pool_size": pool_size, "hide_parameters": True}
    if url.get_backend_name() != "sqlite":
        _need_driver()
        driven = url.set(query={WISHES[name]: value for name, value in url.query.items()})
        return Ledger(create_async_engine(driven, pool_pre_ping=True, **options))
    path = Path(url.database or "undertow.sqlite3")
    _make_folder(path.parent)
    engine = create_async_engine(url, async_creator=partial(connect, str(path)), **options)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return Ledger(engine)


def _need_driver() -> None:
    if find_spec("asyncpg") is None:
        raise LedgerError(
            "a PostgreSQL ledger needs the extra `postgres`: pip install 'undertow[postgres]', or "
            "'FOLDER[postgres]' where it was installed from a folder"
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"the ledger's folder {folder} cannot be made: {error.strerror}; "
            "check UNDERTOW_DATABASE_URL"
        ) from error


def _prepare_sqlite(connection: AsyncAdapt_aiosqlite_connection, _record: object) -> None:
    # The driver must not open transactions by itself: it would do so too late and too weakly.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer asks for the lock at once; one that read first could not get it any more.
    is_writer = connection.get_execution_options().get("begin_mode") == "IMMEDIATE"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else READING)


def check_file(ledger: Ledger) -> None:
    """Open an SQLite ledger's file once, by hand; for PostgreSQL do nothing.

    A file that cannot be opened would else fail in a thread of the driver's, which may live
    longer than the loop it answers to.

    Raises
    ------
    sqlite3.DatabaseError
        If it cannot be opened, or is no database.
    """
    if ledger.is_sqlite and ledger.engine.url.database:
        with contextlib.closing(sqlite3.connect(ledger.engine.url.database)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()


async def answers(ledger: Ledger) -> bool:
    """Ask the database for a one, and say whether it came."""
    async with ledger.read() as tx:
        return bool((await tx.execute(text("SELECT 1"))).scalar_one() == 1)
