"""Find the reader for a file: every module in the readers folder that recognises one."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Protocol

from analysis.options import readers
from analysis.options.document import Document
from analysis.options.errors import ChainError
from analysis.options.quotes import Quotes


class Reader(Protocol):
    """A module that knows one format."""

    def recognises(self, document: Document, /) -> bool:
        """Say whether the document is of this format, without parsing it."""

    def read(self, document: Document, /) -> Quotes:
        """Return the document's columns; raise ChainError where it is damaged."""


@cache
def all_readers() -> dict[str, Reader]:
    """Import every module of the readers folder that has both functions."""
    found: dict[str, Reader] = {}
    for module in pkgutil.iter_modules(readers.__path__, f"{readers.__name__}."):
        candidate = import_module(module.name)
        if hasattr(candidate, "recognises") and hasattr(candidate, "read"):
            found[module.name.rpartition(".")[2]] = candidate
    return found


def reader_of(document: Document) -> Reader:
    """Return the reader of a document's format; raise ChainError when there is none."""
    for reader in all_readers().values():
        if reader.recognises(document):
            return reader
    known = ", ".join(all_readers())
    raise ChainError(
        "the file is in no format known here; it begins "
        f"{document.content[:40]!r}; readers exist for {known}"
    )
