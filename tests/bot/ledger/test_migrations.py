"""The tables on disk are those the program talks about, on the way up and on the way down."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from bot.ledger import Ledger, LedgerError
from bot.ledger.database import ledger_url, open_ledger
from bot.ledger.migrate import (
    WrongRevisionError,
    check_revision,
    current_revision,
    downgrade,
    newest_revision,
    upgrade,
)
from bot.ledger.schema import metadata


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return list(compare_metadata(context, metadata))


def table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_the_migrations_build_exactly_the_tables_in_use(empty_ledger: Ledger) -> None:
    await upgrade(empty_ledger)

    async with empty_ledger.read() as tx:
        assert await tx.run_sync(differences) == []
        assert await tx.run_sync(table_names) == set(metadata.tables)


async def test_every_step_can_be_taken_back_and_forth(empty_ledger: Ledger) -> None:
    await upgrade(empty_ledger)
    await downgrade(empty_ledger, "0001")
    async with empty_ledger.read() as tx:
        after_one_step = await tx.run_sync(table_names)
    await downgrade(empty_ledger, "base")
    async with empty_ledger.read() as tx:
        after_all = await tx.run_sync(table_names)
    await upgrade(empty_ledger)

    assert {"subscribers", "guilds"} <= after_one_step
    assert "deliveries" not in after_one_step
    assert after_all == set()
    assert await current_revision(empty_ledger) == newest_revision()


async def test_two_processes_that_start_together_build_the_tables_once(
    empty_ledger: Ledger,
) -> None:
    other = open_ledger(empty_ledger.engine.url.render_as_string(hide_password=False))

    await asyncio.gather(upgrade(empty_ledger), upgrade(other))

    await check_revision(other)
    await other.close()


async def test_an_empty_database_is_refused_with_what_to_do(empty_ledger: Ledger) -> None:
    with pytest.raises(WrongRevisionError, match="undertow db upgrade"):
        await check_revision(empty_ledger)


async def test_a_ledger_of_a_newer_program_is_left_alone(ledger: Ledger) -> None:
    async with ledger.write() as tx:
        await tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(WrongRevisionError, match="install the program"):
        await upgrade(ledger)


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("var/undertow.sqlite3", "sqlite+aiosqlite"),
        ("sqlite:///var/undertow.sqlite3", "sqlite+aiosqlite"),
        ("postgresql://desk:geheim@db/undertow", "postgresql+asyncpg"),
        ("postgresql+psycopg://desk@db/undertow", "postgresql+asyncpg"),
        ("postgres://desk@db/undertow?sslmode=require", "postgresql+asyncpg"),
    ],
)
def test_an_operator_names_a_file_or_a_server(address: str, driver: str) -> None:
    assert ledger_url(address).drivername == driver


@pytest.mark.parametrize(
    "address",
    [
        "mysql://root:geheim@db/x",
        "nonsense://geheim@[",
        "postgresql://desk:geheim/undertow",
        "postgresql://desk:geheim@db:geheim/undertow",
        "postgresql://desk:geheim@db/undertow?channel_binding=geheim",
    ],
)
def test_another_database_is_refused_without_repeating_the_password(address: str) -> None:
    with pytest.raises(
        LedgerError, match=r"SQLite or PostgreSQL|write a path|take it out"
    ) as refusal:
        ledger_url(address)

    assert "geheim" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_without_the_extra_postgresql_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.ledger.database.find_spec", lambda _name: None)

    with pytest.raises(LedgerError, match=r"needs the extra `postgres`: pip install"):
        open_ledger("postgresql://desk@db/undertow")


def test_what_every_provider_writes_behind_the_question_mark_reaches_the_driver() -> None:
    ledger = open_ledger("postgresql://desk:geheim@db/undertow?sslmode=require")

    _, asked = ledger.engine.dialect.create_connect_args(ledger.engine.url)

    assert (asked["ssl"], asked["host"], "sslmode" in asked) == ("require", "db", False)
