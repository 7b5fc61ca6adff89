"""Everything the desk ever learnt, and when: raw answers, facts, reports; nothing is overwritten.

::

    archive/
      objects/ab/cdef...gz    answers and facts under their own hash
      index.sqlite3           which of them belong to which session, item and time of knowledge
      market/                 the market folder that all facts together make, kept up to date
      derived/                what can be computed again
      cache/                  answers with their hosts' marks

The market folder is facts taken in one after the other, so the folder as it was at any entry
can be made again. Facts that come late are added like any others: the earlier ones stay.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.sources import SourceError
from analysis.sources.index import CHAIN, FACTS, RAW, WAIT_SECONDS, Entry, Index, Part, ReportRow
from analysis.sources.objects import DamagedError, Objects
from analysis.sources.safe_write import write_whole
from analysis.sources.tables import empty, from_bytes, grown, known_paths, to_bytes, to_parquet
from analysis.sources.vendor import Facts, Findings, Item


class ArchiveError(SourceError):
    """The archive cannot be read or written; the message says what to do."""

    exit_code = 1


@contextmanager
def usable(root: Path) -> Iterator[None]:
    """Turn what a disk or a damaged file raises into one sentence.

    Raises
    ------
    ArchiveError
        In place of errors of the system, of SQLite and of damaged objects.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        advice = "see `undertow doctor`; restore the archive from a copy, or name a new folder"
        if _for_want_of_room(error):
            advice = "make room on its disk, or look whether the disk fails, and try again"
        raise ArchiveError("archive", f"{root} cannot be used ({error}); {advice}") from error
    except OSError as error:
        advice = "check the disk's space and the folder's rights"
        told = error.strerror or error
        raise ArchiveError("archive", f"{root} cannot be used ({told}); {advice}") from error
    except DamagedError as error:
        advice = "`undertow archive verify` names every loss; restore the archive from a copy"
        raise ArchiveError("archive", f"{root} is damaged ({error}); {advice}") from error


def _for_want_of_room(error: sqlite3.Error) -> bool:
    """Whether SQLite's index found no room; on some file systems that reads as a failing disk."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


REST = pd.Timedelta(minutes=10)
"""How long an item that was not to be had is left alone, unless the network was at fault."""

STATE = "state.json"
"""Beside the market folder: the number of the last entry it holds."""


@dataclass(frozen=True, slots=True)
class View:
    """The market folder at one moment: where it is, and the last entry it rests on."""

    folder: Path
    upto: int


class Archive:
    """An archive in a folder.

    Parameters
    ----------
    root
        The folder; it is made if it is not there.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.objects = Objects(self.root / "objects")
        self.index = Index(self.root / "index.sqlite3")

    @property
    def cache(self) -> Path:
        """Where clients keep what they may lose."""
        return self.root / "cache"

    def keep(
        self, session: pd.Timestamp, vendor: str, item: Item, found: Findings, known_at: str
    ) -> bool:
        """Keep what an item yielded; return whether it says anything new.

        Objects come first and the entry last, in one transaction: after a crash the item is
        kept whole, or it is not there and is asked for again.
        """
        entry = Entry(
            session=f"{session:%Y-%m-%d}",
            vendor=vendor,
            item=item.key,
            feed=item.feed,
            known_at=known_at,
            as_of=f"{found.as_of:%Y-%m-%d}",
            final=found.final,
            problems=found.problems,
        )
        return self.index.add(entry, self._parts(found))

    def _parts(self, found: Findings) -> list[Part]:
        told = [(RAW, raw) for raw in found.raws] + [(CHAIN, raw) for raw in found.chains]
        parts = [
            Part(
                role=role,
                name=raw.name,
                sha256=self.objects.put(raw.content),
                size=len(raw.content),
                content_type=raw.content_type,
            )
            for role, raw in told
        ]
        for facts in found.facts:
            content = to_parquet(facts.rows)
            parts.append(
                Part(
                    role=FACTS,
                    name=facts.path,
                    sha256=self.objects.put(content),
                    size=len(content),
                    replaces=facts.replaces,
                )
            )
        return parts

    def settled(self, session: pd.Timestamp, now: str) -> frozenset[tuple[str, str]]:
        """Return the vendor and item of what need not be asked for, now.

        What is final, and what was asked for less than `REST` ago and was not to be had yet.
        """
        day = f"{session:%Y-%m-%d}"
        since = f"{pd.Timestamp(now) - REST:%Y-%m-%dT%H:%M:%SZ}"
        latest = self.index.latest(day)
        told = {
            (row["vendor"], row["item"])
            for row in latest
            if row["final"] or row["known_at"] > since
        }
        refused = self.index.refusals(day)
        return frozenset(told | {(row.vendor, row.item) for row in refused if row.known_at > since})

    @contextmanager
    def view(self) -> Iterator[View]:
        """Bring the market folder up to date and hold it still for the length of a `with` block."""
        with self._alone():
            upto = self._bring_up()
            yield View(self.root / "market", upto)

    def _bring_up(self) -> int:
        """Take every entry into the folder that it does not hold yet."""
        folder, state = self.root / "market", self.root / STATE
        done, newest = _state(state, folder), self.index.newest()
        if done is None or done > newest:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            done = 0
        if done < newest or not state.is_file():
            self.fold_into(folder, after=done, upto=newest)
            told = {"upto": newest, "files": _marks(folder)}
            write_whole(state, json.dumps(told).encode())
        return newest

    def fold_into(self, folder: Path, *, after: int = 0, upto: int | None = None) -> None:
        """Take entries into a market folder, one after the other."""
        news: dict[str, list[Facts]] = {}
        for part in self.index.parts(FACTS, after, upto):
            rows = from_bytes(".parquet", self.objects.get(part["sha256"]), part["name"])
            news.setdefault(part["name"], []).append(
                Facts(path=part["name"], rows=rows, replaces=part["replaces"])
            )
        for path, facts in news.items():
            write_whole(folder / path, to_bytes(path, grown(path, read_table(folder, path), facts)))

    def chains(self, upto: int | None = None) -> dict[str, tuple[str, str]]:
        """Return the chains kept: path in the folder to session and hash, the last of each."""
        return {
            part["name"]: (part["session"], part["sha256"])
            for part in self.index.parts(CHAIN, 0, upto)
        }

    def keep_report(
        self, session: str, known_at: str, upto: int, body: dict[str, object]
    ) -> ReportRow | None:
        """Keep a report, unless the session's last one is the same; return it where it is new.

        A report after the first names the one it revises; both stay.
        """
        content_hash = str(body["content_hash"])
        earlier = self.index.reports(session)
        if earlier and earlier[-1].content_hash == content_hash:
            return None
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False)
        row = ReportRow(
            session=session,
            known_at=known_at,
            upto=upto,
            content_hash=content_hash,
            sha256=self.objects.put(text.encode()),
            revises=earlier[-1].content_hash if earlier else "",
        )
        self.index.add_report(row)
        return row

    def report_body(self, row: ReportRow) -> dict[str, object]:
        """Return a kept report."""
        body: dict[str, object] = json.loads(self.objects.get(row.sha256))
        return body

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes and threads out; a process that dies lets go by dying."""
        lock = sqlite3.connect(self.root / "lock.sqlite3", timeout=WAIT_SECONDS)
        try:
            lock.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            lock.rollback()
            lock.close()


class FolderShelf:
    """What a market folder holds, read once a run; and what was asked this evening already."""

    def __init__(self, folder: Path, settled: frozenset[tuple[str, str]] = frozenset()) -> None:
        self._folder = folder
        self._settled = settled
        self._tables: dict[str, pd.DataFrame] = {}
        self._lock = threading.Lock()

    def table(self, path: str) -> pd.DataFrame:
        """Return a file of the folder in its own columns; no rows where there is none."""
        with self._lock:
            if path not in self._tables:
                self._tables[path] = read_table(self._folder, path)
            return self._tables[path]

    def asked(self, vendor: str) -> frozenset[str]:
        """Return the items of a vendor that need not be asked for again this evening."""
        return frozenset(item for name, item in self._settled if name == vendor)


def read_table(folder: Path, path: str) -> pd.DataFrame:
    """Return a file of a market folder in its own columns; no rows where there is none."""
    asked = folder / path
    for candidate in (asked, asked.with_suffix(".parquet"), asked.with_suffix(".csv")):
        if candidate.is_file():
            return from_bytes(candidate.suffix, candidate.read_bytes(), path)
    return empty(path)


def tables_of(folder: Path) -> Sequence[tuple[str, pd.DataFrame]]:
    """Return every table that a market folder holds, by path."""
    found = [(path, read_table(folder, path)) for path in sorted(known_paths())]
    return [(path, rows) for path, rows in found if len(rows)]


def _state(path: Path, folder: Path) -> int | None:
    """Return the last entry the folder holds, None where it is not as it was left.

    A crash in mid-write, a damaged disk or a hand that helped: the folder is made again.
    """
    try:
        told = json.loads(path.read_bytes())
        return int(told["upto"]) if told["files"] == _marks(folder) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _marks(folder: Path) -> dict[str, list[int]]:
    """Return size and time of every file of a folder, by which a change shows."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            about = path.stat()
            found[path.relative_to(folder).as_posix()] = [about.st_size, about.st_mtime_ns]
    return found
