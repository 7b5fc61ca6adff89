"""A database in trouble is one sentence to the operator, and never its address or password."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.exc import OperationalError

from bot.cli import main
from bot.ledger import LedgerError
from bot.ledger.faults import cause_of, one_sentence

SECRET = "postgresql://desk:geheim@db.example/undertow"  # noqa: S105 - what must not be printed


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (asyncpg.InvalidPasswordError(SECRET), "refuses the user or the password"),
        (asyncpg.InvalidCatalogNameError(SECRET), "has no database of that name"),
        (ConnectionRefusedError(111, SECRET), "nothing answers at that host and port"),
        (OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error")), "disk"),
        (
            OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
            "the disk is full",
        ),
        (OperationalError("INSERT", {}, RuntimeError(SECRET)), "the driver says OperationalError"),
    ],
    ids=["password", "database", "port", "failing disk", "full disk", "something else"],
)
def test_every_trouble_has_its_words_and_no_secret(error: Exception, said: str) -> None:
    with pytest.raises(LedgerError, match="the ledger cannot be used") as refusal, one_sentence():
        raise error

    assert said in str(refusal.value)
    assert "geheim" not in str(refusal.value)


def test_what_lies_under_an_error_is_looked_at_too() -> None:
    outer = RuntimeError("connecting failed")
    outer.__cause__ = asyncpg.InvalidPasswordError(SECRET)

    assert "password" in cause_of(outer)


def test_our_own_defects_are_not_blamed_on_the_database() -> None:
    with pytest.raises(KeyError), one_sentence():
        raise KeyError("a defect")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "cannot be opened"),
        (lambda path: path.write_bytes(b"no database at all " * 500), "not an SQLite database"),
    ],
    ids=["a folder", "another kind of file"],
)
def test_a_path_that_is_no_ledger_is_refused_by_every_command(
    make: object,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "undertow.sqlite3"
    assert callable(make)
    make(path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERTOW_DATABASE_URL", str(path))

    for command in (["deliveries"], ["held"], ["worker"], ["db", "upgrade"], ["serve", "--demo"]):
        assert main(command) == 1, command
        assert said in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERTOW_DATABASE_URL", str(tmp_path / "file" / "ledger.sqlite3"))

    assert main(["deliveries"]) == 1
    assert "cannot be made" in capsys.readouterr().err
