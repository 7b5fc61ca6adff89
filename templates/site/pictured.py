"""The web edition with its charts: one page, complete in itself, pictures included."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from html import escape

from templates.charts import Chart
from templates.site.pictures import Picture, picture_of

AFTER_LEAD, BEFORE_END = "</div>\n<table>", "<footer>"
"""Where the first chart stands, before the table of flows, and the others, at the end."""

STYLE = "figure{margin:1.4rem 0}figure img{display:block;width:100%;max-width:390px;height:auto}"


def with_charts(html: str, charts: Iterable[Chart]) -> str:
    """Return a web edition with its charts set in; nothing is fetched from anywhere.

    The first chart follows the lead, the others stand at the end.
    """
    figures = [figure(picture_of(chart)) for chart in charts]
    if not figures:
        return html
    first, rest = figures[0], "".join(figures[1:])
    place = AFTER_LEAD if AFTER_LEAD in html else BEFORE_END
    top = html.replace(place, _before(place, first), 1)
    return top.replace("</style>", f"{STYLE}</style>", 1).replace(
        BEFORE_END, f"{rest}{BEFORE_END}", 1
    )


def figure(picture: Picture) -> str:
    """Return a chart as a figure that holds its own picture."""
    data = b64encode(picture.svg.encode()).decode()
    return (
        f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(picture.alt)}" '
        f'width="{picture.width}" height="{picture.height}"></figure>\n'
    )


def _before(place: str, first: str) -> str:
    """Set a figure before a footer, or between the lead and the table."""
    if place == BEFORE_END:
        return first + place
    return place.replace("<table>", f"{first}<table>")
