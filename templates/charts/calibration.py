"""What was said against what came true: of claims near 60 %, did about 60 % come true?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt

from analysis.report import FlowReport
from templates.charts.drawing.facts import Chart, Extras, NoChart, Said
from templates.charts.drawing.rows import layered, over
from templates.charts.drawing.words import day, framed
from templates.figures import count, odds

PLACE = 60

SLUG = "calibration"
LABELS = {
    "half_back_5": "half the move undone in five sessions",
    "next_sign": "next session turns",
    "next_abs_band": "next session moves more than 1%",
    "half_back_5_large": "half of a move over 2% undone",
}
"""What the claims of each key say, in a few words."""

HINDSIGHT = "Hindsight: today's method on earlier evenings; nobody published these claims."
HEIGHT = 250
WHOLE = alt.Scale(domain=[0.0, 1.0], nice=False)


def calibration(report: FlowReport, extras: Extras) -> Chart | NoChart:
    """Draw each group of claims at what was said and what came true, with its interval."""
    if not extras.said:
        return NoChart(slug=SLUG, reason="no claim has come due yet")
    graded_by = None if extras.hindsight else report.session
    return drawn(extras.said, graded_by, demo=report.demo)


def drawn(said: Sequence[Said], graded_by: date | None, *, demo: bool) -> Chart:
    """Draw what claims said against how many came true.

    Parameters
    ----------
    said
        Groups of claims of one key and about one probability.
    graded_by
        The day by which published claims were graded; None for hindsight.
    demo
        Whether the market is simulated.
    """
    record = HINDSIGHT if graded_by is None else f"Published claims graded by {day(graded_by)}."
    shown = f"{record} Line: 95% interval. On the diagonal: as often as said."
    words = (title_of(said), shown, f"{record} With 95% intervals. {alt_of(said)}")
    return framed(SLUG, figure_of(said), words, demo=demo)


def as_said(one: Said) -> bool:
    """Say whether what was said lies within the interval of what came true."""
    return one.low <= one.probability <= one.high


def title_of(said: Sequence[Said]) -> str:
    """Count the groups that came true as often as said."""
    held = sum(map(as_said, said))
    if held == len(said):
        return f"All {count(held)} groups of claims came true about as often as said"
    return f"{count(held)} of {count(len(said))} groups of claims came true about as often as said"


def alt_of(said: Sequence[Said]) -> str:
    """Tell every group."""
    return " ".join(
        f"{LABELS.get(one.key, one.key)}, said {odds(one.probability)}: came true "
        f"{odds(one.came_true)}, between {odds(one.low)} and {odds(one.high)}, of "
        f"{count(one.n)} claims."
        for one in said
    )


def figure_of(said: Sequence[Said]) -> alt.LayerChart:
    """Draw the groups around the diagonal, each key in its own colour and shape."""
    keys = list(dict.fromkeys(LABELS.get(one.key, one.key) for one in said))
    data = over(
        [
            {
                "key": LABELS.get(one.key, one.key),
                "said": one.probability,
                "true": one.came_true,
                "low": one.low,
                "high": one.high,
                "n": one.n,
            }
            for one in said
        ]
    )
    legend = alt.Legend(title=None, orient="bottom", direction="vertical")
    key = alt.Color("key:N", scale=alt.Scale(domain=keys), legend=legend)
    shape = alt.Shape("key:N", scale=alt.Scale(domain=keys), legend=legend)
    x = alt.X("said:Q", axis=_axis("probability said"), scale=WHOLE)
    y = alt.Y("true:Q", axis=_axis("share that came true"), scale=WHOLE)
    tip = [
        alt.Tooltip("key:N"),
        alt.Tooltip("n:Q"),
        *(alt.Tooltip(f"{name}:Q", format=".0%") for name in ("said", "true")),
    ]
    ends = over([{"said": 0.0, "true": 0.0}, {"said": 1.0, "true": 1.0}])
    return layered(
        ends.mark_line(style="guide").encode(x, y),
        data.mark_rule(strokeWidth=1.6).encode(x, alt.Y("low:Q"), key, y2="high:Q"),
        data.mark_point(filled=True, size=70, opacity=1.0).encode(x, y, key, shape, tooltip=tip),
        height=HEIGHT,
    )


def _axis(title: str) -> alt.Axis:
    return alt.Axis(title=title, format=".0%", tickCount=5)
