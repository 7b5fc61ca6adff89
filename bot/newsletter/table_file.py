"""Readers as a table in a file: email, state, cadence, level, zone, hour.

A line of the file is one row, whatever quotes stand in it, so a stray one costs its own line and
no other. Cells that a spreadsheet would take for a formula are written behind an apostrophe,
and read without it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.errors import BadArgumentError, DeskError
from bot.ledger.importing import Newcomer
from bot.ledger.subscribers import Preferences, Subscriber, SubscriberState, address_key
from bot.newsletter.addresses import mailbox
from bot.newsletter.choices import cadence_of, hour_of, level_of, shown, zone_of

COLUMNS = ("email", "state", "cadence", "level", "zone", "hour")
DELIMITERS = (",", ";", "\t")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")
STATES = tuple(state.value for state in SubscriberState if state is not SubscriberState.ERASED)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its number, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no row, and why."""

    line: int
    reason: str


def rows_of(path: Path) -> Iterator[Row | Unreadable]:
    """Read a file line by line; never more of it than a line is held.

    Raises
    ------
    BadArgumentError
        If it cannot be opened, or its first line does not name the column ``email``.
    """
    try:
        # Excel begins with a mark, and old programs do not write UTF-8: neither may stop us.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline=None) as file:
            header = file.readline()
            delimiter = max(DELIMITERS, key=header.count)
            names = [name.strip().lower() for name in next(_cells(header, delimiter), [])]
            if "email" not in names:
                raise BadArgumentError(
                    f"{path.name} begins with {shown(header.strip())}; its first line must name "
                    f"the columns, email among them: {','.join(COLUMNS)}"
                )
            yield from _rows(file, names, delimiter)
    except OSError as error:
        raise BadArgumentError(f"cannot read {path}: {error.strerror}") from error


def _rows(file: TextIO, names: Sequence[str], delimiter: str) -> Iterator[Row | Unreadable]:
    for line, text in enumerate(file, start=2):
        if not text.strip(" \t\r\n,;"):
            continue
        try:
            text.encode("utf-8")
            [cells] = _cells(text, delimiter)
        except UnicodeEncodeError:
            yield Unreadable(line, "the line is not in UTF-8")
        except (csv.Error, ValueError):
            yield Unreadable(line, "the line has an open quote, or is no row")
        else:
            if len(cells) > len(names):
                reason = f"the line has {len(cells)} cells, the first line names {len(names)}"
                yield Unreadable(line, reason)
            else:
                plain = (_unguarded(cell.strip(" ")) for cell in cells)
                yield Row(line, dict(zip(names, plain, strict=False)))


def _cells(line: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True)


def newcomer_of(row: Row, usual_state: str) -> Newcomer:
    """Return the reader that a row describes; what it leaves out is as usual.

    Raises
    ------
    BadArgumentError
        With what is wrong; the message does not repeat the address.
    """
    usual = Preferences()
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    state = cells["state"].lower() or usual_state
    if state not in STATES:
        raise BadArgumentError(f"there is no state {shown(state)}; it is {', '.join(STATES)}")
    address = mailbox(cells["email"])
    return Newcomer(
        address_key(address),
        address,
        state,
        Preferences(
            cadence=cadence_of(cells["cadence"].lower() or usual.cadence),
            level=level_of(cells["level"].lower() or usual.level),
            zone=zone_of(cells["zone"] or usual.zone),
            hour=hour_of(cells["hour"]),
        ),
    )


def cells_of(reader: Subscriber) -> dict[str, str | int | None]:
    """Return a reader as a row of the table; without an hour, at publication."""
    chosen = reader.preferences
    values = (
        reader.address,
        reader.state.value,
        chosen.cadence,
        chosen.level,
        chosen.zone,
        chosen.hour,
    )
    return dict(zip(COLUMNS, values, strict=True))


def csv_lines(rows: Sequence[Sequence[object]]) -> str:
    """Return rows as lines of CSV that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow(["" if cell is None else _guarded(str(cell)) for cell in row])
    return out.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


class TableFileError(DeskError):
    """A file of readers cannot be written."""
