"""Files that are there whole or not at all, whatever happens in mid-write."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

DRAFT = ".draft-"
"""What the names of unfinished files begin with; one that a crash left behind is nothing."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or the next run after a crash, sees all of it or none.

    The bytes go to a draft beside the file, are forced to the disk, and take the name in one
    step; then the folder's own entry is forced too.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=DRAFT, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _force(path.parent)


def _force(folder: Path) -> None:
    """Force a folder's entries to the disk where the system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
