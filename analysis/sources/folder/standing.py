"""How the vendors behind a folder stood on an evening, where the folder was fetched by the desk."""

from __future__ import annotations

import pandas as pd

from analysis.market import SourceNote
from analysis.sources.folder.table import Layout, Table

STANDING = Layout(
    path="sources.csv",
    stale_days=0,
    key=("date", "name"),
    dates={"date": "date", "as_of": "as_of"},
    texts={"name": "name", "problem": "problem"},
    numbers={"stale_days": "stale_days"},
    optional=frozenset({"problem"}),
)


def vendor_notes(table: Table, session: pd.Timestamp) -> list[SourceNote]:
    """Return the notes on the vendors of the session itself, none where the folder has none."""
    rows = table.rows[table.rows["date"] == session]
    return [
        SourceNote(
            name=str(row["name"]),
            as_of=None if pd.isna(row["as_of"]) else pd.Timestamp(row["as_of"]),
            stale_days=int(row["stale_days"]),
            problem="" if pd.isna(row["problem"]) else str(row["problem"]),
        )
        for row in rows.to_dict("records")
    ]
