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
"""Figures of evidence a trader is shown of a driver without a list of its own."""

FOR_TRADERS = {
    "leveraged_etf": (
        "usd_per_pct",
        "bucket_ndx_usd",
        "bucket_spx_usd",
        "bucket_semis_usd",
        "bucket_single_stocks_usd",
    ),
    "dealer_gamma": (
        "gamma_usd_per_pct",
        "flip_low",
        "flip_high",
        "large_gamma_call_strike",
        "large_gamma_put_strike",
        "expiring_5d_fraction",
        "negative_probability",
        "next_day_move_bps",
    ),
    "hedge_unwinding": (
        "vix_change",
        "expected_vix_change",
        "vix_to_vix3m",
        "vvix_change",
        "put_call",
    ),
    "short_covering": (
        "basket_return",
        "basket_excess_return",
        "favourites_spread_return",
        "short_interest_usd",
        "days_to_cover",
    ),
    "vol_control": (
        "exposure_prior",
        "exposure",
        "scenario_flat_usd",
        "scenario_1pct_usd",
        "scenario_2pct_usd",
    ),
    "trend_following": (
        "position_prior",
        "position",
        "turning_level",
        "flip_21d",
        "flip_63d",
        "flip_252d",
    ),
    "real_money": (
        "breadth",
        "up_volume_share",
        "relative_volume",
        "close_location",
        "creations_usd",
    ),
}
"""What a trader is shown of each driver: dollars, levels, and what moves them."""

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
    """Return the keys of the evidence a level shows.

    A trader sees the dollars and levels listed for the driver, or, of a driver without a
    list, the five figures furthest from the middle of their past year; a quant sees all.
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
    if point.slug in FOR_TRADERS:
        return tuple(key for key in FOR_TRADERS[point.slug] if key in keys)
    ranked = {key: point.figures[key].percentile for key in keys}
    far = {key: abs(rank - 0.5) for key, rank in ranked.items() if rank is not None}
    return tuple(sorted(far, key=lambda key: -far[key])[:TRADER_FIGURES])
