"""What `undertow subscribers import` does: the file in, a report of what was left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.clock import Clock
from bot.errors import BadArgumentError
from bot.ledger import Ledger
from bot.newsletter.importing import Import, Outcome, Result
from bot.newsletter.table_file import TableFileError, csv_lines, rows_of

SHOWN = 10
"""Lines told on the screen; the report has them all."""


class Report:
    """The lines that added nobody: all of them in a file, the first few for the screen.

    The file is begun with the first such line and holds numbers and reasons, no addresses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first: list[Outcome] = []
        self._file: TextIO | None = None

    def tell(self, outcome: Outcome) -> None:
        """Take a line down."""
        if len(self.first) < SHOWN and outcome.result is Result.REFUSED:
            self.first.append(outcome)
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8")
                self._file.write(csv_lines([("line", "result", "reason")]))
            self._file.write(csv_lines([(outcome.line, outcome.result, outcome.reason)]))
        except OSError as error:
            raise TableFileError(
                f"cannot write {self.path}: {error.strerror}; name another with --report"
            ) from error

    @property
    def is_begun(self) -> bool:
        """Whether there is a file."""
        return self._file is not None

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()


@dataclass(frozen=True, slots=True)
class File:
    """A file to take in: where, what lines without a state are, where to report."""

    path: Path
    usual_state: str
    report: Path | None = None

    @property
    def report_path(self) -> Path:
        """Where the lines that added nobody are listed; beside the file if nobody says."""
        return self.report or self.path.with_name(f"{self.path.stem}.left-out.csv")

    def lines(self) -> int:
        """Count the lines below the first; a file that cannot be read has none."""
        try:
            with self.path.open("rb") as file:
                return max(sum(1 for _ in file) - 1, 0)
        except OSError:
            return 0


async def take_in(
    ledger: Ledger, key: str, clock: Clock, file: File, tick: Callable[[int], None]
) -> str:
    """Take a file of readers in, and say what became of its lines.

    Raises
    ------
    BadArgumentError
        If the file cannot be read as a table, or not one of its lines is a reader.
    """
    report = Report(file.report_path)
    taking = Import(ledger, key, clock, file.usual_state, report.tell, tick)
    try:
        counts = await taking.run(rows_of(file.path))
    finally:
        report.close()
    added, kept, refused = (counts.get(result, 0) for result in Result)
    if refused and not added and not kept:
        raise BadArgumentError(
            f"none of the {refused:,} lines is a reader; the first, line {report.first[0].line}: "
            f"{report.first[0].reason}"
        )
    head = f"{added:,} added, {kept:,} stood already, {refused:,} refused"
    lines = [head, *(f"  line {one.line}: {one.reason}" for one in report.first)]
    if refused > len(report.first):
        lines.append(f"  and {refused - len(report.first):,} more")
    if report.is_begun:
        lines.append(f"every line that added nobody is in {report.path}")
    return "\n".join(lines)
