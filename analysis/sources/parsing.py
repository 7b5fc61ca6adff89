"""Tables and JSON out of a vendor's bytes, or a typed error that says what is wrong with them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import orjson
import pandas as pd

from analysis.sources.faults import Fault, VendorError


def csv_rows(source: str, content: bytes, needed: set[str], separator: str = ",") -> pd.DataFrame:
    """Return a CSV's rows as texts.

    A last line without its end is a body cut short.

    Raises
    ------
    VendorError
        If the file is cut, is no table, or lacks a column.
    """
    if not content.endswith((b"\n", b"\r")):
        raise VendorError(source, Fault.UNREADABLE, "the file's last line is cut off")
    try:
        rows = pd.read_csv(BytesIO(content), dtype="str", sep=separator)
    except (ValueError, UnicodeDecodeError) as error:
        raise VendorError(source, Fault.UNREADABLE, f"the file is no table: {error}") from error
    absent = sorted(needed - set(rows.columns))
    if absent:
        have = ", ".join(map(str, rows.columns[:8]))
        raise VendorError(
            source, Fault.UNREADABLE, f"the file has no column {absent[0]!r}, only {have}"
        )
    if rows.empty:
        raise VendorError(source, Fault.EMPTY, "the file has a header and no rows")
    return rows


def json_body(source: str, content: bytes) -> Any:  # noqa: ANN401
    """Return what a JSON body holds; `VendorError` where it is cut or damaged."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        problem = f"the JSON is cut or damaged: {error}"
        raise VendorError(source, Fault.UNREADABLE, problem) from error


def newest_by(source: str, days: pd.Series, session: pd.Timestamp) -> pd.Timestamp:
    """Return the newest day by the session; `VendorError` where every one is later or none."""
    past = days[days <= session]
    if past.empty:
        raise VendorError(source, Fault.EMPTY, f"no row is dated by {session.date()}")
    return pd.Timestamp(past.max())
