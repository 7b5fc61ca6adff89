"""Rows for a narrow screen: what it is and how much on one line, the bar beneath it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import altair as alt

RANGE_ROW, BAR_ROW, TEXT_ROW, LINE = 42, 34, 24, 16
"""Heights of a row with a range, with a bar alone, with neither, and of each further line of
its name [pixels]."""

NAME_LINE, BAR_TOP, BAR, THIN_BAR, CAP = 5, 21, 13, 8, 3
"""Where in a row its last line of text and its bar begin, how high a bar with and without a
range is, and how far a range's ends stay inside it [pixels]."""

CUT_AT = 2.0
"""A range is cut, with an arrow, at twice the largest bar: one wide guess must not flatten all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bar: its name, what is printed beside it, and its figures in the axis's unit.

    ``mid`` None stands for a row of words only, which comes after those with bars; ``low``
    and ``high`` None for a bar without a range.
    """

    name: str
    said: str
    mid: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def side(self) -> str:
        """Which side the bar is on."""
        return "selling" if self.mid is not None and self.mid < 0.0 else "buying"

    @property
    def lead(self) -> int:
        """Height of its name's lines before the last [pixels]."""
        return LINE * self.name.count("\n")

    @property
    def height(self) -> int:
        """Height of the row [pixels]."""
        if self.mid is None:
            return self.lead + TEXT_ROW
        return self.lead + (BAR_ROW if self.low is None else RANGE_ROW)


def tops(rows: Sequence[Row]) -> list[int]:
    """Return where each row begins, and at last where the last one ends [pixels].

    >>> tops([Row(name="a", said="", mid=1.0), Row(name="b", said="")])
    [0, 34, 58]
    """
    return list(accumulate((row.height for row in rows), initial=0))


def domain(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the ends of the axis: zero, every bar, and of the ranges what is not cut."""
    reach = CUT_AT * max((abs(row.mid) for row in rows if row.mid is not None), default=0.0)
    ends = [end for row in rows for end in (row.low, row.mid, row.high) if end is not None]
    return max(min([0.0, *ends]), -reach), min(max([0.0, *ends]), reach)


def places(rows: Sequence[Row], ends: tuple[float, float]) -> list[dict[str, object]]:
    """Return each row with where it stands and what of its range lies within the axis."""
    low, high = ends
    placed: list[dict[str, object]] = []
    for row, top in zip(rows, tops(rows), strict=False):
        lower = top + row.lead
        foot = lower + BAR_TOP + (THIN_BAR if row.low is None else BAR)
        shown: dict[str, object] = {
            "name": row.name,
            "said": row.said,
            "name_line": top + NAME_LINE,
            "said_line": lower + NAME_LINE,
        }
        if row.mid is not None:
            shown |= {
                "mid": row.mid,
                "side": row.side,
                "bar_top": lower + BAR_TOP,
                "bar_end": foot,
                "zero_top": lower + BAR_TOP - CAP,
                "zero_end": foot + CAP,
                "middle": (lower + BAR_TOP + foot) / 2,
            }
        if row.low is not None and row.high is not None:
            shown |= {
                "low": max(row.low, low),
                "high": min(row.high, high),
                "cap_top": lower + BAR_TOP + CAP,
                "cap_end": foot - CAP,
                "low_cut": row.low < low,
                "high_cut": row.high > high,
            }
        placed.append(shown)
    return placed


def over(values: Sequence[Mapping[str, object]]) -> alt.Chart:
    """Begin a chart over plain rows of data."""
    return alt.Chart(alt.InlineData(values=[dict(one) for one in values]))


def layered(*charts: alt.Chart, height: int) -> alt.LayerChart:
    """Lay charts over each other, the first at the back."""
    return alt.LayerChart(layer=list(charts), height=height)


def bar_rows(rows: Sequence[Row], axis: alt.Axis) -> alt.LayerChart:
    """Draw rows of bars from zero, each with its range as a thin line."""
    ends, height = domain(rows), tops(rows)[-1]
    base = over(places(rows, ends))
    x = alt.X("mid:Q", axis=axis, scale=alt.Scale(domain=list(ends), nice=False))
    side = alt.Color("side:N", scale=alt.Scale(domain=["buying", "selling"]), legend=None)
    tip = [alt.Tooltip("name:N", title="what"), alt.Tooltip("said:N", title="how much")]
    barred = base.transform_filter("isValid(datum.mid)")
    bar = barred.mark_rect().encode(x, y_at("bar_top", height), side, tip, x2=alt.datum(0.0))
    zero = barred.mark_rule(style="zero").encode(y_at("zero_top", height), x=alt.datum(0.0))
    return layered(
        bar.encode(y2="bar_end:Q"),
        zero.encode(y2="zero_end:Q"),
        *range_lines(base, height),
        *row_words(base, height),
        height=height,
    )


def range_lines(base: alt.Chart, height: int) -> list[alt.Chart]:
    """Draw each range as a line with a cap at its ends, or an arrow where it is cut."""
    ranged = base.transform_filter("isValid(datum.low)")
    middle = y_at("middle", height)
    lines = [ranged.mark_rule(style="range").encode(middle, x="low:Q", x2="high:Q")]
    for end, arrow in (("low", "triangle-left"), ("high", "triangle-right")):
        whole = ranged.transform_filter(f"!datum.{end}_cut").mark_rule(style="range")
        cut = ranged.transform_filter(f"datum.{end}_cut")
        lines += [
            whole.encode(y_at("cap_top", height), x=f"{end}:Q", y2="cap_end:Q"),
            cut.mark_point(style="ink", shape=arrow, size=50, filled=True).encode(
                middle, x=f"{end}:Q"
            ),
        ]
    return lines


def row_words(base: alt.Chart, height: int) -> list[alt.Chart]:
    """Print each row's name at the left and its figures at the right."""
    name = base.mark_text(
        style="name", align="left", baseline="top", lineBreak="\n", lineHeight=LINE
    )
    said = base.mark_text(style="value", align="right", baseline="top")
    return [
        name.encode(y_at("name_line", height), x=alt.value(0), text="name:N"),
        said.encode(y_at("said_line", height), x=alt.value("width"), text="said:N"),
    ]


def y_at(field: str, height: int) -> alt.Y:
    """Place by a field that counts pixels from the top."""
    scale = alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False)
    return alt.Y(f"{field}:Q", axis=None, scale=scale)
