"""The ledger's own way to SQLite: one errand a statement, and nothing lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.ledger.database import open_ledger
from bot.ledger.near_sqlite import FIRST_ROWS

NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
    "SELECT i FROM n"
)


@pytest.mark.parametrize("count", [1, FIRST_ROWS - 1, FIRST_ROWS, FIRST_ROWS + 1, 3 * FIRST_ROWS])
async def test_an_answer_of_any_length_comes_whole(tmp_path: Path, count: int) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.sqlite3"))
    async with ledger.read() as tx:
        whole = (await tx.execute(text(NUMBERS.format(count=count)))).scalars().all()
        pieces = [
            row.i
            async for row in await tx.stream(
                text(NUMBERS.format(count=count)).execution_options(yield_per=100)
            )
        ]
    await ledger.close()

    assert list(whole) == pieces == list(range(1, count + 1))


async def test_what_fails_is_rolled_back_and_told(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.sqlite3"))
    async with ledger.write() as tx:
        await tx.execute(text("CREATE TABLE t (i INTEGER PRIMARY KEY)"))
        await tx.execute(text("INSERT INTO t VALUES (1)"))

    async def fail_halfway() -> None:
        async with ledger.write() as tx:
            await tx.execute(text("INSERT INTO t VALUES (2)"))
            await tx.execute(text("INSERT INTO t VALUES (1)"))

    with pytest.raises(DBAPIError, match="UNIQUE"):
        await fail_halfway()
    async with ledger.read() as tx:
        rows = (await tx.execute(text("SELECT i FROM t"))).scalars().all()
    await ledger.close()

    assert list(rows) == [1]


async def test_a_transaction_without_a_word_leaves_nothing_open(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.sqlite3"))
    async with ledger.read():
        pass
    async with ledger.write() as tx:
        await tx.execute(text("CREATE TABLE t (i INTEGER PRIMARY KEY)"))
    async with ledger.read() as tx:
        count = (await tx.execute(text("SELECT count(*) FROM t"))).scalar_one()
    await ledger.close()

    assert count == 0


async def test_a_reader_sees_one_moment_though_another_writes_meanwhile(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.sqlite3"))
    async with ledger.write() as tx:
        await tx.execute(text("CREATE TABLE t (i INTEGER PRIMARY KEY)"))
    async with ledger.read() as reader:
        before = (await reader.execute(text("SELECT count(*) FROM t"))).scalar_one()
        async with ledger.write() as tx:
            await tx.execute(text("INSERT INTO t VALUES (1)"))
        after = (await reader.execute(text("SELECT count(*) FROM t"))).scalar_one()
    await ledger.close()

    assert before == after == 0
