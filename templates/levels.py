"""What traders and quants are shown beside the sentences: figures, ranks, formulas.

The facts are those of the plain note; only how many of them are set out differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from templates.points import Point

TRADER_FIGURES = 5
"""Figures of evidence a trader is shown: the most unusual of the past year."""

OWN = frozenset(
    [
        "low_usd",
        "mid_usd",
        "high_usd",
        "score",
        "surprise",
        "share_of_adv",
        "rank",
        "coverage",
        "confidence",
        "first_part",
        "second_part",
        "first_part_fraction",
        "sized_in_year",
    ]
)
"""Figures that the driver's own line tells already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a driver is measured: one formula, what it needs, where it is described."""

    formula: str
    inputs: str
    reference: str


@cache
def methods() -> dict[str, Method]:
    """Return each driver's method by slug."""
    rows = yaml.safe_load((Path(__file__).parent / "methods.yaml").read_text("utf-8"))
    return {slug: Method(**row) for slug, row in rows.items()}


def told_figures(point: Point, level: str) -> tuple[str, ...]:
    """Return the keys of the evidence a level shows, most unusual first.

    A trader sees the five furthest from the middle of their past year, a quant all of them.
    """
    keys = [
        key
        for key, figure in point.figures.items()
        if key not in OWN and not key.endswith("_before") and figure.standing.unit != "flag"
    ]
    if "covered_fraction" not in point.figures and "assets_age_days" in keys:
        # A total between two published dates has no assets, and so none that could be old.
        keys.remove("assets_age_days")
    if level == "quant":
        return tuple(keys)
    ranked = {key: point.figures[key].percentile for key in keys}
    far = {key: abs(rank - 0.5) for key, rank in ranked.items() if rank is not None}
    return tuple(sorted(far, key=lambda key: -far[key])[:TRADER_FIGURES])
