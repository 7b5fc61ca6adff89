"""What a correction changed: told beside its texts, so that original and difference stay.

Facts that come after the note, such as fund assets or a late file, may change its figures.
The note stays as it went out; the revision is an edition of its own that names the note it
corrects and lists every figure that is another now.
"""

from __future__ import annotations

import json
from dataclasses import replace

from bot.differences import differences, shown
from bot.edition import CHANGES_TEXT, Edition
from bot.publishing import REPORT

CHANGES = "changes.json"
"""Text of a revision: every changed figure, for programs; readers get the first dozen."""


def with_changes(revision: Edition, note_hash: str, note_report: bytes | None) -> Edition:
    """Return a revision with the list of what it changed.

    Parameters
    ----------
    revision
        What was written from the facts known now.
    note_hash
        Content hash of the note it corrects.
    note_report
        The note's report as it was frozen; None where it has none, and then nothing can be
        compared and the revision is returned as it is.
    """
    now = revision.texts.get(REPORT)
    if note_report is None or now is None:
        return revision
    changes = changed_figures(json.loads(note_report), json.loads(now))
    body = {"corrects": note_hash, "content_hash": revision.content_hash, "changes": changes}
    lines = [f"Corrects {note_hash}.", *shown(changes)]
    added = {
        CHANGES: json.dumps(body, ensure_ascii=False, indent=2).encode(),
        CHANGES_TEXT: ("\n".join(lines) + "\n").encode(),
    }
    return replace(revision, texts={**revision.texts, **added})


def changed_figures(before: dict[str, object], now: dict[str, object]) -> list[str]:
    """Return what changed between two reports; that the hash did is no news."""
    first, second = (
        {key: value for key, value in report.items() if key != "content_hash"}
        for report in (before, now)
    )
    return differences(first, second)
