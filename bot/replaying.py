"""Make a session's reports again from what was known then, and hold them against the published.

The archive has every report that was made, the ledger has what went out. Both must name the
same hashes, and a report made again from the archive must come out with its own.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from analysis.contract import METHOD_VERSION
from analysis.sessions import check_session
from analysis.sources.archive import Archive, View
from analysis.sources.live import read_view
from bot.archiving import report_row
from bot.differences import differences, shown
from bot.edition import NOTE, REVISION
from bot.errors import DeskError
from bot.ledger.database import Ledger, LedgerError, ledger_url, open_ledger
from bot.ledger.editions import edition_text, find_edition
from bot.revisions import CHANGES

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from analysis.sources.index import ReportRow


class ReplayError(DeskError):
    """A report cannot be made again, or comes out differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A report as it was, as it comes out now, and where the two differ.

    ``revised`` is what it changed against the report it revises.
    """

    row: ReportRow
    content_hash: str
    changes: tuple[str, ...]
    revised: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether it comes out as it was."""
        return self.content_hash == self.row.content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An edition that went out: its hash, and for a correction what it corrects and changed."""

    edition: str
    content_hash: str
    corrects: str = ""
    changes: tuple[str, ...] = ()


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
        revised=tuple(_revised(archive, row)),
    )


def _revised(archive: Archive, row: ReportRow) -> list[str]:
    """Return what a report changed against the one it revises, nothing for a first one."""
    earlier = [one for one in archive.index.reports(row.session) if one.content_hash == row.revises]
    if not earlier:
        return []
    return differences(archive.report_body(earlier[-1]), archive.report_body(row))


def published_editions(address: str, session: str) -> list[Published]:
    """Return what the ledger says went out of a session; nothing where there is no ledger.

    Parameters
    ----------
    address
        As for `bot.ledger.database.open_ledger`. No file is made where there is none.

    Raises
    ------
    ReplayError
        If there is a ledger and it cannot be read.
    """
    url = ledger_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return []
    day = check_session(session).date()

    async def look() -> list[Published]:
        ledger = open_ledger(address)
        try:
            return await _published(ledger, day)
        finally:
            await ledger.close()

    try:
        return asyncio.run(look())
    except (SQLAlchemyError, OSError, LedgerError) as error:
        raise ReplayError(
            f"the ledger cannot say what went out ({type(error).__name__}); check "
            "UNDERTOW_DATABASE_URL, or name the hash with --published"
        ) from error


async def _published(ledger: Ledger, day: date) -> list[Published]:
    async with ledger.read() as tx:
        rows = [await find_edition(tx, day, kind) for kind in (NOTE, REVISION)]
        frozen = {row.id: row for row in rows if row is not None and row.is_frozen}
        found = []
        for row in frozen.values():
            text = await edition_text(tx, row.id, CHANGES)
            corrected = frozen.get(row.corrects or 0)
            found.append(
                Published(
                    edition=row.edition,
                    content_hash=row.content_hash,
                    corrects=corrected.content_hash if corrected else "",
                    changes=tuple(json.loads(text)["changes"]) if text else (),
                )
            )
    return found


def replay_text(found: Sequence[Replayed], published: Sequence[Published] = ()) -> str:
    """Return a line a report and a line an edition that went out; raise where they disagree.

    Raises
    ------
    ReplayError
        If a report comes out differently, or no report has a published hash.
    """
    wrong = [_difference(one) for one in found if not one.is_same]
    known = {one.row.content_hash for one in found}
    wrong += [
        f"no report in the archive has the hash of the published {one.edition} "
        f"({one.content_hash}); it was made from other data"
        for one in published
        if one.content_hash not in known
    ]
    if wrong:
        raise ReplayError("; ".join(wrong))
    return "\n".join([*_report_lines(found), *_edition_lines(published)])


def _report_lines(found: Sequence[Replayed]) -> list[str]:
    lines = []
    for one in found:
        kind = "revision" if one.row.revises else "first"
        lines.append(f"{one.row.known_at}  {kind:<8}  {one.row.content_hash}  same")
        lines += [f"    {line}" for line in shown(one.revised)]
    return lines


def _edition_lines(published: Sequence[Published]) -> list[str]:
    lines = []
    for one in published:
        link = f", corrects {one.corrects}" if one.corrects else ""
        lines.append(f"published {one.edition:<10} {one.content_hash}  same{link}")
    return lines or ["nothing of this session went out, as far as the ledger knows"]


def _difference(one: Replayed) -> str:
    return (
        f"the report of {one.row.known_at} comes out differently (method {METHOD_VERSION} now): "
        f"{'; '.join(shown(one.changes))}"
    )


def replay_json(found: Sequence[Replayed], published: Sequence[Published] = ()) -> str:
    """Return the outcome for programs: every report, what went out, and what revisions changed."""
    known = {one.row.content_hash for one in found}
    body = {
        "reports": [
            {
                **report_row(one.row),
                "replayed_hash": one.content_hash,
                "same": one.is_same,
                "changes": list(one.changes),
                "revised": list(one.revised),
            }
            for one in found
        ],
        "published": [
            {
                "edition": one.edition,
                "content_hash": one.content_hash,
                "corrects": one.corrects or None,
                "changes": list(one.changes),
                "same": one.content_hash in known,
            }
            for one in published
        ],
    }
    return json.dumps(body, indent=2, ensure_ascii=False)


def is_faithful(found: Sequence[Replayed], published: Sequence[Published]) -> bool:
    """Say whether every report comes out as it was and every published hash is one of them."""
    known = {one.row.content_hash for one in found}
    return all(one.is_same for one in found) and all(one.content_hash in known for one in published)
