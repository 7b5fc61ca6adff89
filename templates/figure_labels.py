"""What the figures of the day are called where a reader asks why a sentence stands there.

Figures of a driver's evidence bring labels of their own; these are the ones that are named here.
"""

from __future__ import annotations

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "day_return": "the index's move",
    "close": "the index's close",
    "usual_move": "its usual daily move",
    "move": "the move beside the usual one",
    "open_return": "its open beside the close before",
    "high_return": "its high beside the close before",
    "low_return": "its low beside the close before",
    "two_day_return": "its move in two days",
    "prior_return": "its move the day before",
    "prior_from_high": "the close before, beside the month's highest",
    "prior_from_low": "the close before, beside the month's lowest",
    "run": "days in a row",
    "vix_close": "the VIX at the close",
    "vix_change": "the VIX's change",
    "vix_before": "the VIX the day before",
    "forced": "forced orders, net",
    "prior_forced": "forced orders of the day before, net",
    "forced_share": "forced orders both ways, beside a normal day's trading",
    "explained": "what forced orders explain of the move",
    "residual": "what is left of the move",
    "measured": "groups that could be read",
    "drivers": "groups that are looked at",
    "settled_return": "the move that was settled",
    "settled_after": "sessions since",
    "settled_probability": "the chance it was given",
    "mid": "most likely flow",
    "low": "low end",
    "high": "high end",
    "identity": "order before investors' own money",
    "n": "days counted",
    "probability": "chance",
    "base_rate": "how often it came true before",
    "margin": "half the interval's width",
    "horizon": "sessions ahead",
}
"""By key without its unit; a key that is not here is called by its own words."""

UNITS = ("_usd", "_fraction")
ENDS: Mapping[str, str] = {"_low": "low end", "_high": "high end"}


def label_of(key: str) -> str:
    """Return what a figure is called.

    >>> label_of("day_return"), label_of("forced_low_usd"), label_of("best_sector")
    ("the index's move", 'forced orders, net: low end', 'best sector')
    """
    for unit in UNITS:
        key = key.removesuffix(unit)
    for end, words in ENDS.items():
        if key.endswith(end):
            return f"{label_of(key.removesuffix(end))}: {words}"
    return LABELS.get(key, key.replace("_", " "))
