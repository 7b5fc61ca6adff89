"""Turn delimited rows into float columns, strictly: a row that does not fit is named."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.options.errors import ChainError

if TYPE_CHECKING:
    from pyarrow import Table

TEXT = frozenset({"option", "call", "put", "last_trade_time"})
"""Columns that are words; every other one is a number."""

EMPTY_WORDS = ["", "NaN", "nan", "null", "NULL", "None", "N/A", "--", "-"]


def read_table(content: bytes, names: list[str], wanted: Sequence[str]) -> "Table":
    """Parse comma-separated rows without a header; keep the wanted columns that exist.

    Parameters
    ----------
    content
        The rows.
    names
        What the columns are called, in order.
    wanted
        Columns to keep; those in `TEXT` stay text, the rest are numbers.

    Raises
    ------
    ChainError
        When a row has another number of fields than there are names, or a number is none.
    """
    import pyarrow as pa
    from pyarrow import csv

    kept = [name for name in wanted if name in names]
    kinds = {name: pa.string() if name in TEXT else pa.float64() for name in kept}
    try:
        return csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(column_names=names, use_threads=False),
            convert_options=csv.ConvertOptions(
                column_types=kinds, include_columns=kept, null_values=EMPTY_WORDS
            ),
        )
    except pa.ArrowInvalid as error:
        raise ChainError(
            f"the rows do not form a table ({error}); the file is cut or was edited: fetch it again"
        ) from error


def floats(table: "Table", name: str) -> NDArray[np.float64]:
    """Return a column as floats with NaN where empty; all NaN when there is no such column."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    # Arrow's own conversion would load pandas; its buffers are plain memory.
    column = table.column(name).combine_chunks()
    valid, data = column.buffers()
    where = slice(column.offset, column.offset + len(column))
    values = np.frombuffer(data, dtype=np.float64)[where].copy()
    if column.null_count:
        bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), bitorder="little")
        values[bits[where] == 0] = np.nan
    return values


def words(table: "Table", name: str) -> NDArray[np.bytes_]:
    """Return a text column as fixed-width bytes, empty where the file is."""
    column = table.column(name).combine_chunks()
    _, offsets, letters = column.buffers()
    n = len(column)
    ends = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + n + 1]
    lengths = np.diff(ends)
    width = int(lengths.max(initial=1)) or 1
    padded = np.zeros((n, width), dtype=np.uint8)
    if letters is not None:
        text = np.frombuffer(letters, dtype=np.uint8)[ends[0] : ends[-1]]
        padded[np.arange(width) < lengths[:, None]] = text
    return padded.view(f"S{width}").ravel()


def latest(table: "Table", name: str) -> str:
    """Return the greatest value of a text column, empty when all are missing."""
    found: bytes = max(words(table, name).tolist(), default=b"")
    return found.decode("utf-8", "replace")
