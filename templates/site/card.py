"""The picture that is shown where somebody links to a note: title, verdict, drivers' dollars."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from templates.charts.drawing.png import smaller
from templates.commentary import Commentary
from templates.note import Note
from templates.site.frame import page

WIDTH, HEIGHT = 1200, 630
"""What every network that shows such cards asks for [pixels]."""

TITLE_COLUMNS = (29, 34, 40)
"""Longest title lines by size of letters, largest first [characters]."""

TITLE_SIZES = (68, 58, 50)
MOST_LINES = 3
MOST_BARS = 4
BAR_REACH = 190.0
"""Length of the longest bar to either side [pixels]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One driver on the card; ``length`` is signed [pixels]."""

    title: str
    amount_usd: float
    length: float

    @property
    def side(self) -> str:
        """Which side it is on."""
        return "selling" if self.amount_usd < 0.0 else "buying"


def card_png(commentary: Commentary, note: Note) -> bytes:
    """Return the card as PNG, 1200 x 630."""
    import vl_convert

    return smaller(bytes(vl_convert.svg_to_png(card_svg(commentary, note))))


def card_svg(commentary: Commentary, note: Note) -> str:
    """Return the card as SVG."""
    size, lines = title_lines(note.title.text)
    return page(
        "kept/card.svg",
        c=commentary,
        width=WIDTH,
        height=HEIGHT,
        size=size,
        lines=lines,
        bars=bars_of(commentary)[: MOST_BARS if len(lines) < MOST_LINES else MOST_BARS - 1],
    )


def title_lines(title: str) -> tuple[int, list[str]]:
    """Break a title into lines and say how large its letters may be [pixels].

    >>> title_lines("A quiet day")
    (68, ['A quiet day'])
    """
    for size, columns in zip(TITLE_SIZES, TITLE_COLUMNS, strict=True):
        lines = textwrap.wrap(title, columns)
        if len(lines) <= MOST_LINES:
            return size, lines
    return TITLE_SIZES[-1], textwrap.wrap(
        title, TITLE_COLUMNS[-1], max_lines=MOST_LINES, placeholder="…"
    )


def bars_of(commentary: Commentary) -> list[Bar]:
    """Return the drivers with the most dollars, largest first."""
    flows = [
        (one.driver.title, one.flow_usd.mid)
        for one in commentary.report.readings
        if one.measured and one.flow_usd is not None and one.driver.kind.value == "mechanical"
    ]
    flows.sort(key=lambda one: -abs(one[1]))
    largest = max((abs(amount) for _, amount in flows), default=0.0) or 1.0
    return [
        Bar(title=title, amount_usd=amount, length=BAR_REACH * amount / largest)
        for title, amount in flows[:MOST_BARS]
    ]
