"""Switch an SQLite file to its write-ahead log, in which readers and one writer do not wait."""

from __future__ import annotations

import sqlite3

from analysis.retries import tries

PATIENCE_SECONDS = 30.0

SHORT_SECONDS = 0.005
LONG_SECONDS = 0.1


def write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file of an open connection, unless it was switched before.

    Two that open a new file at the same moment stand in each other's way over the log's first
    line, and SQLite refuses one of them at once, whatever patience it was given; so it is tried
    again here.

    Raises
    ------
    sqlite3.DatabaseError
        If the file cannot be opened, is no database, or stays locked for half a minute.
    """
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return
    for attempt in tries(
        _is_locked,
        attempts=None,
        patience_seconds=PATIENCE_SECONDS,
        first_wait_seconds=SHORT_SECONDS,
        longest_wait_seconds=LONG_SECONDS,
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
