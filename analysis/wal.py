"""Switch an SQLite file to its write-ahead log, in which readers and one writer do not wait."""

from __future__ import annotations

import sqlite3

PATIENCE_SECONDS = 30.0

SHORT_SECONDS = 0.005
LONG_SECONDS = 0.1


def write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file of an open connection; one that was switched before stays as it is.

    Two that open a new file at the same moment stand in each other's way over the log's first
    line, and SQLite refuses one of them at once, whatever patience it was given; so it is tried
    again here.

    Raises
    ------
    sqlite3.DatabaseError
        If the file cannot be opened, is no database, or stays locked for half a minute.
    """
    import stamina
    from stamina.instrumentation import set_on_retry_hooks

    # Not on a terminal that a note is printed to.
    set_on_retry_hooks(())
    for attempt in stamina.retry_context(
        on=_is_locked,
        attempts=None,
        timeout=PATIENCE_SECONDS,
        wait_initial=SHORT_SECONDS,
        wait_max=LONG_SECONDS,
        wait_jitter=SHORT_SECONDS,
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
