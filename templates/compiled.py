"""Compiled templates, kept as Python keeps its own: beside the source, in ``__pycache__``.

Compiling the phrases takes a third of a second, as long as importing pandas. Where the
folder is missing or cannot be written nothing is kept, and the next process compiles anew.
What the ``say`` tag compiles to depends on `templates.say_tag`, so its text is part of the
name: an upgrade never meets what an older tag has left behind.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket

FOLDER = Path(__file__).parent / "__pycache__"


class CompiledTemplates(FileSystemBytecodeCache):
    """Jinja's cache on disk, for a disk that may refuse it."""

    def __init__(self) -> None:
        tag = sha256((FOLDER.parent / "say_tag.py").read_bytes()).hexdigest()[:12]
        super().__init__(str(FOLDER), f"jinja-{tag}-%s.cache")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one compiled template, or pass where the folder cannot be written."""
        try:
            super().dump_bytecode(bucket)
        except OSError:
            return


def compiled_templates() -> BytecodeCache | None:
    """Return the cache, or None where Python keeps no compiled files either."""
    return CompiledTemplates() if FOLDER.is_dir() else None
