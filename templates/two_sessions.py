"""Two published sessions side by side: each driver's score on both, and how far it went.

A ring is the first session and a dot the second, on one line from selling to buying; the figures
stand above it, so that nothing hangs on the colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt

from templates.charts.drawing.facts import Chart
from templates.charts.drawing.rows import NAME_LINE, layered, over, row_words, y_at
from templates.charts.drawing.words import MINUS, day, framed
from templates.past_charts import WHOLE

ROW, MIDDLE, REACH = 40, 28, 7
"""Height of a driver's row, where its line is and how far the zero mark goes beyond [pixels]."""

RING, DOT = 130, 60
"""Areas of the two marks [square pixels]: the dot leaves the ring to be seen around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePair:
    """A driver's published scores in [-1, 1] on two sessions; None where it was not measured."""

    name: str
    first: float | None
    second: float | None

    @property
    def change(self) -> float | None:
        """Second less first, nothing unless both were measured."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first


def two_sessions(days: tuple[date, date], pairs: Sequence[ScorePair], *, demo: bool) -> Chart:
    """Draw each driver's score on two sessions, the largest change first.

    Parameters
    ----------
    days
        The two sessions, in the order in which they were asked for.
    pairs
        One a driver. What was not measured on one of the days has the other's mark alone.
    demo
        Whether the market is simulated.

    Raises
    ------
    ValueError
        If no driver was measured on both.
    """
    known = [(change, pair) for pair in pairs if (change := pair.change) is not None]
    if not known:
        raise ValueError("no driver was measured on both sessions; there is nothing to compare")
    ordered = sorted(pairs, key=lambda pair: (-abs(pair.change or 0.0), pair.name))
    shown = (
        f"Ring: {day(days[0])}. Dot: {day(days[1])}. Scores as published; "
        "100 is as strong as any in three years."
    )
    told = " ".join(
        f"{one.name}: {score_words(one.first)} and {score_words(one.second)}." for one in ordered
    )
    words = (
        _title(max(known, key=lambda one: abs(one[0]))[1]),
        shown,
        f"Scores on {day(days[0])} and {day(days[1])}, above zero for buying. {told}",
    )
    return framed("two_sessions", _figure(ordered), words, demo=demo)


def score_words(score: float | None) -> str:
    """Say a score in hundredths with its sign.

    >>> score_words(0.86), score_words(-0.861), score_words(0.001), score_words(None)
    ('+86', '-86', '0', 'not measured')
    """
    if score is None:
        return "not measured"
    hundredths = round(WHOLE * score)
    return f"{hundredths:+d}" if hundredths else "0"


def _title(most: ScorePair) -> str:
    first, second = score_words(most.first), score_words(most.second)
    if first == second:
        return "Not one driver's score differed between the two"
    return f"{most.name} differed most: {_typeset(first)} and {_typeset(second)}"


def _typeset(words: str) -> str:
    return words.replace("-", MINUS)


def _row(place: int, pair: ScorePair) -> dict[str, object]:
    top = place * ROW
    was, became = score_words(pair.first), score_words(pair.second)
    return {
        "name": pair.name,
        "said": was if was == became == score_words(None) else _typeset(f"{was} → {became}"),
        "first": None if pair.first is None else WHOLE * pair.first,
        "second": None if pair.second is None else WHOLE * pair.second,
        "side": "selling" if pair.second is not None and pair.second < 0.0 else "buying",
        "name_line": top + NAME_LINE,
        "said_line": top + NAME_LINE,
        "middle": top + MIDDLE,
        "zero_top": top + MIDDLE - REACH,
        "zero_end": top + MIDDLE + REACH,
    }


def _figure(pairs: Sequence[ScorePair]) -> alt.LayerChart:
    base = over([_row(place, pair) for place, pair in enumerate(pairs)])
    height = ROW * len(pairs)
    axis = alt.Axis(
        orient="top", title="← selling · buying →", grid=False, values=[-100, -50, 0, 50, 100]
    )
    scale = alt.Scale(domain=[-WHOLE, WHOLE], nice=False, padding=8)
    side = alt.Color("side:N", scale=alt.Scale(domain=["buying", "selling"]), legend=None)
    tip = [alt.Tooltip("name:N", title="driver"), alt.Tooltip("said:N", title="scores")]
    middle = y_at("middle", height)
    had = {one: base.transform_filter(f"isValid(datum.{one})") for one in ("first", "second")}
    both = had["first"].transform_filter("isValid(datum.second)")
    return layered(
        base.mark_rule(style="track").encode(middle, x=alt.datum(-WHOLE), x2=alt.datum(WHOLE)),
        base.mark_rule(style="zero").encode(
            y_at("zero_top", height), x=alt.datum(0.0), y2="zero_end:Q"
        ),
        both.mark_rule(style="range").encode(middle, x="first:Q", x2="second:Q"),
        had["second"]
        .mark_point(shape="circle", size=DOT, filled=True, opacity=1.0)
        .encode(middle, side, tip, x="second:Q"),
        had["first"]
        .mark_point(style="ink", shape="circle", size=RING, filled=False, opacity=1.0)
        .encode(middle, tip, x=alt.X("first:Q", axis=axis, scale=scale)),
        *row_words(base, height),
        height=height,
    )
