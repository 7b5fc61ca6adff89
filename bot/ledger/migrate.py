"""Bring the ledger's tables to the version of the program, or back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from bot.ledger.database import Ledger, LedgerError

MIGRATIONS = Path(__file__).parent.parent / "migrations"

UPGRADE_LOCK = 7_310_014
"""Any number, the same everywhere: who holds it on PostgreSQL may change tables."""


class WrongRevisionError(LedgerError):
    """The tables are not those this program knows."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Return the revision this program expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise WrongRevisionError(f"no migrations in {MIGRATIONS}; the installation is broken")
    return head


def known_revisions() -> list[str]:
    """Return the revisions this program can bring up to date, oldest first."""
    walked = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in walked][::-1]


async def current_revision(ledger: Ledger) -> str | None:
    """Return the revision the tables are at, or nothing for an empty database."""
    async with ledger.read() as tx:
        return await tx.run_sync(_revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def check_revision(ledger: Ledger) -> None:
    """Refuse tables of another version.

    Raises
    ------
    WrongRevisionError
        With what to do about it.
    """
    found, expected = await current_revision(ledger), newest_revision()
    if found != expected:
        raise WrongRevisionError(
            f"the ledger is at revision {found or 'none'}, this program needs {expected}; "
            "run `undertow db upgrade`, or install the program the ledger was written by"
        )


async def upgrade(ledger: Ledger, revision: str = "head") -> None:
    """Create or change the tables. Two processes that start together take turns."""
    await _migrate(ledger, command.upgrade, revision)


async def downgrade(ledger: Ledger, revision: str) -> None:
    """Go back to a revision; ``base`` drops every table and all it holds."""
    await _migrate(ledger, command.downgrade, revision)


async def _migrate(ledger: Ledger, step: Callable[[Config, str], None], revision: str) -> None:
    def run(connection: Connection) -> None:
        if not ledger.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        try:
            step(_config(connection), revision)
        except CommandError as error:
            raise WrongRevisionError(
                f"the ledger cannot be brought to {revision}: {error}; "
                "install the program the ledger was written by"
            ) from error

    async with ledger.write() as tx:
        await tx.run_sync(run)
