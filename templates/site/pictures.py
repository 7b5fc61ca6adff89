"""A chart for a page: one SVG that is at home on light and dark ground alike."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from functools import cache

from templates.charts import Chart, render_svg
from templates.charts.drawing.render import PHONE_WIDTH, themed
from templates.charts.drawing.themes import DARK, LIGHT, config

BEGINNING = re.compile(r"(<svg[^>]*>)<rect [^>]*fill=\"" + LIGHT.ground + r"\"[^>]*/>")
"""The root and the sheet of paper behind the picture, which the page has already."""

SIZE = re.compile(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart drawn for a page, with the size it needs there [CSS pixels]."""

    slug: str
    alt: str
    svg: str
    width: int
    height: int


def picture_of(chart: Chart) -> Picture:
    """Draw a chart that takes its reader's colours: dark ones on a dark screen, not on paper."""
    drawn = render_svg(chart.spec)
    size = SIZE.search(drawn)
    if size is None:
        raise ValueError(f"chart {chart.slug} begins with {drawn[:80]!r}; expected its size there")
    return Picture(
        slug=chart.slug,
        alt=chart.alt,
        svg=BEGINNING.sub(rf"\1<style>{dark_style()}</style>", drawn, count=1),
        width=round(float(size[1])),
        height=round(float(size[2])),
    )


def dark_style() -> str:
    """Return the style that turns every colour of the light theme into the dark theme's."""
    rules = [
        f'[{paint}="{getattr(LIGHT, one.name)}"]{{{paint}:{getattr(DARK, one.name)}}}'
        for one in fields(LIGHT)
        for paint in ("fill", "stroke")
    ]
    return f"@media screen and (prefers-color-scheme:dark){{{''.join(rules)}}}"


ALIVE = """
const themes = %s;
window.undertowChart = (place, spec) => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const config = { ...themes[dark ? "dark" : "light"], background: "transparent" };
  return vegaEmbed(place, { ...spec, config }, {
    actions: false, ast: true, defaultStyle: false, renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  });
};
"""
"""Draws a kept spec in the reader's colours, without a style or a program made from text."""


@cache
def charts_script() -> str:
    """Return the JavaScript that draws charts alive, to be served from the site itself."""
    import vl_convert

    themes = {"light": config(LIGHT), "dark": config(DARK)}
    return str(vl_convert.javascript_bundle(ALIVE % json.dumps(themes, sort_keys=True)))


def alive_spec(chart: Chart) -> str:
    """Return a chart's spec without colours, for `charts_script`."""
    drawn = themed(chart.spec, width=PHONE_WIDTH, dark=False)
    del drawn["config"]
    return json.dumps(drawn, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
