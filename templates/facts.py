"""The figures a sentence may use, and the record of those it did use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from analysis.reading import Estimate
from templates.figure_labels import label_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a figure comes from and how it stands in its own past."""

    label: str
    unit: str
    source: str = ""
    as_of: date | None = None
    percentile: float | None = None


class Figure(float):
    """A number of the report that knows its key and its standing.

    >>> figure = Figure(0.5, "share", Standing(label="Share", unit="fraction"))
    >>> figure * 2, figure.key
    (1.0, 'share')
    """

    key: str
    standing: Standing

    def __new__(cls, value: float, key: str, standing: Standing) -> Self:
        """Bind the number to its key."""
        figure = super().__new__(cls, value)
        figure.key = key
        figure.standing = standing
        return figure

    @property
    def as_of(self) -> date | None:
        """The day it describes, None where that is the session itself."""
        return self.standing.as_of

    @property
    def percentile(self) -> float | None:
        """Rank in its own past year, in [0, 1]; None where that past is too short."""
        return self.standing.percentile


Figures = Mapping[str, Figure]


@dataclass
class Trace:
    """Which figures the sentence being written has touched, in order."""

    touched: dict[str, Figure] = field(default_factory=dict)

    def restart(self) -> None:
        """Forget what earlier sentences touched."""
        self.touched = {}


class Traced(Mapping[str, Figure]):
    """Figures that leave a trace when a template reads them."""

    def __init__(self, scope: str, figures: Figures, trace: Trace) -> None:
        self._scope = scope
        self._figures = figures
        self._trace = trace

    def __getitem__(self, key: str) -> Figure:
        """Return a figure and note that the sentence rests on it."""
        figure = self._figures[key]
        self._trace.touched[f"{self._scope}.{key}"] = figure
        return figure

    def __contains__(self, key: object) -> bool:
        """Say whether a figure is known today, without touching it."""
        return key in self._figures

    def __iter__(self) -> Iterator[str]:
        """Walk over the keys."""
        return iter(self._figures)

    def __len__(self) -> int:
        """Count the figures."""
        return len(self._figures)


Named = Mapping[str, tuple[float | None, str]]
"""Value and unit by name."""


def named_figures(values: Named) -> dict[str, Figure]:
    """Return figures by name, those that are not known left out."""
    return {
        key: Figure(value, key, Standing(label=label_of(key), unit=unit))
        for key, (value, unit) in values.items()
        if value is not None
    }


def range_values(name: str, estimate: Estimate | None) -> Named:
    """Name the ends and the middle of a range of dollars; nothing where there is none."""
    if estimate is None:
        return {}
    return {
        f"{name}_low_usd": (estimate.low, "USD"),
        f"{name}_usd": (estimate.mid, "USD"),
        f"{name}_high_usd": (estimate.high, "USD"),
    }
