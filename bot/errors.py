"""What can go wrong on the way to a reader, and the exit status it ends with.

    DeskError                1   refused, with one clear sentence
    ├── BadArgumentError     2   an argument that cannot be meant
    └── NoSourceError        3   nothing to read prices from

Errors of the analysis carry their own ``exit_code``: 2 for a date that is no session, 3
for prices that cannot be read.
"""

from __future__ import annotations


class DeskError(Exception):
    """The desk refuses; the message says what was seen, expected, and what to do."""

    exit_code = 1


class BadArgumentError(DeskError):
    """An argument that cannot be meant."""

    exit_code = 2


class NoSourceError(DeskError):
    """No source of prices answers."""

    exit_code = 3
