"""Quoted-printable with gaps: a text encoded once, and a few words put in for each reader.

Around every gap the line is broken softly, so what is put in may have any length and the text
around it is never encoded again. A leading dot is encoded too: no line needs stuffing later.
"""

from __future__ import annotations

import re

LINE = 76
"""Longest line of the encoding, with the soft break at its end [bytes]."""

PLAIN = re.compile(r"[!-\-/-<>-~][!-<>-~]{0,74}")
"""A link or an address that needs no encoding at all."""

GAP = re.compile("\ue000([a-z_]+)\ue001")
"""Where a word of the reader's goes. The brackets are for private use and in no note."""


def gap(name: str) -> str:
    """Return the mark of a gap, to be written into a text."""
    return f"\ue000{name}\ue001"


def with_gaps(text: str, kind: str) -> list[bytes | str]:
    """Encode a text around its gaps.

    Returns
    -------
    list of bytes or str
        Encoded text, and for each gap its name with ``kind`` and a colon before it.
    """
    pieces = GAP.split(text)
    parts: list[bytes | str] = []
    for place, piece in enumerate(pieces):
        if place % 2:
            parts.append(f"{kind}:{piece}")
            continue
        before = b"=\r\n" if place else b""
        after = b"=\r\n" if place < len(pieces) - 1 else b""
        parts.append(before + quoted(piece) + after)
    return parts


def quoted(text: str) -> bytes:
    """Encode a text in quoted-printable, lines ended by CR and LF."""
    if PLAIN.fullmatch(text):
        return text.encode("ascii")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\r\n".join(_broken(_encoded(line)) for line in lines).encode("ascii")


def _encoded(line: str) -> list[str]:
    tokens = [_TABLE[byte] for byte in line.encode("utf-8")]
    if tokens and tokens[-1] in (" ", "\t"):
        tokens[-1] = f"={ord(tokens[-1]):02X}"
    return tokens


def _broken(tokens: list[str]) -> str:
    lines, current = [], ""
    for piece in tokens:
        if len(current) + len(piece) > LINE - 1:
            lines.append(current)
            current = ""
        # A dot that begins a line would end the message on the wire.
        current += "=2E" if piece == "." and not current else piece
    return "=\r\n".join([*lines, current])


def _token(byte: int) -> str:
    plain = byte in (0x09, 0x20) or (0x21 <= byte <= 0x7E and byte != 0x3D)
    return chr(byte) if plain else f"={byte:02X}"


_TABLE = tuple(_token(byte) for byte in range(256))
