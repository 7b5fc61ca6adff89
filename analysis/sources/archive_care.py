"""An archive as a market folder and back; checked, and cleared of what is no longer needed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.sources.archive import Archive, tables_of
from analysis.sources.chains import BY_NAME, LOOSE
from analysis.sources.index import CHAIN, FACTS, RAW
from analysis.sources.objects import DamagedError
from analysis.sources.safe_write import write_whole
from analysis.sources.vendor import Facts, Findings, Item, Raw

IMPORT = "import"
"""The vendor that imported facts are entered under."""

GZIP_MAGIC = b"\x1f\x8b"

UNDERLYING = f"{BY_NAME}/underlying.csv"
"""Beside Cboe's tables: times and prices of the underlyings, for all sessions in one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import brought in: rows by file, chains, and what was refused."""

    rows: dict[str, int]
    chains: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What a clearing let go."""

    answers: int
    leftovers: int
    freed_bytes: int


def export(archive: Archive, target: Path, upto: int | None = None) -> None:
    """Write an archive as a market folder: what it knew after entry ``upto``, or all it knows."""
    archive.fold_into(target, upto=upto)
    write_chains(archive, target, archive.chains(upto))


def write_chains(archive: Archive, target: Path, chains: dict[str, tuple[str, str]]) -> None:
    """Write chains under their names, compressed where the name says so."""
    for name, (_, sha256) in chains.items():
        content = archive.objects.get(sha256)
        if name.endswith(".gz") and not content.startswith(GZIP_MAGIC):
            content = gzip.compress(content, 6, mtime=0)
        write_whole(target / name, content)


def import_folder(archive: Archive, folder: Path, known_at: str) -> Imported:
    """Take a market folder into an archive, each file as one entry known at ``known_at``.

    A file or chain that cannot be read is named and left out; the others are taken.
    """
    rows: dict[str, int] = {}
    for path, table in tables_of(folder):
        newest = _newest(table)
        found = Findings(as_of=newest, final=True, facts=(Facts(path=path, rows=table),))
        archive.keep(newest, IMPORT, Item(key=path, feed=IMPORT), found, known_at)
        rows[path] = len(table)
    chains = 0
    problems: list[str] = []
    for name, session in _chain_files(folder, problems):
        raw = Raw(name=name, content=(folder / name).read_bytes())
        found = Findings(as_of=session, final=True, chains=(raw,))
        archive.keep(session, IMPORT, Item(key=name, feed=IMPORT), found, known_at)
        chains += name != UNDERLYING
    return Imported(rows=rows, chains=chains, problems=tuple(problems))


def _newest(table: pd.DataFrame) -> pd.Timestamp:
    """Return the newest day in a table's first column of days, the first of 1970 without any."""
    days = table.select_dtypes("datetime").iloc[:, :1].max()
    return pd.Timestamp("1970-01-01") if days.empty or days.isna().all() else days.iloc[0]


def _chain_files(folder: Path, problems: list[str]) -> Iterator[tuple[str, pd.Timestamp]]:
    """Return the chain files that can be read, each with the session it holds."""
    from analysis.options.chain import ChainError, read_chain

    if (folder / UNDERLYING).is_file():
        yield UNDERLYING, pd.Timestamp("1970-01-01")
    named = [path for path in (folder / BY_NAME).glob("*/*.csv*") if path.is_file()]
    loose = [path for place in LOOSE for path in (folder / place).glob("*") if path.is_file()]
    for path in sorted(named) + sorted(loose):
        name = path.relative_to(folder).as_posix()
        try:
            chain = read_chain(path)
        except ChainError as error:
            problems.append(f"{name}: {error}")
            continue
        if path in named and path.name.partition(".")[0] != str(chain.session):
            problems.append(f"{name}: it holds the session of {chain.session}")
            continue
        yield name, pd.Timestamp(chain.session)


def verify(archive: Archive) -> list[str]:
    """Return what is wrong with an archive, nothing where it is whole.

    Every object is unpacked and hashed anew, and every part of an entry must have its object
    unless it was pruned. Leftovers of a crash are no damage.
    """
    problems = [f"index: {problem}" for problem in archive.index.damage()]
    needed = [part for role in (RAW, FACTS, CHAIN) for part in archive.index.parts(role)]
    wanted = {part["sha256"]: part["name"] for part in needed if not part["pruned"]}
    wanted |= {row.sha256: f"report of {row.session}" for row in archive.index.reports()}
    for sha256, name in wanted.items():
        try:
            archive.objects.get(sha256)
        except DamagedError as error:
            problems.append(f"{name}: {error}")
    return problems


def prune(archive: Archive, before: pd.Timestamp) -> Pruned:
    """Let go of raw answers of sessions before a day, and of what crashes left behind.

    Facts, chains and reports stay, so every report can still be made again.
    """
    kept: set[str] = {row.sha256 for row in archive.index.reports()}
    raws = archive.index.parts(RAW)
    old = {part["sha256"] for part in raws if part["session"] < f"{before:%Y-%m-%d}"}
    kept |= {part["sha256"] for part in raws if part["sha256"] not in old}
    kept |= {part["sha256"] for role in (FACTS, CHAIN) for part in archive.index.parts(role)}
    going = sorted(old - kept)
    archive.index.mark_pruned(going)
    strays = [name for name in archive.objects.names() if name not in kept | old]
    freed = sum(archive.objects.remove(name) for name in [*going, *strays])
    drafts = list(archive.objects.drafts())
    for draft in drafts:
        freed += draft.stat().st_size
        draft.unlink(missing_ok=True)
    return Pruned(answers=len(going), leftovers=len(strays) + len(drafts), freed_bytes=freed)
