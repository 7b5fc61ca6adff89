"""The names that tie a post to its note: the nonce that stops doubles, the marks of its buttons."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import date

NONCE_LIMIT = 25
"""Longest nonce Discord takes [characters]."""

BUTTON_MARK = (
    r"ut:(?P<action>drivers|why|next|show|dismiss|again):"
    r"(?P<day>\d{8}):(?P<edition>[a-z_]+(?:-\d+)?)"
)
"""What a button under a note is called."""

MARK = r"ut:(?P<action>[a-z]+):(?P<day>\d{8}):(?P<edition>[a-z_]+(?:-\d+)?)"
"""What any of our components is called: what to do, the session, the kind of edition."""

DRIVERS, WHY, NEXT, SHOW, DISMISS = "drivers", "why", "next", "show", "dismiss"
AGAIN = "again"
"""What a button may ask for; the last is the operator's."""


def nonce_of(key: str) -> str:
    """Return the nonce of a delivery: the same on every attempt and every machine.

    Discord compares nonces by author and not by channel, so the target must be part of the
    key, or a second guild would be answered with the first one's message.

    >>> len(nonce_of("2025-04-09/note/discord/1"))
    25
    """
    digest = hashlib.sha256(key.encode()).digest()[:15]
    return "u" + base64.b32encode(digest).decode("ascii").lower()


@dataclass(frozen=True, slots=True)
class Mark:
    """What a component's id says."""

    action: str
    session: date
    edition: str

    def __str__(self) -> str:
        """Read as a component's id.

        >>> str(Mark("why", date(2025, 4, 9), "note"))
        'ut:why:20250409:note'
        """
        return f"ut:{self.action}:{self.session:%Y%m%d}:{self.edition}"


def read_mark(custom_id: str) -> Mark | None:
    """Return what a component's id says, or nothing where it is not one of ours.

    >>> read_mark("ut:why:20250409:note") == Mark("why", date(2025, 4, 9), "note")
    True
    >>> read_mark("shop:buy:1") is None, read_mark("ut:why:20251399:note") is None
    (True, True)
    """
    found = re.fullmatch(MARK, custom_id)
    if found is None:
        return None
    try:
        session = date.fromisoformat(found["day"])
    except ValueError:
        return None
    return Mark(found["action"], session, found["edition"])
