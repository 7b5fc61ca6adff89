"""The archive's commands: list, export, import, verify, prune, and replay."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.contract import METHOD_VERSION
from analysis.sessions import check_session
from analysis.sources.archive import Archive, View
from analysis.sources.archive_care import export, import_folder, prune, verify
from analysis.sources.live import read_view
from bot.errors import BadArgumentError, DeskError

if TYPE_CHECKING:
    from analysis.sources.index import ReportRow

MOST_SHOWN = 12
"""Differences shown in full; the rest is counted."""


class DamagedArchiveError(DeskError):
    """The archive has lost or changed something; each loss is named."""


class ReplayError(DeskError):
    """A report cannot be made again, or comes out differently."""


def listed(archive: Archive, session: str | None, *, as_json: bool) -> str:
    """Return what the archive holds: a line a session, or a line an entry of one session."""
    rows = archive.index.entries(None if session is None else f"{check_session(session):%Y-%m-%d}")
    if as_json:
        reports = [_report_row(row) for row in archive.index.reports(session)]
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


def _report_row(row: ReportRow) -> dict[str, object]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A report as it was, as it comes out now, and where the two differ."""

    row: ReportRow
    content_hash: str
    changes: tuple[str, ...]


def replay(archive: Archive, session: str) -> list[Replayed]:
    """Make every report of a session again from what was known when it was made.

    Raises
    ------
    ReplayError
        If the archive holds no report of the session.
    """
    day = check_session(session)
    rows = archive.index.reports(f"{day:%Y-%m-%d}")
    if not rows:
        raise ReplayError(f"no report of {day.date()} in the archive; `undertow archive list`")
    return [_made_again(archive, row, day) for row in rows]


def _made_again(archive: Archive, row: ReportRow, day: pd.Timestamp) -> Replayed:
    from analysis.report import build_report

    with tempfile.TemporaryDirectory(prefix="undertow-replay-") as place:
        archive.fold_into(Path(place), upto=row.upto)
        now = build_report(read_view(archive, View(Path(place), row.upto), day)).as_dict()
    return Replayed(
        row=row,
        content_hash=str(now["content_hash"]),
        changes=tuple(differences(archive.report_body(row), now)),
    )


def replay_text(found: list[Replayed], published: str | None = None) -> str:
    """Return a line a report; raise where one came out differently.

    Parameters
    ----------
    published
        The hash of the note that went out, which one of the reports must have.
    """
    lines, wrong = [], []
    for one in found:
        same = one.content_hash == one.row.content_hash
        kind = "revision" if one.row.revises else "first"
        lines.append(f"{one.row.known_at}  {kind:<8}  {one.row.content_hash}  {'same' * same}")
        if not same:
            wrong.append(_difference(one))
    if published is not None and published not in {one.row.content_hash for one in found}:
        wrong.append(f"no report in the archive has the published hash {published}")
    if wrong:
        raise ReplayError("; ".join(wrong))
    return "\n".join(lines)


def _difference(one: Replayed) -> str:
    told = "; ".join(one.changes[:MOST_SHOWN])
    rest = len(one.changes) - MOST_SHOWN
    more = f"; and {rest} more" if rest > 0 else ""
    return (
        f"the report of {one.row.known_at} comes out differently (method {METHOD_VERSION} now): "
        f"{told}{more}"
    )


def replay_json(found: list[Replayed]) -> str:
    """Return the outcome for programs, with the difference a revision made to its original."""
    body = [
        {
            **_report_row(one.row),
            "replayed_hash": one.content_hash,
            "same": one.content_hash == one.row.content_hash,
            "changes": list(one.changes),
        }
        for one in found
    ]
    return json.dumps(body, indent=2, ensure_ascii=False)


def revision(archive: Archive, row: ReportRow) -> list[str]:
    """Return what a report changed against the one it revises, nothing for a first one."""
    earlier = [one for one in archive.index.reports(row.session) if one.content_hash == row.revises]
    if not earlier:
        return []
    return differences(archive.report_body(earlier[-1]), archive.report_body(row))


def differences(before: object, now: object, where: str = "") -> list[str]:
    """Return where two reports differ, one line a figure: place, before, now.

    >>> differences({"score": 0.5, "slug": "a"}, {"score": 0.25, "slug": "a"})
    ['score: 0.5 became 0.25']
    """
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        inner = [
            differences(before.get(key), now.get(key), f"{where}.{key}".lstrip(".")) for key in keys
        ]
        return [line for lines in inner for line in lines]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        inner = [
            differences(one, other, f"{where}[{_label(one, place)}]")
            for place, (one, other) in enumerate(zip(before, now, strict=True))
        ]
        return [line for lines in inner for line in lines]
    return [] if before == now else [f"{where}: {before} became {now}"]


def _label(item: object, place: int) -> str:
    """Name a list's item by what it is called, else by its place."""
    if isinstance(item, dict):
        for key in ("slug", "key", "name"):
            if key in item:
                return str(item[key])
    return str(place)
