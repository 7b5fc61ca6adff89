"""What a driver is, and what it says of a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pandas as pd

from analysis.market import Market


class Kind(StrEnum):
    """Whether a flow follows a rule or a belief."""

    MECHANICAL = "mechanical"
    CONVICTION = "conviction"


class Grade(StrEnum):
    """How firmly the method stands: A an identity, B a model, C an inference."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something a driver needs, and how much of its coverage hangs on it.

    The measure says in ``has_<key>`` which part of it is known [0 to 1] and, where the
    input can grow old, in ``age_<key>`` how old it is [calendar days].
    """

    key: str
    weight: float
    missing: str
    """What the report says when it is not there."""
    half_life_days: float | None = None


INDEX_VOLUME = Input(
    key="volume",
    weight=0.15,
    missing="dollar volume of the index's members",
    half_life_days=365.0,
)
"""What every driver needs that measures its dollars against the market's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A column of the measure that a reader may check: evidence in the making.

    ``as_of`` and ``source_column`` name columns that hold the date and the source of each
    session's figure; left empty, the figure is of the session and comes from ``source``.
    """

    key: str
    label: str
    unit: str
    source: str
    as_of: str = ""
    source_column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A named way of reading one flow from the market's past.

    ``measure`` returns one row a session. Columns it may hold: ``flow_low_usd``,
    ``flow_mid_usd``, ``flow_high_usd`` and ``share_of_adv`` where the method has dollars;
    ``z`` where it has a standardised reading; ``has_<input>`` and ``age_<input>`` for its
    inputs; a column for each of its facts; ``series`` where two methods must not be ranked
    against each other; ``caveat`` where the standing caveat changes with the day.
    """

    slug: str
    title: str
    kind: Kind
    grade: Grade
    measure: Callable[[Market], pd.DataFrame] = field(repr=False)
    inputs: tuple[Input, ...]
    facts: tuple[Fact, ...]
    caveat: str
    witness: str = ""
    """Column of the measure, above zero for buying, that tells more than the day's return: the
    verdict hears its rank among moves of the same size. A conviction driver names its
    ``participation`` column instead, such a rank already, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range and its most likely value: low <= mid <= high as numbers, whatever the sign."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        """Refuse a range that is out of order."""
        if not self.low <= self.mid <= self.high:
            raise ValueError(
                f"range is low {self.low!r}, mid {self.mid!r}, high {self.high!r}, "
                "but low <= mid <= high must hold; sort the bounds of a sale first"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One figure a reader can check: what, how much, how unusual, from when and where."""

    key: str
    label: str
    value: float
    unit: str
    percentile: float | None
    """Rank of the value in its own past year, in [0, 1]."""
    previous: float | None
    as_of: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one driver says of one session.

    ``score`` in [-1, 1], above zero buying; ``surprise`` in [-1, 1], how unusual the flow
    was for a move of that size; the rest as in the report's contract.
    """

    driver: Driver
    measured: bool
    score: float
    surprise: float | None
    flow_usd: Estimate | None
    share_of_adv: float | None
    percentile: float | None
    coverage: float
    confidence: float
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    caveat: str

    @property
    def slug(self) -> str:
        """The driver's slug."""
        return self.driver.slug

    def value(self, key: str) -> float | None:
        """Return the evidence of that key, or None where it is not known today."""
        return next((item.value for item in self.evidence if item.key == key), None)
