"""The archive's commands: list, export, import, verify, prune."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.sessions import check_session
from analysis.sources.archive import Archive
from analysis.sources.archive_care import export, import_folder, prune, verify
from bot.differences import MOST_SHOWN
from bot.errors import BadArgumentError, DeskError

if TYPE_CHECKING:
    from analysis.sources.index import ReportRow


class DamagedArchiveError(DeskError):
    """The archive has lost or changed something; each loss is named."""


def listed(archive: Archive, session: str | None, *, as_json: bool) -> str:
    """Return what the archive holds: a line a session, or a line an entry of one session."""
    rows = archive.index.entries(None if session is None else f"{check_session(session):%Y-%m-%d}")
    if as_json:
        reports = [report_row(row) for row in archive.index.reports(session)]
        return json.dumps({"entries": rows, "reports": reports}, indent=2, ensure_ascii=False)
    if session is not None:
        return "\n".join(
            f"{row['known_at']}  {row['vendor']:<14} {row['item']:<24} as of {row['as_of']}  "
            f"{row['size']:>12,} bytes  {'; '.join(row['problems'])}".rstrip()
            for row in rows
        )
    return "\n".join(_session_lines(archive, rows)) or "the archive is empty"


def _session_lines(archive: Archive, rows: list[dict[str, object]]) -> list[str]:
    frame = pd.DataFrame(rows)
    if frame.empty:
        return []
    reports = [row.session for row in archive.index.reports()]
    return [
        f"{session}  {len(group):>5,} entries  {int(group['size'].sum()):>14,} bytes  "
        f"learnt {group['known_at'].min()} to {group['known_at'].max()}  "
        f"{reports.count(str(session))} reports"
        for session, group in frame.groupby("session")
    ]


def report_row(row: ReportRow) -> dict[str, object]:
    """Return a kept report's line for programs."""
    return {
        "session": row.session,
        "known_at": row.known_at,
        "upto": row.upto,
        "content_hash": row.content_hash,
        "revises": row.revises or None,
    }


def exported(archive: Archive, target: Path) -> str:
    """Write the archive as a market folder and say so."""
    if target.exists() and any(target.iterdir()):
        raise BadArgumentError(f"{target} is not empty; name a new folder")
    if not archive.index.newest():
        raise BadArgumentError("the archive is empty; run `undertow note` or import a folder first")
    export(archive, target)
    return f"{target}: a market folder for --data"


def imported(archive: Archive, folder: Path, known_at: str) -> str:
    """Take a market folder in and say what came."""
    if not folder.is_dir():
        raise BadArgumentError(f"{folder} is no folder; name a market folder")
    found = import_folder(archive, folder, known_at)
    lines = [f"{rows:>10,} rows  {path}" for path, rows in found.rows.items()]
    lines.append(f"{found.chains:>10,} option chains")
    return "\n".join([*lines, *(f"refused: {problem}" for problem in found.problems)])


def verified(archive: Archive) -> str:
    """Check every object and say that all is well, or raise with each loss."""
    problems = verify(archive)
    if problems:
        raise DamagedArchiveError(
            f"{len(problems)} faults: {'; '.join(problems[:MOST_SHOWN])}; "
            "restore the archive from a copy, or fetch the session again"
        )
    entries = archive.index.newest()
    return f"{entries:,} entries, all whole"


def pruned(archive: Archive, before: str) -> str:
    """Let go of raw answers from before a day and say how much room that made."""
    found = prune(archive, check_session(before))
    return (
        f"{found.answers:,} raw answers and {found.leftovers:,} leftovers removed, "
        f"{found.freed_bytes:,} bytes freed; every report can still be made again"
    )
