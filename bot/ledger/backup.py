"""Keep a copy of the ledger, taken while it is in use, and put one back.

An SQLite ledger is copied as a file. A PostgreSQL ledger, or any ledger that is to move to
the other database, is written as a portable dump: gzipped lines of JSON, one row each, read in
one snapshot.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ledger.database import Ledger, LedgerError, Transaction
from bot.ledger.faults import cause_of
from bot.ledger.migrate import current_revision, known_revisions, newest_revision, upgrade
from bot.ledger.runs import begin_anew
from bot.ledger.schema import metadata
from bot.ledger.settling import doubt_all_unsettled

FORMAT = "undertow-ledger"
FORMAT_VERSION = 1
ROWS_AT_ONCE = 500
PORTABLE_SUFFIX = ".gz"
NEW_YORK = ZoneInfo("America/New_York")
EARLIEST_CLOSE = time(13, 0)
SQLITE_MAGIC = b"SQLite format 3\x00"


class BackupError(LedgerError):
    """A copy could not be taken, or must not be put back."""


async def backup(ledger: Ledger, target: Path) -> Path:
    """Copy the ledger to ``target`` while others go on using it.

    Parameters
    ----------
    ledger
        On SQLite or PostgreSQL.
    target
        The file to write. It appears whole or not at all. A name that ends in ``.gz`` makes
        the portable dump of an SQLite ledger too.

    Raises
    ------
    BackupError
        If the ledger's tables are not of this program's version, or the copy cannot be written;
        nothing of it is left then.
    """
    if await current_revision(ledger) != newest_revision():
        raise BackupError("the ledger is not of this program's version; run `undertow db upgrade`")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        await _write_copy(ledger, target, unfinished)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise BackupError(
            f"no copy was made at {target}: {cause_of(error)}; name a file where there is room "
            "and this account may write"
        ) from error
    return target


async def _write_copy(ledger: Ledger, target: Path, unfinished: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if ledger.is_sqlite and target.suffix != PORTABLE_SUFFIX:
        _copy_sqlite(_path(ledger), unfinished)
    else:
        await _dump(ledger, unfinished)
    _sync(unfinished)
    unfinished.replace(target)


async def restore(ledger: Ledger, source: Path, now: datetime) -> None:
    """Put a copy back in place of everything in the ledger.

    Stop the desk first: what it writes meanwhile is lost. The copy does not know what was sent
    after it was made, so what waits in it is put in doubt, and sessions that may have been
    published since are left to the operator.

    Raises
    ------
    BackupError
        If the file is no copy of a ledger, is damaged, or is of another version; the ledger is
        then as it was.
    """
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    with source.open("rb") as file:
        is_sqlite_copy = file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    if not is_sqlite_copy:
        await upgrade(ledger)
        await _load(ledger, source, now)
    elif ledger.is_sqlite:
        _check_sqlite(source)
        await ledger.close()
        _copy_sqlite(source, _path(ledger))
        await upgrade(ledger)
        async with ledger.write() as tx:
            await _forget_certainty(tx, now)
    else:
        raise BackupError(
            f"{source} is a copy of an SQLite file; "
            "for PostgreSQL make one whose name ends in .jsonl.gz"
        )


def _path(ledger: Ledger) -> Path:
    return Path(ledger.engine.url.database or "")


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        # A thousand pages at a time lets the desk write in between.
        old.backup(new, pages=1_000)


def _check_sqlite(source: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            revisions = copy.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} is not a copy of a ledger: {error}") from error
    if verdict != "ok":
        raise BackupError(f"{source} is damaged: {verdict}")
    found = ", ".join(str(revision) for (revision,) in revisions) or "none"
    if found not in known_revisions():
        raise BackupError(
            f"{source} is at revision {found}, this program knows {', '.join(known_revisions())}; "
            "install the program the copy was made by"
        )


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


async def _dump(ledger: Ledger, target: Path) -> None:
    header = {"format": FORMAT, "version": FORMAT_VERSION, "revision": newest_revision()}
    async with ledger.read() as tx:
        await _hold_snapshot(tx)
        with gzip.open(target, "wt", encoding="utf-8") as file:
            file.write(json.dumps(header) + "\n")
            counts = {t.name: await _dump_table(tx, t, file) for t in metadata.sorted_tables}
            file.write(json.dumps({"end": counts}) + "\n")


async def _hold_snapshot(tx: Transaction) -> None:
    if tx.dialect.name == "postgresql":
        await tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


async def _dump_table(tx: AsyncConnection, table: Table, file: TextIO) -> int:
    count = 0
    query = select(table).order_by(*table.primary_key)
    async with tx.stream(query.execution_options(yield_per=ROWS_AT_ONCE)) as rows:
        async for row in rows.mappings():
            plain = {name: _plain(value) for name, value in row.items()}
            file.write(json.dumps({"table": table.name, "row": plain}) + "\n")
            count += 1
    return count


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, datetime | date | time) else value


async def _forget_certainty(tx: Transaction, now: datetime) -> None:
    await doubt_all_unsettled(tx, now, "restored from a copy: it may have been sent since")
    # Before the earliest close there is, the day's note cannot have been published yet.
    local = now.astimezone(NEW_YORK)
    is_before_the_close = local.time() < EARLIEST_CLOSE
    day = local.date() if is_before_the_close else local.date() + timedelta(days=1)
    await begin_anew(tx, day, "restore", now)


async def _load(ledger: Ledger, source: Path, now: datetime) -> None:
    async with ledger.write() as tx:
        for table in reversed(metadata.sorted_tables):
            await tx.execute(table.delete())
        try:
            await _load_rows(tx, _lines(source))
        except (OSError, EOFError, ValueError, KeyError) as error:
            raise BackupError(f"{source} cannot be read as a ledger dump: {error}") from error
        await _reset_counters(tx)
        await _forget_certainty(tx, now)


def _lines(source: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(source, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


async def _load_rows(tx: Transaction, lines: Iterator[dict[str, Any]]) -> None:
    header = next(lines, {})
    wanted = {"format": FORMAT, "version": FORMAT_VERSION, "revision": newest_revision()}
    if header != wanted:
        raise ValueError(f"it begins with {header}, not with {wanted}")
    counts: dict[str, int] = {table.name: 0 for table in metadata.sorted_tables}
    waiting: list[dict[str, object]] = []
    current = ""
    for line in lines:
        is_end = "end" in line
        if waiting and (is_end or line["table"] != current or len(waiting) >= ROWS_AT_ONCE):
            await tx.execute(insert(metadata.tables[current]), waiting)
            waiting = []
        if is_end:
            return _check_counts(counts, line["end"])
        current = line["table"]
        waiting.append(_typed(metadata.tables[current], line["row"]))
        counts[current] += 1
    raise ValueError("it ends in the middle")


def _check_counts(found: dict[str, int], expected: dict[str, int]) -> None:
    if found != expected:
        raise ValueError(f"it holds {found} rows and says {expected}")


def _typed(table: Table, row: dict[str, Any]) -> dict[str, object]:
    return {name: _value(table, name, value) for name, value in row.items()}


def _value(table: Table, name: str, value: object) -> object:
    kind = table.c[name].type.python_type
    if not isinstance(value, str):
        return value
    if kind is bytes:
        return base64.b64decode(value)
    return kind.fromisoformat(value) if kind in (datetime, date, time) else value


async def _reset_counters(tx: Transaction) -> None:
    if tx.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" in table.c:
            last = (await tx.execute(select(func.max(table.c.id)))).scalar_one()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            await tx.execute(select(func.setval(sequence, last or 1, last is not None)))
