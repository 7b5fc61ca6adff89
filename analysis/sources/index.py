"""What was learnt, of which session, and when: the archive's index in one SQLite file.

An entry is one item of one vendor, written in one transaction with all its parts, so it is
there whole or not at all. Entries are only ever added; their numbers are the order of
learning, and a report names the last one it rests on.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.wal import write_ahead

WAIT_SECONDS = 60.0
"""How long one writer waits for another."""

RAW, FACTS, CHAIN = "raw", "facts", "chain"

SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    vendor TEXT NOT NULL,
    item TEXT NOT NULL,
    feed TEXT NOT NULL,
    known_at TEXT NOT NULL,
    as_of TEXT NOT NULL,
    final INTEGER NOT NULL,
    digest TEXT NOT NULL,
    problems TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entry_item ON entry (session, vendor, item);
CREATE TABLE IF NOT EXISTS part (
    entry INTEGER NOT NULL REFERENCES entry (id),
    place INTEGER NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    replaces TEXT NOT NULL,
    pruned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (entry, place)
);
CREATE TABLE IF NOT EXISTS refusal (
    session TEXT NOT NULL,
    vendor TEXT NOT NULL,
    item TEXT NOT NULL,
    feed TEXT NOT NULL,
    known_at TEXT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (session, vendor, item)
);
CREATE TABLE IF NOT EXISTS report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    known_at TEXT NOT NULL,
    upto INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    revises TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One object of an entry; ``replaces`` names symbols whose earlier rows it withdraws."""

    role: str
    name: str
    sha256: str
    size: int
    content_type: str = ""
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item learnt: session and time of knowledge, and what it says of itself."""

    session: str
    vendor: str
    item: str
    feed: str
    known_at: str
    as_of: str
    final: bool
    problems: tuple[str, ...] = ()

    def digest(self, parts: Sequence[Part]) -> str:
        """Return a hash of all that was learnt, the time aside."""
        told = [self.as_of, self.final, self.problems, [asdict(part) for part in parts]]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An item a vendor did not give, for a reason that does not pass in a moment."""

    session: str
    vendor: str
    item: str
    feed: str
    known_at: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A report made from the archive: its hash, and the last entry it rests on."""

    session: str
    known_at: str
    upto: int
    content_hash: str
    sha256: str
    revises: str = ""
    """The hash of the report it corrects, "" for a session's first."""


class Index:
    """The index in its file; safe for several processes and threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as db:
            db.executescript(SCHEMA)

    def add(self, entry: Entry, parts: Sequence[Part]) -> bool:
        """Add an entry unless the last one of its item says the same; return whether it was new."""
        digest = entry.digest(parts)
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            last = db.execute(
                "SELECT digest FROM entry WHERE session = ? AND vendor = ? AND item = ? "
                "ORDER BY id DESC LIMIT 1",
                (entry.session, entry.vendor, entry.item),
            ).fetchone()
            db.execute(
                "DELETE FROM refusal WHERE session = ? AND vendor = ? AND item = ?",
                (entry.session, entry.vendor, entry.item),
            )
            if last is not None and last["digest"] == digest:
                return False
            values = {**asdict(entry), "problems": json.dumps(entry.problems), "digest": digest}
            number = db.execute(
                "INSERT INTO entry (session, vendor, item, feed, known_at, as_of, final, digest, "
                "problems) VALUES (:session, :vendor, :item, :feed, :known_at, :as_of, :final, "
                ":digest, :problems)",
                values,
            ).lastrowid
            db.executemany(
                "INSERT INTO part (entry, place, role, name, sha256, size, content_type, replaces) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(number, place, *_columns(part)) for place, part in enumerate(parts)],
            )
        return True

    def refuse(self, refusal: Refusal) -> None:
        """Note that an item was refused, in place of an earlier refusal."""
        with self._open() as db:
            db.execute(
                "INSERT OR REPLACE INTO refusal (session, vendor, item, feed, known_at, problem) "
                "VALUES (:session, :vendor, :item, :feed, :known_at, :problem)",
                asdict(refusal),
            )

    def refusals(self, session: str) -> list[Refusal]:
        """Return what was refused of a session and has not come since."""
        with self._open() as db:
            rows = db.execute(
                "SELECT * FROM refusal WHERE session = ? ORDER BY vendor, item", (session,)
            ).fetchall()
        return [Refusal(**dict(row)) for row in rows]

    def newest(self) -> int:
        """Return the number of the last entry, 0 where there is none."""
        with self._open() as db:
            return int(db.execute("SELECT COALESCE(MAX(id), 0) FROM entry").fetchone()[0])

    def newest_item(self) -> tuple[str, str, str] | None:
        """Return session, vendor and item of the last entry, None where there is none."""
        with self._open() as db:
            row = db.execute(
                "SELECT session, vendor, item FROM entry ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if row is None else (row["session"], row["vendor"], row["item"])

    def parts(self, role: str, after: int = 0, upto: int | None = None) -> list[dict[str, Any]]:
        """Return the parts of a kind in the order of learning, with their entry's session."""
        with self._open() as db:
            rows = db.execute(
                "SELECT part.*, entry.session FROM part JOIN entry ON entry.id = part.entry "
                "WHERE role = ? AND entry.id > ? AND entry.id <= ? ORDER BY entry.id, place",
                (role, after, self._limit(upto)),
            ).fetchall()
        return [{**row, "replaces": tuple(json.loads(row["replaces"]))} for row in map(dict, rows)]

    def entries(self, session: str | None = None) -> list[dict[str, Any]]:
        """Return entries in order, of one session or of all, with the room their parts take."""
        where = "" if session is None else "WHERE session = :session"
        with self._open() as db:
            rows = db.execute(
                "SELECT entry.*, COUNT(part.place) AS parts, COALESCE(SUM(size), 0) AS size "  # noqa: S608
                f"FROM entry LEFT JOIN part ON part.entry = entry.id {where} "
                "GROUP BY entry.id ORDER BY entry.id",
                {"session": session},
            ).fetchall()
        return [{**row, "problems": tuple(json.loads(row["problems"]))} for row in map(dict, rows)]

    def latest(self, session: str) -> list[dict[str, Any]]:
        """Return the last entry of each item of a session."""
        last = {(row["vendor"], row["item"]): row for row in self.entries(session)}
        return list(last.values())

    def newest_by_feed(self, session: str) -> dict[str, str]:
        """Return, for each feed, the newest day its facts speak of by the session."""
        with self._open() as db:
            rows = db.execute(
                "SELECT feed, MAX(as_of) AS as_of FROM entry WHERE session <= ? AND as_of <= ? "
                "GROUP BY feed",
                (session, session),
            ).fetchall()
        return {row["feed"]: row["as_of"] for row in rows}

    def add_report(self, report: ReportRow) -> None:
        """Add a report that was made."""
        with self._open() as db:
            db.execute(
                "INSERT INTO report (session, known_at, upto, content_hash, sha256, revises) "
                "VALUES (:session, :known_at, :upto, :content_hash, :sha256, :revises)",
                asdict(report),
            )

    def reports(self, session: str | None = None) -> list[ReportRow]:
        """Return the reports made, in order, of one session or of all."""
        with self._open() as db:
            rows = db.execute("SELECT * FROM report ORDER BY id").fetchall()
        found = [ReportRow(**{k: row[k] for k in row.keys() if k != "id"}) for row in rows]  # noqa: SIM118
        return [row for row in found if session is None or row.session == session]

    def mark_pruned(self, names: Sequence[str]) -> None:
        """Note that raw answers were let go."""
        with self._open() as db:
            db.executemany(
                "UPDATE part SET pruned = 1 WHERE sha256 = ?", [(name,) for name in names]
            )

    def damage(self) -> list[str]:
        """Return what SQLite finds wrong with the file."""
        with self._open() as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check").fetchall()]
        return [] if found == ["ok"] else found

    def _limit(self, upto: int | None) -> int:
        return 2**62 if upto is None else upto

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction, made durable at its end."""
        db = sqlite3.connect(self._path, timeout=WAIT_SECONDS)
        try:
            db.row_factory = sqlite3.Row
            write_ahead(db)
            db.execute("PRAGMA synchronous = FULL")
            with db:
                yield db
        finally:
            db.close()


def _columns(part: Part) -> tuple[object, ...]:
    texts = (part.role, part.name, part.sha256)
    return (*texts, part.size, part.content_type, json.dumps(part.replaces))
