"""Answers kept with the marks their hosts gave them, so that an unchanged file is not sent twice.

One file an address: a line of JSON with the marks, then the body. The body's hash is among
the marks, and a file that does not fit it counts as absent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from analysis.sources.safe_write import write_whole


@dataclass(frozen=True, slots=True)
class Kept:
    """A body as it came, its content type, and the host's marks for it."""

    content: bytes
    content_type: str
    etag: str
    last_modified: str

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for the body only if it has changed."""
        marks = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: mark for name, mark in marks.items() if mark}


class HttpCache:
    """A folder of kept answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, url: str) -> Kept | None:
        """Return what is kept of an address; None where nothing usable is."""
        try:
            head, _, body = self._path(url).read_bytes().partition(b"\n")
            marks = json.loads(head)
        except (OSError, ValueError):
            return None
        if marks.pop("sha256", "") != hashlib.sha256(body).hexdigest():
            return None
        return Kept(content=body, **marks)

    def keep(self, url: str, kept: Kept) -> None:
        """Keep an answer, unless its host gave no marks to ask by."""
        if not kept.conditions:
            return
        marks = {
            "content_type": kept.content_type,
            "etag": kept.etag,
            "last_modified": kept.last_modified,
            "sha256": hashlib.sha256(kept.content).hexdigest(),
        }
        write_whole(self._path(url), json.dumps(marks).encode() + b"\n" + kept.content)

    def _path(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode()).hexdigest()
