"""Forced trading and participation over the last sessions: is today out of the ordinary?"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from analysis.report import FlowReport
from templates.charts.drawing.facts import Chart, Day, Extras, NoChart
from templates.charts.drawing.rows import layered, over
from templates.charts.drawing.themes import AXIS_EXTENT
from templates.charts.drawing.words import day, framed, side_of
from templates.figures import count, share

PLACE = 40

SLUG = "forced_share"
LEAST_DAYS = 10
"""Fewer known sessions than this are no history."""

NOTHING = 0.005
"""A net below half of one per cent of the day's volume is no side [fraction]."""

UPPER, LOWER = 120, 76
"""Heights of the two panels [pixels]."""

BAR = 0.8
"""Width of a bar [sessions]."""

FLUSH = 8
"""So near an end of the axis a date is set flush with it [pixels]."""


def forced_share(report: FlowReport, extras: Extras) -> Chart | NoChart:
    """Draw net forced trading over the day's volume, and participation beneath it."""
    days = extras.days
    known = [one.forced_share for one in days if one.forced_share is not None]
    if len(known) < LEAST_DAYS:
        return NoChart(slug=SLUG, reason=f"fewer than {LEAST_DAYS} past sessions are known")
    if days[-1].session != report.session or days[-1].forced_share is None:
        return NoChart(slug=SLUG, reason="the forced share of this session is not known")
    shown = (
        f"{count(len(days))} sessions to {day(report.session)}. Flows with a year of dollar "
        "history, most likely values, net."
    )
    words = (title_of(known), shown, alt_of(days))
    return framed(SLUG, figure_of(days), words, demo=report.demo)


def title_of(known: Sequence[float]) -> str:
    """Set the newest net against the size of the earlier ones."""
    today, earlier = known[-1], known[:-1]
    if abs(today) < NOTHING:
        return "Forced buying and forced selling about cancelled out"
    smaller = sum(abs(one) < abs(today) for one in earlier)
    head = f"Net forced {side_of(today)} was {share(today)} of volume"
    if smaller == len(earlier):
        return f"{head}, the biggest net in {count(len(known))} days"
    return f"{head}, bigger than on {count(smaller)} of {count(len(earlier))} days before"


def alt_of(days: Sequence[Day]) -> str:
    """Tell the newest figures and between which ends the others lay."""
    known = [one for one in days if one.forced_share is not None]
    least = min(known, key=lambda one: one.forced_share or 0.0)
    most = max(known, key=lambda one: one.forced_share or 0.0)
    told = (
        f"Net forced trading over {count(len(days))} sessions to {day(days[-1].session)}, as a "
        f"part of the day's volume: from {_signed(least)} on {day(least.session)} to "
        f"{_signed(most)} on {day(most.session)}, and {_signed(days[-1])} at the end."
    )
    part = days[-1].participation
    if part is None:
        return f"{told} Participation of the last session is not known."
    return f"{told} Participation then stood at {share(part)} of similar days."


def figure_of(days: Sequence[Day]) -> alt.VConcatChart:
    """Draw bars above and a line of dots beneath, on one row of sessions."""
    base = over([_drawn(at, one) for at, one in enumerate(days)])
    return alt.vconcat(_upper(base, len(days)), _lower(base, days), spacing=22)


def _drawn(at: int, one: Day) -> dict[str, object]:
    return {
        "session": day(one.session),
        "left": at - BAR / 2,
        "at": at,
        "right": at + BAR / 2,
        "share": one.forced_share,
        "side": "selling" if (one.forced_share or 0.0) < 0.0 else "buying",
        "participation": one.participation,
    }


def _upper(base: alt.Chart, length: int) -> alt.LayerChart:
    side = alt.Color("side:N", scale=alt.Scale(domain=["buying", "selling"]), legend=None)
    tip = [alt.Tooltip("session:N"), alt.Tooltip("share:Q", format=".1%", title="net share")]
    known = base.transform_filter("isValid(datum.share)")
    bars = known.mark_rect().encode(
        alt.X("left:Q", axis=None, scale=_sessions(length)),
        alt.Y("share:Q", axis=_axis(ticks=4)),
        side,
        x2="right:Q",
        y2=alt.datum(0.0),
        tooltip=tip,
    )
    zero = base.mark_rule(style="zero").encode(y=alt.datum(0.0))
    note = _note("Net forced trading over the day's volume; up: buying")
    return layered(bars, zero, note, height=UPPER)


def _lower(base: alt.Chart, days: Sequence[Day]) -> alt.LayerChart:
    x = alt.X("at:Q", axis=_calendar(days), scale=_sessions(len(days)))
    y = alt.Y(
        "participation:Q",
        axis=_axis(values=[0.0, 0.5, 1.0]),
        scale=alt.Scale(domain=[0.0, 1.0]),
    )
    tip = [alt.Tooltip("session:N"), alt.Tooltip("participation:Q", format=".0%")]
    line = base.mark_line(style="line").encode(x, y)
    dots = base.mark_point(style="ink", filled=True, size=16).encode(x, y, tooltip=tip)
    half = base.mark_rule(style="guide").encode(y=alt.datum(0.5))
    note = _note("Participation: part of similar days that had less")
    return layered(half, line, dots, note, height=LOWER)


def _sessions(length: int) -> alt.Scale:
    return alt.Scale(domain=[-0.5, length - 0.5], nice=False, zero=False)


def _calendar(days: Sequence[Day]) -> alt.Axis:
    """Name the first, the middle and the last session."""
    named = (0, len(days) // 2, len(days) - 1)
    labels = " : ".join(f"datum.value == {at} ? '{day(days[at].session)}'" for at in named)
    return alt.Axis(
        title=None, values=list(named), grid=False, labelFlush=FLUSH, labelExpr=f"{labels} : ''"
    )


def _axis(*, values: list[float] | None = None, ticks: int = 3) -> alt.Axis:
    return alt.Axis(
        title=None,
        format=".0%",
        values=alt.Undefined if values is None else values,
        tickCount=ticks,
        minExtent=AXIS_EXTENT,
        maxExtent=AXIS_EXTENT,
    )


def _note(said: str) -> alt.Chart:
    mark = over([{"said": said}]).mark_text(style="note", align="left", baseline="bottom")
    note: alt.Chart = mark.encode(x=alt.value(0), y=alt.value(-5), text="said:N")
    return note


def _signed(one: Day) -> str:
    amount = one.forced_share or 0.0
    return f"{share(amount)} of {side_of(amount)}"
