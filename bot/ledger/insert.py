"""Write a row unless it stands already, in the one way both databases understand."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.ledger.database import Transaction


def insert_into(tx: Transaction, table: Table) -> SqliteInsert | PostgresInsert:
    """Return an insert that has ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return sqlite_insert(table) if tx.dialect.name == "sqlite" else postgres_insert(table)
