"""What a vendor is asked, and what it may answer: raw bytes, facts, or a typed error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to ask a vendor for.

    ``feed`` names, in a reader's words, what the item belongs to; it is the name under which
    the report's sources list it.
    """

    key: str
    feed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A stream of facts from one vendor.

    ``stale_days`` is the age of the newest fact past which the feed is not fresh
    [calendar days]; ``feeds`` names what rests on it.
    """

    name: str
    stale_days: int
    feeds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One answer as it came; ``name`` is the address or a short form of it."""

    name: str
    content: bytes
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Rows for one file of the market folder, in that file's own columns.

    ``replaces`` names symbols whose earlier rows are withdrawn, as after a split.
    """

    path: str
    rows: pd.DataFrame
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything one item yielded.

    ``as_of`` is the day the newest fact speaks of. ``final`` says that asking again for this
    session would bring nothing new. ``chains`` go into the market folder as they came.
    """

    as_of: pd.Timestamp
    final: bool
    raws: tuple[Raw, ...] = ()
    facts: tuple[Facts, ...] = ()
    chains: tuple[Raw, ...] = ()
    problems: tuple[str, ...] = ()


class Shelf(Protocol):
    """What the archive already knows, for vendors that only ask for what is new."""

    def table(self, path: str) -> pd.DataFrame:
        """Return a file of the market folder in its own columns; no rows where there is none."""
        ...

    def asked(self, vendor: str) -> frozenset[str]:
        """Return the items of a vendor that need not be asked for again this evening."""
        ...


class Vendor(Protocol):
    """A public source of facts."""

    @property
    def name(self) -> str:
        """How logs and messages call it."""
        ...

    @property
    def feeds(self) -> Sequence[Feed]:
        """The streams of facts it has."""
        ...

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return what to ask for on the evening of ``session``, the most needed first."""
        ...

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Ask for one item.

        Raises
        ------
        VendorError
            With a named fault, where there is no usable answer.
        """
        ...

    def probe(self) -> str:
        """Ask for the smallest thing there is, and say in a few words what came.

        Raises
        ------
        VendorError
        """
        ...
