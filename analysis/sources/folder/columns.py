"""Columns of a file as numbers, dates and texts: what cannot be read is missing and counted.

CSV and Parquet end in the same three kinds of arrays. Every CSV field is read as text
and converted here by one route, so that a row has the same bits in a file cut short.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from analysis.sources.folder.errors import TableError

Days: TypeAlias = npt.NDArray[np.datetime64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]

NUMBER = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
BLANKS = ("", "NaN", "nan", "NA", "N/A", "null", "None")
"""Ways to write that nothing is known: missing, but no fault of the file."""


def read_columns(path: Path, name: str, wanted: list[str]) -> pa.Table:
    """Return those of the ``wanted`` columns that the file has.

    Raises
    ------
    TableError
        If the file is empty, cut off, or not what its suffix says.
    """
    try:
        return _parquet(path, wanted) if path.suffix == ".parquet" else _csv(path, wanted)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if path.stat().st_size == 0:
            raise TableError(name, "the file is empty") from error
        raise TableError(name, "the file is damaged and cannot be read") from error


def _parquet(path: Path, wanted: list[str]) -> pa.Table:
    schema = pyarrow.parquet.read_schema(path)
    texts = [field.name for field in schema if _is_text(field.type)]
    file = pyarrow.parquet.ParquetFile(path, read_dictionary=texts)
    return file.read(columns=[column for column in wanted if column in schema.names])


def _csv(path: Path, wanted: list[str]) -> pa.Table:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = next(csv.reader(lines), [])
    present = [column for column in wanted if column in header]
    options = pyarrow.csv.ConvertOptions(
        include_columns=present,
        column_types=dict.fromkeys(present, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
    )
    return pyarrow.csv.read_csv(path, convert_options=options)


def numbers(column: pa.ChunkedArray) -> tuple[Floats, Mask]:
    """Return the column's numbers, and where it holds something that is none.

    Blanks are missing without blame; text and infinities are missing and counted.
    """
    if isinstance(column.type, pa.DictionaryType):
        column = column.cast(column.type.value_type)
    known = column.is_valid()
    if _is_text(column.type):
        trimmed = pc.utf8_trim_whitespace(column)
        known = pc.invert(pc.is_in(trimmed, pa.array(BLANKS, trimmed.type)))
        known = pc.and_(known, column.is_valid())
        column = pc.if_else(pc.match_substring_regex(trimmed, NUMBER), trimmed, None)
    values = _floats(column)
    readable = np.isfinite(values)
    blank = ~known.to_numpy() | (np.isnan(values) & (not _is_text(column.type)))
    return np.where(readable, values, np.nan), ~readable & ~blank


def _floats(column: pa.ChunkedArray) -> Floats:
    try:
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=float)
    except pa.ArrowException:
        # Dates, lists and the like: a column of numbers that holds none.
        return np.full(len(column), np.inf)


def dates(column: pa.ChunkedArray) -> Days:
    """Return the column's days, not-a-time where there is none; time zones are let go."""
    return _midnights(times(column))


def times(column: pa.ChunkedArray) -> Days:
    """Return the column's times, not-a-time where there is none; time zones are let go."""
    if pa.types.is_temporal(column.type):
        return np.asarray(column.cast(pa.timestamp("us"), safe=False).to_numpy())
    labels = texts(column)
    parsed = pd.to_datetime(labels.categories, format="ISO8601", errors="coerce", utc=True)
    known = parsed.tz_localize(None).to_numpy("datetime64[us]")
    moments = np.append(known, np.datetime64("NaT", "us"))
    return np.asarray(moments[labels.codes])


def _midnights(stamps: Days) -> Days:
    return np.asarray(stamps.astype("datetime64[D]").astype("datetime64[us]"))


def texts(column: pa.ChunkedArray) -> pd.Categorical:
    """Return the column's texts as categories in order, missing where blank."""
    if not isinstance(column.type, pa.DictionaryType):
        column = column.cast(pa.string()).dictionary_encode()
    encoded = column.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], encoded.type)
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    labels = pd.Index(encoded.dictionary.to_pandas(), dtype="str")
    found = pd.Categorical.from_codes(codes, labels).reorder_categories(labels.sort_values())
    return found.remove_categories([label for label in labels if not label.strip()])


def _is_text(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.DictionaryType):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
