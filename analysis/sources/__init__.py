"""Where facts come from. Every source answers one question: what was known by this evening?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pandas as pd

from analysis.market import Market

if TYPE_CHECKING:
    from analysis.options.chain import Chain


class SourceError(Exception):
    """A source could not answer.

    ``permanent`` says whether asking again later is pointless.
    """

    def __init__(self, source: str, problem: str, *, permanent: bool = False) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem
        self.permanent = permanent


class Source(Protocol):
    """Anything that can tell of the market: a vendor, a folder, a simulator."""

    name: str

    def fetch(self, session: pd.Timestamp | None = None) -> Market:
        """Return what was known on the evening of ``session`` (None: of the last one)."""
        ...

    def chain(self, session: pd.Timestamp) -> Chain | None:
        """Return the index's option chain of a session, None where there is no usable one."""
        ...
