"""A market folder on disk, read as it was known on an evening."""

from analysis.sources.folder.errors import (
    FolderError,
    NoBarError,
    NoPricesError,
    NoSuchFolderError,
    TableError,
)
from analysis.sources.folder.source import FolderSource

__all__ = [
    "FolderError",
    "FolderSource",
    "NoBarError",
    "NoPricesError",
    "NoSuchFolderError",
    "TableError",
]
