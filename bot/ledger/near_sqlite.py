"""SQLite with one errand to its thread for each statement, and not four.

The driver keeps SQLite in a thread of its own and goes there to open a cursor, to run the
statement, to fetch the rows and to close the cursor. Each errand costs more than most of our
statements do. Here one errand does all of it: the first rows come along, and
usually those are all. A longer answer keeps its cursor open and is fetched in pieces. A
transaction that only reads begins with its first statement: until then SQLite does nothing anyway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import aiosqlite

from analysis.wal import write_ahead

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
"""How long a statement waits for another process's transaction."""

FIRST_ROWS = 500
"""Rows that come along with the statement."""

READING = "BEGIN DEFERRED"

Rows = list[tuple[Any, ...]]


class NearCursor:
    """A cursor that is opened by its statement and mostly done with the same errand."""

    def __init__(self, connection: NearConnection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None
        self._rows: Rows = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> NearCursor:
        """Be ready; there is nothing to open yet."""
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> NearCursor:
        """Run a statement and fetch its first rows."""
        if sql == READING:
            self._connection.begin_reading()
            return self
        values = tuple(parameters)
        await self._run(lambda raw: raw.execute(sql, values))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> NearCursor:
        """Run a statement with many sets of values."""
        rows = [tuple(row) for row in parameters]
        await self._run(lambda raw: raw.executemany(sql, rows))
        return self

    async def fetchall(self) -> Rows:
        """Return all rows that are left."""
        rows, self._rows = self._rows, []
        if self._open is not None:
            rest = self._open
            rows += await self._connection.errand(lambda _: rest.fetchall())
        return rows

    async def fetchmany(self, size: int | None = None) -> Rows:
        """Return the next rows."""
        if not self._rows and self._open is not None:
            rest = self._open
            self._rows = await self._connection.errand(lambda _: rest.fetchmany(FIRST_ROWS))
        count = self.arraysize if size is None else size
        rows, self._rows = self._rows[:count], self._rows[count:]
        return rows

    async def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        """Forget the rows, and close the cursor where it is still open."""
        self._rows = []
        if self._open is not None:
            rest, self._open = self._open, None
            await self._connection.errand(lambda _: rest.close())

    async def _run(self, act: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> None:
        cursor, self._rows, is_open = await self._connection.errand(lambda raw: _first(act(raw)))
        self.description, self.rowcount = cursor.description, cursor.rowcount
        self.lastrowid = cursor.lastrowid
        self._open = cursor if is_open else None


def _first(cursor: sqlite3.Cursor) -> tuple[sqlite3.Cursor, Rows, bool]:
    """Fetch the first rows in SQLite's thread, and say whether there may be more."""
    rows = cursor.fetchmany(FIRST_ROWS) if cursor.description else []
    return cursor, rows, len(rows) == FIRST_ROWS


class NearConnection(aiosqlite.Connection):
    """A connection whose cursors go to its thread once a statement."""

    _is_to_begin: bool = False

    def cursor(self) -> NearCursor:  # type: ignore[override]
        """Return a cursor; ours is no subclass, for it shares nothing with the driver's."""
        return NearCursor(self)

    async def errand(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in SQLite's thread and return what came of it."""
        is_to_begin, self._is_to_begin = self._is_to_begin, False

        def errand() -> T:
            if is_to_begin:
                self._conn.execute(READING)
            return act(self._conn)

        done: T = await self._execute(errand)  # type: ignore[no-untyped-call]
        return done

    def begin_reading(self) -> None:
        """Begin a transaction with the next statement."""
        self._is_to_begin = True

    async def commit(self) -> None:
        """Commit; a transaction in which nothing was said has not begun."""
        self._is_to_begin = False
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back; most connections come back with nothing to roll back."""
        self._is_to_begin = False
        if self.in_transaction:
            await super().rollback()


async def connect(path: str) -> aiosqlite.Connection:
    """Open a database file, with a thread of its own that does not keep the program alive."""
    connection = NearConnection(
        lambda: sqlite3.connect(path, timeout=PATIENCE_SECONDS, check_same_thread=False), FIRST_ROWS
    )
    connection._thread.daemon = True
    await connection
    try:
        await connection.errand(write_ahead)
    except sqlite3.Error:
        await connection.close()
        raise
    return connection
