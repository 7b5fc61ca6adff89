"""Several processes open one new file at the same moment, and none is turned away."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from analysis.wal import write_ahead

ROUNDS, DESKS = 60, 3
"""Without trying again about one opening in ten was refused, so sixty rounds show it surely."""


def first_words(file: Path, start: Barrier, desk: int) -> None:
    start.wait()
    connection = sqlite3.connect(file, timeout=30)
    write_ahead(connection)
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS said (desk INTEGER)")
        connection.execute("INSERT INTO said VALUES (?)", [desk])
    connection.close()


def test_desks_that_open_a_new_file_together_all_write_to_it(tmp_path: Path) -> None:
    start = Barrier(DESKS)
    with ThreadPoolExecutor(DESKS) as desks:
        for round_ in range(ROUNDS):
            file = tmp_path / f"{round_}.sqlite3"
            for opening in [desks.submit(first_words, file, start, n) for n in range(DESKS)]:
                opening.result()

    written = [sqlite3.connect(file) for file in tmp_path.glob("*.sqlite3")]
    said = [one.execute("SELECT desk FROM said ORDER BY desk").fetchall() for one in written]
    modes = {one.execute("PRAGMA journal_mode").fetchone()[0] for one in written}
    for one in written:
        one.close()
    assert (said, modes) == ([[(0,), (1,), (2,)]] * ROUNDS, {"wal"})


def test_a_file_that_is_no_database_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader, this is no database.\n" * 40)

    with (
        closing(sqlite3.connect(tmp_path / "letter.txt")) as connection,
        pytest.raises(sqlite3.DatabaseError, match="not a database"),
    ):
        write_ahead(connection)
