"""Header lines that reach the reader as they were written.

Python's own mail policy folds a long link, or turns it into an encoded word, and then the way out
is broken. So these lines are written by hand: one line each, ASCII, and never a line break from
outside.
"""

from __future__ import annotations

from email.header import Header

from bot.mail.address import CONTROL

LONGEST_LINE = 998
"""What a mail server must take in one line, without its end [bytes]."""


def header(name: str, value: str) -> bytes:
    """Return one header line, never folded.

    Raises
    ------
    ValueError
        If the value is not printable ASCII, or too long for a line: both are our mistakes.
    """
    line = f"{name}: {value}"
    if not line.isascii() or not line.isprintable():
        raise ValueError(f"the header {name} holds more than printable ASCII; encode it first")
    if len(line) > LONGEST_LINE:
        raise ValueError(f"the header {name} has {len(line)} characters; at most {LONGEST_LINE}")
    return line.encode("ascii") + b"\r\n"


def subject_header(text: str) -> bytes:
    """Return the subject, in one line where it is ASCII, else in encoded words."""
    words = CONTROL.sub(" ", text).strip()
    if words.isascii() and words.isprintable() and len(words) < 200:
        return header("Subject", words)
    encoded = Header(words, "utf-8", header_name="Subject").encode(linesep="\r\n")
    return b"Subject: " + encoded.encode("ascii") + b"\r\n"
