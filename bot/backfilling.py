"""What `undertow backfill` does: every driver on every session, into one Parquet file.

Finished years are kept in a file beside the one that was asked for, so that a run that is
stopped goes on where it was, and a later run adds the new sessions. What was kept counts
only while the market it was made from and the method are the same: the file bears their
fingerprint.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import BadArgumentError, DeskError
from bot.executors import open_executor

if TYPE_CHECKING:
    import pandas as pd

    from analysis.market import Market

CLUSTER_SPANS = 4
"""Stretches of time that a cluster is given: each measures its own past again."""

FINGERPRINT, THROUGH = "undertow.fingerprint", "undertow.through"
"""Keys of the file's metadata: what it was made from, and the last session of that market."""

Tick = Callable[[int, int], None]


def fill(market: Market, first: str, last: str, out: Path, workers: str | None = None) -> str:
    """Fill ``out`` with the sessions from ``first`` to ``last`` and say what was done.

    Raises
    ------
    BadArgumentError
        A date cannot be meant, the two are in the wrong order, or no session lies between.
    DeskError
        The file cannot be written.
    """
    from analysis.backfill import joined, sessions_to_fill

    start, end = (_day(first, "--from", market), _day(last, "--to", market))
    if start > end:
        raise BadArgumentError(f"--from {first} lies after --to {last}; turn the two around")
    market = market.until(end)
    rows = sessions_to_fill(market, start, end)
    if not len(rows):
        raise BadArgumentError(f"no session with a return of the index from {first} to {last}")
    store = _Store(out, market)
    store.refuse_to_lose(rows)
    kept = store.kept()
    missing = rows[~rows.isin(kept["session"])]
    tables = [kept]
    with _progress(len(missing)) as tick:
        for table in _computed(market, missing, workers, tick):
            tables.append(table)
            store.keep(joined(tables))
    store.finish(joined(tables))
    return f"{len(rows)} sessions in {out}, {len(rows) - len(missing)} of them kept"


def _computed(
    market: Market, rows: pd.DatetimeIndex, workers: str | None, tick: Tick
) -> Iterator[pd.DataFrame]:
    """Yield tables as they are done: year by year here, stretch by stretch elsewhere."""
    from analysis.backfill import backfill_span, backfill_years, spans

    if workers in (None, "1"):
        yield from backfill_years(market, rows, tick=tick)
        return
    count = int(workers) if workers and workers.isdecimal() else CLUSTER_SPANS
    done = 0
    with open_executor(workers, batch=1) as executor:
        jobs = spans(market, rows, max(1, count))
        for job, table in zip(jobs, executor.map(backfill_span, jobs), strict=True):
            done += len(job.rows)
            tick(done, len(rows))
            yield table


class _Store:
    """The file a backfill fills, and the one that holds finished years on the way."""

    def __init__(self, out: Path, market: Market) -> None:
        from analysis.fingerprint import fingerprint

        self.out = out
        self.partial = out.with_name(f"{out.name}.partial")
        self.market = market
        self._print = fingerprint(market)

    def refuse_to_lose(self, rows: pd.DatetimeIndex) -> None:
        """Raise where writing would throw away what this run does not work out again.

        Raises
        ------
        DeskError
            The file is no backfill, or holds other sessions of another market or method.
        """
        if not self.out.exists():
            return
        table = _read_backfill(self.out)
        if table is None:
            raise DeskError(f"{self.out} is there and no backfill; choose another --out")
        others = set(table["session"]) - set(rows)
        if others and self._usable(self.out).empty:
            raise DeskError(
                f"{self.out} holds {len(others)} more sessions, of other data or another method; "
                "choose another --out, or remove it first"
            )

    def kept(self) -> pd.DataFrame:
        """Return what an earlier run wrote and this one may keep, possibly nothing."""
        from analysis.backfill import joined

        return joined([self._usable(path) for path in (self.out, self.partial)]).drop_duplicates(
            ["session", "slug"]
        )

    def keep(self, table: pd.DataFrame) -> None:
        """Write down what is finished so far."""
        self._write(table, self.partial)

    def finish(self, table: pd.DataFrame) -> None:
        """Write the whole and forget what was kept on the way."""
        self._write(table, self.out)
        self.partial.unlink(missing_ok=True)

    def _usable(self, path: Path) -> pd.DataFrame:
        """Return the table of a file made from the same market by the same method."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.parquet as pq

        from analysis.backfill import joined
        from analysis.fingerprint import fingerprint

        try:
            table = pq.read_table(path)
            marks = table.schema.metadata or {}
            through = pd.Timestamp(marks[THROUGH.encode()].decode())
            made_from = marks[FINGERPRINT.encode()].decode()
        except (OSError, pa.ArrowException, KeyError, ValueError):
            return joined([])
        same = self._print
        if through != self.market.sessions[-1]:
            same = fingerprint(self.market.until(through))
        return table.to_pandas() if made_from == same else joined([])

    def _write(self, table: pd.DataFrame, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        made = pa.Table.from_pandas(table, preserve_index=False)
        marks = {FINGERPRINT: self._print, THROUGH: f"{self.market.sessions[-1]:%Y-%m-%d}"}
        marked = made.replace_schema_metadata({**(made.schema.metadata or {}), **marks})
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(marked, draft)
            draft.replace(path)
        except OSError as error:
            raise DeskError(
                f"cannot write {path}: {error.strerror}; choose another --out"
            ) from error


def _read_backfill(path: Path) -> pd.DataFrame | None:
    """Return the table of a file that an earlier run wrote; None for any other file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException):
        return None
    return table.to_pandas() if FINGERPRINT.encode() in (table.schema.metadata or {}) else None


def _day(text: str, option: str, market: Market) -> pd.Timestamp:
    """Return the day that was asked for; any day will do, sessions around it are found."""
    import pandas as pd

    if text == "latest":
        return market.sessions[-1]
    try:
        return pd.Timestamp(date.fromisoformat(text))
    except ValueError as error:
        raise BadArgumentError(
            f"{option} is {text!r}; expected a date as 2025-04-09, or `latest`"
        ) from error


@contextmanager
def _progress(total: int) -> Iterator[Tick]:
    """Show a bar on a terminal, and nothing anywhere else."""
    import sys

    if not sys.stderr.isatty() or not total:
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("sessions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sessions", total=total)
        yield lambda done, of: bar.update(task, completed=done)
