"""Where the week's terms were explained, for editions that reach the same reader every day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from templates.commentary import Commentary


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Says that the terms were explained earlier in the week, and where."""

    words: str
    url: str
    """The page of the note that explained them; empty where the desk has no public pages."""


def reminder(commentary: Commentary) -> Reminder | None:
    """Return the reminder of a note, None on the session that explains the terms itself.

    The day is the first session of the week, so it is the same for every reader of a note.
    """
    explained = commentary.explained_on
    if explained is None:
        return None
    return Reminder(
        words=f"Who these traders are was explained on {explained:%A}",
        url=page_of(commentary.site, explained),
    )


def page_of(site: str, session: date) -> str:
    """Return the public page of a session's note, empty without a public address.

    >>> page_of("https://example.org/", date(2025, 4, 7)), page_of("", date(2025, 4, 7))
    ('https://example.org/2025/04/07/', '')
    """
    return f"{site.rstrip('/')}/{session:%Y/%m/%d}/" if site else ""
