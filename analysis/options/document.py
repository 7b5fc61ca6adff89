"""A file as it arrived, unpacked: the bytes, and where they were found."""

import gzip
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from analysis.options.errors import ChainError

LOOK_BYTES = 16_000
"""Enough of a file to tell its format."""

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
LEGACY_ENCODINGS = ("cp1251", "cp1252", "iso8859-2", "iso8859-7", "gb18030", "cp932", "cp949")
"""Tried in this order when the bytes are not Unicode; only header words depend on the choice."""


@dataclass(frozen=True)
class Document:
    """One chain file: its unpacked content, its path on disk, the session a caller says it is."""

    content: bytes
    path: Path | None = None
    session: date | None = None

    @property
    def name(self) -> str:
        """Name the file in messages."""
        return self.path.name if self.path else "chain"

    @cached_property
    def head(self) -> "Document":
        """The first bytes alone, for telling formats apart without reading all."""
        return Document(self.content[:LOOK_BYTES], self.path, self.session)

    def texts(self) -> list[str]:
        """Return every plausible reading of the bytes, the likeliest first."""
        for mark, encoding in BYTE_ORDER_MARKS:
            if self.content.startswith(mark):
                return _decoded(self.content, (encoding,))
        if b"\0" in self.content[:64]:
            odd = self.content[1:64:2].count(0) >= self.content[0:64:2].count(0)
            return _decoded(self.content, ("utf-16-le" if odd else "utf-16-be",))
        return _decoded(self.content, ("utf-8",)) or _decoded(self.content, LEGACY_ENCODINGS)


def _decoded(content: bytes, encodings: tuple[str, ...]) -> list[str]:
    texts = []
    for encoding in encodings:
        try:
            texts.append(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return texts


def open_document(source: Path | str | bytes, session: date | None = None) -> Document:
    """Read a file or take bytes, gzip-compressed or not.

    Raises
    ------
    ChainError
        When the file is missing, empty, or its compression is cut or damaged.
    """
    path = None if isinstance(source, bytes) else Path(source)
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise ChainError(f"cannot open {path}: {error.strerror or error}") from error
    if content.startswith(GZIP_MAGIC):
        try:
            content = gzip.decompress(content)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ChainError(
                f"{path or 'the chain'} is cut or damaged: its gzip stream does not end well "
                f"({error}); fetch it again"
            ) from error
    if not content[:LOOK_BYTES].strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise ChainError(f"{path or 'the chain'} is empty; expected an option chain")
    return Document(content, path, session)
