"""Bytes under their own hash, compressed: stored once, however often they come."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from analysis.sources.safe_write import DRAFT, write_whole

LEVEL = 6


class DamagedError(ValueError):
    """What lies under a hash is not there, cannot be unpacked, or is something else."""


class Objects:
    """A folder of compressed files named by the sha256 of what they hold."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep bytes and return their hash; what is there already is left alone."""
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if not path.is_file():
            write_whole(path, gzip.compress(content, LEVEL, mtime=0))
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes under a hash.

        Raises
        ------
        DamagedError
            If they are not there or not what the hash says.
        """
        try:
            content = gzip.decompress(self._path(name).read_bytes())
        except FileNotFoundError as error:
            raise DamagedError(f"object {name[:12]} is missing") from error
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedError(f"object {name[:12]} cannot be unpacked: {error}") from error
        if hashlib.sha256(content).hexdigest() != name:
            raise DamagedError(f"object {name[:12]} holds something else")
        return content

    def names(self) -> Iterator[str]:
        """Return every hash there is."""
        for path in sorted(self._folder.glob("??/*.gz")):
            yield path.parent.name + path.name.removesuffix(".gz")

    def drafts(self) -> Iterator[Path]:
        """Return the unfinished files that crashes left behind."""
        yield from sorted(self._folder.glob(f"??/{DRAFT}*"))

    def remove(self, name: str) -> int:
        """Remove what lies under a hash and return how much room it took [bytes]."""
        path = self._path(name)
        size = path.stat().st_size if path.is_file() else 0
        path.unlink(missing_ok=True)
        return size

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name[2:]}.gz"
