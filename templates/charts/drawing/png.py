"""Make a chart's PNG small: few colours, well packed.

The renderer packs for speed, four bytes a pixel. A chart has a few dozen colours and their
blends at the edges of letters, so one byte a pixel and a table of colours say the same in a
tenth of the space.

References
----------
World Wide Web Consortium (2025). Portable Network Graphics (PNG) Specification, third edition.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import accumulate, chain

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TABLE_SIZE = 256
"""Colours that one byte can tell apart."""

RGBA = (8, 6)
"""Bits a channel and the format's number for red, green, blue and opacity."""

PLAIN, SUB = 0, 1
"""How a row is written: as it is, or as differences from the pixel to its left."""

COARSEST = 6
"""Most bits of a channel that are dropped for the colours to fit the table: 64 remain."""

Pixel = tuple[int, int, int]


def smaller(picture: bytes) -> bytes:
    """Return the same picture in at most 256 colours, one byte a pixel.

    Colours stay exact where the picture has no more than that. A picture that is not opaque
    or not written the way the renderer does it is only packed anew.
    """
    parts = dict(_parts(picture))
    width, height, depth, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    rows = zlib.decompress(parts[b"IDAT"])
    stride = 4 * width + 1
    lines = [rows[at : at + stride] for at in range(0, len(rows), stride)]
    if (depth, kind) != RGBA or any(line[0] not in (PLAIN, SUB) for line in lines):
        return _written(parts[b"IHDR"], rows)
    # Half of a chart's rows are repeated: each different one is worked on once.
    pixels = {line: _pixels(line) for line in set(lines)}
    counts = Counter(chain.from_iterable(pixels.values()))
    table = _table(counts)
    coded = {line: b"\x00" + bytes(map(table.__getitem__, row)) for line, row in pixels.items()}
    drawn = b"".join(coded[line] for line in lines)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return _written(header, drawn, palette=_palette(table, counts))


def _parts(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give each chunk by its name; the pixels may come in several and are joined."""
    if not picture.startswith(SIGNATURE):
        raise ValueError(f"picture begins with {picture[:8]!r}; expected a PNG")
    at, pixels = len(SIGNATURE), b""
    while at < len(picture):
        size, name = struct.unpack(">I4s", picture[at : at + 8])
        body = picture[at + 8 : at + 8 + size]
        if name == b"IDAT":
            pixels += body
        else:
            yield name, body
        at += size + 12
    yield b"IDAT", pixels


def _pixels(line: bytes) -> tuple[Pixel, ...]:
    """Return a row's colours."""
    red, green, blue = (line[at::4] for at in (1, 2, 3))
    if line[0] == PLAIN:
        return tuple(zip(red, green, blue, strict=True))
    return tuple(zip(_summed(red), _summed(green), _summed(blue), strict=True))


def _summed(differences: bytes) -> bytes:
    """Add up differences, each sum within a byte."""
    return bytes(map((0xFF).__and__, accumulate(differences)))


def _table(colours: Collection[Pixel]) -> dict[Pixel, int]:
    """Give every colour a number, near ones the same where there are too many."""
    bits = next(
        bits
        for bits in range(COARSEST + 1)
        if len({_coarse(colour, bits) for colour in colours}) <= TABLE_SIZE
    )
    groups = sorted({_coarse(colour, bits) for colour in colours})
    number = {group: at for at, group in enumerate(groups)}
    return {colour: number[_coarse(colour, bits)] for colour in colours}


def _coarse(colour: Pixel, bits: int) -> Pixel:
    red, green, blue = colour
    return red >> bits, green >> bits, blue >> bits


def _palette(table: dict[Pixel, int], counts: Counter[Pixel]) -> bytes:
    """Return the commonest colour of each number, so that the ground stays exactly what it is."""
    chosen: dict[int, Pixel] = {}
    for colour, at in sorted(table.items(), key=lambda item: (counts[item[0]], item[0])):
        chosen[at] = colour
    return bytes(chain.from_iterable(chosen[at] for at in sorted(chosen)))


def _written(header: bytes, rows: bytes, palette: bytes = b"") -> bytes:
    parts = [
        (b"IHDR", header),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
        if body or name == b"IEND"
    )
