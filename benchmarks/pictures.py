"""Pictures of the documents: light enough to be kept beside the words."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

COLOURS = 128
"""Of each picture: letters and their edges need no more."""


def shrink(path: Path) -> None:
    """Leave a picture few colours, so that it weighs little."""
    with Image.open(path) as whole:
        few = whole.convert("RGB").quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    few.save(path, optimize=True)
