"""Whether what the VIX did beside the index may be read at all, and if not, why not.

What the VIX should have done is a line through the index's moves of the past year. There are
days that line cannot judge, and on those a note draws no conclusion.
"""

from __future__ import annotations

from enum import StrEnum

from templates.facts import Figures

READ_FROM_POINTS = 1.0
"""A gap between the VIX and the line under this is no news [points]."""

FAR_BEYOND = 3.0
"""A gap this many times the stretched part of the line does not hang on the stretch [x]."""

HAD_GONE = 0.5
"""A VIX that went this part of the way in the week before need not go it again [fraction]."""


class Doubt(StrEnum):
    """Why no conclusion is drawn from the VIX."""

    NONE = ""
    SMALL = "small"
    """It moved within a point of the line."""
    STRETCHED = "stretched"
    """No move of the past year the same way was as large, and the gap is not far beyond that."""
    AHEAD = "ahead"
    """It stayed behind the index, but had gone much of the way in the week before."""
    RECORD = "record"
    """It stayed behind the index on a day of its own largest move in long."""


def doubt_of(figures: Figures, day_return: float, *, lagged: bool, record: bool) -> Doubt:
    """Return why the VIX is not to be read, or that it may be.

    Parameters
    ----------
    figures
        The hedges' own, with what was worked out of them; one that is missing doubts nothing.
    day_return
        The index's return [fraction].
    lagged
        Whether the VIX went less far than the line says, or the other way.
    record
        Whether it had not moved as far that way in long.
    """
    if "gap_points" in figures and abs(figures["gap_points"]) < READ_FROM_POINTS:
        return Doubt.SMALL
    if is_stretched(figures, day_return) and not _far_beyond(figures, day_return):
        return Doubt.STRETCHED
    if lagged and record:
        return Doubt.RECORD
    return Doubt.AHEAD if lagged and _had_gone(figures) else Doubt.NONE


def is_stretched(figures: Figures, day_return: float) -> bool:
    """Say whether no move the same way in the past year was as large as the day's."""
    return "fitted_reach_return" in figures and abs(day_return) > figures["fitted_reach_return"]


def _far_beyond(figures: Figures, day_return: float) -> bool:
    """Say whether the gap is many times the part of the line that no day of the year supports."""
    if "vix_shortfall" not in figures or day_return == 0.0:
        return False
    beyond = 1.0 - figures["fitted_reach_return"] / abs(day_return)
    stretch = abs(figures["expected_vix_change"]) * beyond
    return abs(figures["vix_shortfall"]) >= FAR_BEYOND * stretch


def _had_gone(figures: Figures) -> bool:
    """Say whether the week before had taken the VIX much of the way it is expected to go."""
    if "expected_points" not in figures or "vix_week_before" not in figures:
        return False
    expected, before = figures["expected_points"], figures["vix_week_before"]
    return expected * before > 0.0 and abs(before) >= HAD_GONE * abs(expected)
