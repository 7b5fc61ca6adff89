"""What can be so wrong with a market folder that no report can come of it."""

from __future__ import annotations

from typing import ClassVar

from analysis.sources import SourceError


class FolderError(SourceError):
    """The folder cannot answer; asking again does not help until somebody mends it."""

    exit_code: ClassVar[int] = 3

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(source, problem, permanent=True)


class NoSuchFolderError(FolderError):
    """There is no folder at that path: a slip in the argument, not in the data."""

    exit_code: ClassVar[int] = 2


class NoPricesError(FolderError):
    """The folder is empty, has no price file, or the price file has no index."""


class TableError(FolderError):
    """A file cannot be read, lacks a column, or contradicts itself; fatal for prices only."""


class NoBarError(FolderError):
    """The index has no bar for the session, or none for the one before."""
