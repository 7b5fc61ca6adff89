"""Pictures of what was published before: one driver over many notes, and the marks of claims.

The charts of a note are in `templates.charts`; these two are drawn from a row of notes, for
whoever asks about the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt

from templates.charts.calibration import drawn
from templates.charts.drawing.facts import Chart, Said
from templates.charts.drawing.rows import layered, over
from templates.charts.drawing.words import day, framed
from templates.figures import count

HEIGHT = 210
DATES_SHOWN = 3
WHOLE = 100.0
"""Scores are told in hundredths, from -100 for selling to +100 for buying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastScore:
    """One session's published score in [-1, 1], above zero for buying; None if not measured."""

    session: date
    score: float | None


def score_history(name: str, past: Sequence[PastScore], *, demo: bool) -> Chart:
    """Draw one driver's published scores, a bar a session.

    Parameters
    ----------
    name
        The driver's title.
    past
        Oldest first. A session without a score stays empty, with a mark on the zero line.
    demo
        Whether the market is simulated.

    Raises
    ------
    ValueError
        If there is no session at all.
    """
    if not past:
        raise ValueError("no session to draw; pass at least one published note")
    scores = [one.score for one in past if one.score is not None]
    bought, sold = sum(score > 0.0 for score in scores), sum(score < 0.0 for score in scores)
    title = (
        f"{name}: buying on {count(bought)}, selling on {count(sold)} "
        f"of {count(len(past))} sessions"
    )
    shown = (
        f"{day(past[0].session)} to {day(past[-1].session)}, as published. "
        "100 is as strong as any in three years."
    )
    said = f"{shown} {_extremes(past)}"
    return framed("score_history", _figure(past), (title, shown, said), demo=demo)


def _extremes(past: Sequence[PastScore]) -> str:
    known = [(one.score, one.session) for one in past if one.score is not None]
    if not known:
        return "It was measured on none of them."
    (low, low_on), (high, high_on) = min(known), max(known)
    last, last_on = known[-1]
    return (
        f"Highest {WHOLE * high:+.0f} on {day(high_on)}, lowest {WHOLE * low:+.0f} on "
        f"{day(low_on)}, last {WHOLE * last:+.0f} on {day(last_on)}."
    )


def _figure(past: Sequence[PastScore]) -> alt.LayerChart:
    rows = [
        {
            "day": f"{one.session:%Y-%m-%d}",
            "label": f"{one.session.day} {one.session:%b}",
            "score": None if one.score is None else WHOLE * one.score,
            "zero": 0.0,
            "side": "selling" if one.score is not None and one.score < 0.0 else "buying",
        }
        for one in past
    ]
    data = over(rows)
    step = max(1, (len(rows) - 1) // (DATES_SHOWN - 1))
    named = [str(row["day"]) for row in rows[::step]]
    dates = alt.Axis(
        title=None, values=named, labelAngle=0, labelExpr="utcFormat(toDate(datum.value), '%-d %b')"
    )
    x = alt.X("day:O", axis=dates, sort=[str(row["day"]) for row in rows])
    marks = alt.Axis(title="← selling · buying →", values=[-100, -50, 0, 50, 100])
    y = alt.Y("score:Q", axis=marks, scale=alt.Scale(domain=[-WHOLE, WHOLE], nice=False))
    side = alt.Color("side:N", scale=alt.Scale(domain=["buying", "selling"]), legend=None)
    tip = [alt.Tooltip("label:N", title="session"), alt.Tooltip("score:Q", format="+.0f")]
    unknown = data.transform_filter("!isValid(datum.score)")
    return layered(
        data.transform_filter("isValid(datum.score)").mark_bar().encode(x, y, side, tooltip=tip),
        unknown.mark_point(style="ink", shape="cross", size=14).encode(x, alt.Y("zero:Q")),
        data.mark_rule(style="zero").encode(y=alt.datum(0.0)),
        height=HEIGHT,
    )


def record_chart(said: Sequence[Said], newest: date, *, demo: bool) -> Chart:
    """Draw what published claims said against how many came true.

    Raises
    ------
    ValueError
        If no claim has been marked.
    """
    if not said:
        raise ValueError("no claim has been marked yet; ask again when the first is due")
    return drawn(said, newest, demo=demo)
