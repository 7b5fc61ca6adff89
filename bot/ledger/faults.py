"""What a database's own errors mean to the operator: one sentence, no address and no password."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.ledger.database import LedgerError

NOWHERE = "nothing answers at that host and port"
CAUSES = {
    "InvalidPasswordError": "PostgreSQL refuses the user or the password",
    "InvalidAuthorizationSpecificationError": "PostgreSQL refuses the user or the password",
    "InvalidCatalogNameError": "PostgreSQL has no database of that name",
    "TooManyConnectionsError": "PostgreSQL has no connection left",
    "InsufficientPrivilegeError": "the user may not do that in this database",
    "DiskFullError": "the database's disk is full",
    "ConnectionRefusedError": NOWHERE,
    "ConnectionResetError": NOWHERE,
    "TimeoutError": NOWHERE,
    "gaierror": "the host of the address is not known",
}
"""By the name of the driver's error; what they print may hold an address."""

SQLITE_HINTS = {
    "unable to open database file": "its file cannot be opened: its folder must be there, and "
    "this account must be allowed to write in it",
    "attempt to write a readonly database": "its file may not be written by this account",
    "database or disk is full": "the disk is full",
    "disk I/O error": "its disk does not take what is written: is it full, or failing?",
    "file is not a database": "its file is not an SQLite database",
    "database is locked": "another program has kept it locked for half a minute",
}
CHECK = "check UNDERTOW_DATABASE_URL"


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn what a database raises into a `LedgerError` for the operator."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise LedgerError(f"the ledger cannot be used: {cause_of(error)}; {CHECK}") from error
    except Exception as error:
        # asyncpg raises its own errors, unwrapped, while it connects.
        if not type(error).__module__.startswith("asyncpg"):
            raise
        raise LedgerError(f"the ledger cannot be used: {cause_of(error)}; {CHECK}") from error


def cause_of(error: BaseException) -> str:
    """Say what went wrong, without anything the driver printed that could be a secret.

    >>> cause_of(ConnectionRefusedError(111, "Connect call failed ('10.0.0.7', 5432)"))
    'nothing answers at that host and port'
    """
    for one in _chain(error):
        hint = next((hint for text, hint in SQLITE_HINTS.items() if text in str(one)), None)
        known = CAUSES.get(type(one).__name__) or hint
        if known is not None:
            return known
    if isinstance(error, socket.gaierror):
        return CAUSES["gaierror"]
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return f"the driver says {type(error).__name__}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to what lies under it: the driver's, and what that was raised from."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.orig if isinstance(one, DBAPIError) else None, one.__cause__]
