"""One file of a market folder: what it should hold, and what of it can be used.

Nothing is judged before rows after the session are gone: a mistake of next week must
not change what is said of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from analysis.market import SourceNote
from analysis.sources import guard
from analysis.sources.folder import columns
from analysis.sources.folder.columns import Mask
from analysis.sources.folder.errors import TableError
from analysis.sources.folder.panels import places


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a file should hold: the desk's column names, and the file's own.

    ``key`` names the columns that tell rows apart, ``optional`` those a file may lack.
    A file that is not ``dated`` is a reference list, the same on every session.
    ``stale_days`` is the age of the newest row past which the file is no longer fresh
    [calendar days].
    """

    path: str
    stale_days: int
    key: tuple[str, ...]
    dates: Mapping[str, str] = field(default_factory=lambda: {"date": "date"})
    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    dated: bool = True

    @property
    def columns(self) -> dict[str, str]:
        """Every column: the desk's name and the file's."""
        return {**self.dates, **self.texts, **self.numbers}

    def empty(self) -> pd.DataFrame:
        """Return no rows, with every column of its kind."""
        kinds = {
            **dict.fromkeys(self.dates, "datetime64[us]"),
            **dict.fromkeys(self.texts, "category"),
            **dict.fromkeys(self.numbers, "float64"),
        }
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A file as it lies there, typed but not yet judged."""

    name: str
    rows: pd.DataFrame
    unreadable: Sequence[Mask]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The usable rows of a file by a session, and what was wrong with the others."""

    name: str
    rows: pd.DataFrame
    stale_days: int
    problems: tuple[str, ...] = ()

    def but(self, problem: str) -> Table:
        """Return the table with one more thing said of it."""
        return replace(self, problems=(*self.problems, problem))

    def without(self, bad: Mask, why: str = "") -> Table:
        """Return the table without the ``bad`` rows; ``why`` completes "3 rows ..."."""
        if not bad.any():
            return self
        kept = replace(self, rows=self.rows[~bad])
        return kept.but(f"{counted(int(bad.sum()), 'row')} {why}") if why else kept

    def blanked(self, name: str, bad: Mask, why: str) -> Table:
        """Return the table with the ``bad`` values of a column missing."""
        if not bad.any():
            return self
        rows = self.rows.assign(**{name: self.rows[name].mask(bad)})
        return replace(self, rows=rows).but(f"{counted(int(bad.sum()), 'value')} {why}")

    def on_sessions(self, sessions: pd.DatetimeIndex) -> Table:
        """Return the rows of the sessions, each with its place ``at`` among them.

        Rows from before the first go unmentioned, rows of holidays are counted.
        """
        placed = replace(self, rows=self.rows.assign(at=places(self.rows["date"], sessions)))
        within = placed.without((placed.rows["date"] < sessions[0]).to_numpy())
        closed = (within.rows["at"] < 0).to_numpy()
        return within.without(closed, "on days without a session dropped")

    def note(self, as_of: pd.Timestamp | None) -> SourceNote:
        """Return how the file stood, ``as_of`` the newest row known; none of an empty file."""
        return SourceNote(
            name=self.name,
            as_of=None if self.rows.empty else as_of,
            stale_days=self.stale_days,
            problem="; ".join(self.problems),
        )


def newest(rows: pd.DataFrame, until: pd.Timestamp | None = None) -> pd.Timestamp | None:
    """Return the newest date of the rows, none where there are no rows by ``until``."""
    dates = rows["date"] if until is None else rows["date"][rows["date"] <= until]
    return None if dates.empty else pd.Timestamp(dates.max())


def counted(n: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "row"), counted(3412, "row")
    ('1 row', '3,412 rows')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def read(folder: Path, layout: Layout, until: pd.Timestamp) -> Table:
    """Return what a file of the folder knew by the evening of ``until``.

    A file that is absent, damaged, short of a column or at odds with itself yields no
    rows and a problem that says so.
    """
    try:
        return judge(load(folder, layout), layout, until)
    except TableError as error:
        return Table(
            name=error.source,
            rows=layout.empty(),
            stale_days=layout.stale_days,
            problems=(error.problem,),
        )


def load(folder: Path, layout: Layout) -> Loaded:
    """Read a file's columns, each as its kind.

    Raises
    ------
    TableError
        If the file is not there, cannot be read, or lacks a column it must have.
    """
    path = _find(folder, layout.path)
    name = path.relative_to(folder).as_posix()
    raw = columns.read_columns(path, name, list(layout.columns.values()))
    absent = [own for own, theirs in layout.columns.items() if theirs not in raw.column_names]
    fatal = [layout.columns[own] for own in absent if own not in layout.optional]
    if fatal:
        raise TableError(name, f"the column {fatal[0]!r} is missing")
    typed, unreadable = _typed(raw, layout)
    return Loaded(
        name=name,
        rows=typed,
        unreadable=unreadable,
        problems=tuple(f"the column {layout.columns[own]!r} is missing" for own in absent),
    )


def _typed(raw: pa.Table, layout: Layout) -> tuple[pd.DataFrame, list[Mask]]:
    """Return the columns by the desk's names, and where numbers could not be read."""
    filled: dict[str, object] = {}
    unreadable = []
    for own, theirs in layout.columns.items():
        if theirs not in raw.column_names:
            filled[own] = layout.empty()[own].reindex(range(raw.num_rows))
        elif own in layout.dates:
            filled[own] = columns.dates(raw.column(theirs))
        elif own in layout.texts:
            filled[own] = columns.texts(raw.column(theirs))
        else:
            filled[own], wrong = columns.numbers(raw.column(theirs))
            unreadable.append(wrong)
    return pd.DataFrame(filled, copy=False), unreadable


def judge(loaded: Loaded, layout: Layout, until: pd.Timestamp) -> Table:
    """Return the rows known by the evening of ``until``, and say what was wrong with them.

    Raises
    ------
    TableError
        If two of those rows contradict each other.
    """
    unnamed = loaded.rows[list(layout.key)].isna().any(axis="columns").to_numpy()
    past = (loaded.rows["date"] <= until).to_numpy() if layout.dated else ~unnamed
    kept = past & ~unnamed
    table = Table(
        name=loaded.name,
        rows=loaded.rows if kept.all() else loaded.rows[kept],
        stale_days=layout.stale_days,
        problems=loaded.problems,
    )
    if table.rows.empty:
        table = table.but("no rows by this session")
    if unnamed.any():
        rows = counted(int(unnamed.sum()), "row")
        table = table.but(f"{rows} without a readable {' or '.join(layout.key)} dropped")
    text = sum(int((wrong & kept).sum()) for wrong in loaded.unreadable)
    if text:
        table = table.but(f"{counted(text, 'value')} not readable as a number")
    return _ordered(table, layout)


def _ordered(table: Table, layout: Layout) -> Table:
    """Sort by symbol and then by date, and drop what is said twice.

    Most files lie in that order, and a strict order leaves nothing to do.
    """
    key = list(layout.key)
    if guard.in_order(table.rows, key):
        return table
    try:
        table = table.without(guard.repeats(table.rows, key), "repeated and dropped")
    except guard.ConflictError as error:
        row = table.rows.iloc[error.row]
        which = " ".join(str(row[name]).removesuffix(" 00:00:00") for name in key[::-1])
        problem = f"rows contradict each other ({which}), so none of the file is used"
        raise TableError(table.name, problem) from error
    return replace(table, rows=table.rows.sort_values(key[::-1], ignore_index=True))


def _find(folder: Path, path: str) -> Path:
    """Return the file, whether it is kept as Parquet or as CSV."""
    asked = folder / path
    for candidate in (asked, asked.with_suffix(".parquet"), asked.with_suffix(".csv")):
        if candidate.is_file():
            return candidate
    raise TableError(path, "not in this folder")
