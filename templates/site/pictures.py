"""A chart for a page: one SVG that is at home on light and dark ground alike."""

from __future__ import annotations

import re
from dataclasses import fields

from templates.charts import Chart, render_svg
from templates.charts.drawing.themes import DARK, LIGHT

BEGINNING = re.compile(r"(<svg[^>]*>)<rect [^>]*fill=\"" + LIGHT.ground + r"\"[^>]*/>")
"""The root and the sheet of paper behind the picture, which the page has already."""


def page_svg(chart: Chart) -> str:
    """Return a chart that takes its reader's colours: dark ones on a dark screen, not on paper."""
    return BEGINNING.sub(rf"\1<style>{dark_style()}</style>", render_svg(chart.spec), count=1)


def dark_style() -> str:
    """Return the style that turns every colour of the light theme into the dark theme's."""
    rules = [
        f'[{paint}="{getattr(LIGHT, one.name)}"]{{{paint}:{getattr(DARK, one.name)}}}'
        for one in fields(LIGHT)
        for paint in ("fill", "stroke")
    ]
    return f"@media screen and (prefers-color-scheme:dark){{{''.join(rules)}}}"
