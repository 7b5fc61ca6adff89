"""One session's commentary, set for each kind of reader and frozen before anyone is sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

NOTE = "note"
REVISION = "revision"
WEEKLY = "weekly"
INTO_CLOSE = "into_close"
"""The kinds of edition a session may have, one of each."""

RETRACTION = "retraction"
REMOVAL = "removal"
WITHDRAWALS = frozenset({RETRACTION, REMOVAL})
"""Two ends of a note: withdrawn everywhere, or only taken off the blogs an operator names."""

ESTIMATE_BEFORE_CLOSE = timedelta(minutes=25)
"""When an estimate into the close is due: 15:35 on a full day, 12:35 on a half day."""

ESTIMATE_TEXT = "close.md"
"""An estimate into the close, for an answer on Discord."""

AGAIN = "again"
"""A withdrawn note published once more, as it stood or corrected."""

CHANGES_TEXT = "changes.txt"
"""What a correction changed, for readers; only a correction has it."""

REASON_TEXT = "reason.txt"
"""Why it was withdrawn, for readers."""

CONFIRM = "confirm"
ALREADY = "already"
LETTERS = frozenset({CONFIRM, ALREADY})
"""Letters to one reader who asked at the form; the edition of a day holds their words."""


TURN = "-"
"""Stands before the number of a second withdrawal, or of what is published again after it."""


def in_turn(kind: str, turn: int) -> str:
    """Return what an edition of a kind is called the first time, the second time, and so on.

    >>> in_turn("retraction", 1), in_turn("retraction", 2)
    ('retraction', 'retraction-2')
    """
    return kind if turn == 1 else f"{kind}{TURN}{turn}"


def kind_of(edition: str) -> str:
    """Return the kind of an edition, whichever turn it was.

    >>> kind_of("into_close"), kind_of("again-2")
    ('into_close', 'again')
    """
    return edition.partition(TURN)[0]


def turn_of(edition: str) -> int:
    """Return which turn of its kind an edition was, from one.

    >>> turn_of("note"), turn_of("again-2")
    (1, 2)
    """
    return int(edition.partition(TURN)[2] or 1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkable statement of a note, with the odds it was made at.

    ``probability``, ``base_rate`` and ``interval`` lie in [0, 1]; ``n`` counts the past cases.
    """

    key: str
    words: str
    probability: float
    base_rate: float
    interval: tuple[float, float]
    n: int
    horizon_sessions: int
    resolves_on: date


@dataclass(frozen=True, slots=True)
class Edition:
    """The texts of one session, by name such as ``blog.md`` or ``chart.png``.

    ``problems`` are the reasons why it must not go out yet; an edition without any may be frozen.
    """

    session: date
    texts: Mapping[str, bytes]
    content_hash: str
    claims: tuple[Claim, ...] = ()
    problems: tuple[str, ...] = field(default=())


class Writer(Protocol):
    """Anything that can fetch, read and set one session."""

    def write(self, session: date) -> Edition:
        """Return the session's edition from what is known now.

        Called in a thread, and again for a revision: the same inputs give the same bytes.
        """
        ...


class WritingError(Exception):
    """The session could not be written; ``permanent`` says that trying again is pointless."""

    def __init__(self, session: date, problem: str, *, permanent: bool = False) -> None:
        super().__init__(f"{session}: {problem}")
        self.permanent = permanent
