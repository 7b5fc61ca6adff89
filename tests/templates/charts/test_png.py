"""A picture packed anew shows what it showed."""

from __future__ import annotations

import struct
import zlib

import pytest

from templates.charts.drawing.png import SIGNATURE, smaller

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
Pixel = tuple[int, int, int]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def written(rows: list[bytes], width: int, kind: int = 6) -> bytes:
    header = struct.pack(">IIBBBBB", width, len(rows), 8, kind, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows)))
    return SIGNATURE + parts + chunk(b"IEND", b"")


def plain(pixels: list[Pixel]) -> bytes:
    return b"\x00" + b"".join(bytes([*pixel, 255]) for pixel in pixels)


def shown(picture: bytes, width: int) -> list[Pixel]:
    """Return the colours of a picture with a table of colours, row by row."""
    table = body(picture, b"PLTE")
    rows = zlib.decompress(body(picture, b"IDAT"))
    lines = [rows[at : at + width + 1] for at in range(0, len(rows), width + 1)]
    assert all(line[0] == 0 for line in lines)
    return [
        (table[3 * one], table[3 * one + 1], table[3 * one + 2])
        for line in lines
        for one in line[1:]
    ]


def body(picture: bytes, name: bytes) -> bytes:
    at = picture.index(name)
    size = struct.unpack(">I", picture[at - 4 : at])[0]
    return picture[at + 4 : at + 4 + size]


def test_a_picture_of_few_colours_keeps_every_one_exactly() -> None:
    picture = written([plain([RED, BLUE, WHITE]), plain([WHITE, WHITE, RED])], 3)

    assert shown(smaller(picture), 3) == [RED, BLUE, WHITE, WHITE, WHITE, RED]


def test_a_row_of_differences_is_added_up_byte_by_byte() -> None:
    # Red, then red + (1, 2, 3) with 255 + 1 running over to 0.
    row = b"\x01" + bytes([255, 0, 0, 255, 1, 2, 3, 0])

    assert shown(smaller(written([row], 2)), 2) == [RED, (0, 2, 3)]


def test_with_too_many_colours_near_ones_become_the_commonest_of_them() -> None:
    grey = [(level, level, 254 + level % 2) for level in range(256)] * 2
    odd: list[Pixel] = [(level, 0, 0) for level in range(1, 256)]
    row = plain([*grey, *odd, WHITE, WHITE, WHITE, WHITE])
    width = len(grey) + len(odd) + 4
    colours = shown(smaller(written([row], width)), width)

    assert len(set(colours)) <= 256
    assert colours[-1] == WHITE
    for before, after in zip([*grey, *odd], colours, strict=False):
        assert max(abs(one - other) for one, other in zip(before, after, strict=True)) < 8


def test_a_picture_written_another_way_is_packed_anew_as_it_is() -> None:
    rows = [b"\x02" + bytes(12), b"\x04" + bytes(12)]
    packed = smaller(written(rows, 3))

    assert zlib.decompress(body(packed, b"IDAT")) == b"".join(rows)
    assert b"PLTE" not in packed


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a PNG"):
        smaller(b"<svg/>")
