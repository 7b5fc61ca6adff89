"""From a spec to what a reader sees: PNG for mail and Discord, SVG, or JSON for a web page.

Drawing needs no network and no browser, and reads no clock: same facts, same bytes.
"""

from __future__ import annotations

import json
from functools import cache

from templates.charts.drawing.facts import Spec
from templates.charts.drawing.png import smaller
from templates.charts.drawing.themes import AXIS_EXTENT, DARK, LIGHT, LINE_MARGIN, config

PHONE_WIDTH = 390
"""Width of a common telephone [CSS pixels]."""

LARGEST_PNG = 60_000
"""More than this and a mail of six charts is cut off or comes slowly [bytes]."""

SCALES = (2.0, 1.75, 1.5, 1.25, 1.0)
"""Pixels for each CSS pixel to fall back on, sharpest first."""

PADDING = {"left": 14, "right": 14, "top": 14, "bottom": 12}


FILL = """
for (const place of document.querySelectorAll("[data-chart]"))
  vegaEmbed(place, JSON.parse(place.dataset.chart), {actions: false, ast: true});
"""


class ChartSizeError(ValueError):
    """A picture is too large at every scale."""


def render_png(
    spec: Spec, width: int = PHONE_WIDTH, *, dark: bool = False, scale: float = 2.0
) -> bytes:
    """Return the picture as PNG, no larger than `LARGEST_PNG`.

    Parameters
    ----------
    spec
        Of a `Chart`.
    width
        Width of the whole picture [CSS pixels].
    dark
        Whether it will stand on dark ground.
    scale
        Pixels for each CSS pixel; lowered step by step while the file is too large.

    Raises
    ------
    ChartSizeError
        Where even one pixel for each CSS pixel makes too large a file.
    """
    import vl_convert

    drawn = themed(spec, width=width, dark=dark)
    size = 0
    for chosen in (scale, *(step for step in SCALES if step < scale)):
        picture = smaller(bytes(vl_convert.vegalite_to_png(drawn, scale=chosen)))
        size = len(picture)
        if size <= LARGEST_PNG:
            return picture
    raise ChartSizeError(
        f"chart is {size:,} bytes at its smallest scale, but {LARGEST_PNG:,} is the limit; "
        "draw fewer marks or a narrower picture"
    )


def render_svg(spec: Spec, width: int = PHONE_WIDTH, *, dark: bool = False) -> str:
    """Return the picture as SVG with its text as text; arguments as `render_png`."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(themed(spec, width=width, dark=dark)))


def spec_json(spec: Spec, *, dark: bool = False) -> str:
    """Return what `web_script` draws, with tooltips and as wide as its place.

    The data are inside: the page asks nobody for anything.
    """
    drawn = themed(spec, width=None, dark=dark)
    return json.dumps(drawn, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@cache
def web_script() -> str:
    """Return the JavaScript that draws the charts of a page, to be served from its own host.

    It fills every element whose ``data-chart`` holds a `spec_json`, and evaluates no text as
    code, so a strict content policy need not be loosened for it.
    """
    import vl_convert

    return str(vl_convert.javascript_bundle(FILL))


def themed(spec: Spec, *, width: int | None, dark: bool) -> Spec:
    """Return the spec with colours and a width; without a width it fills its place on a page.

    Panels stacked over each other cannot fill a place, so they keep a telephone's width.
    """
    clothed = {**spec, "config": config(DARK if dark else LIGHT), "padding": PADDING}
    if "vconcat" in spec:
        beside = PADDING["left"] + PADDING["right"] + AXIS_EXTENT + LINE_MARGIN
        inner = (width or PHONE_WIDTH) - beside
        return clothed | {"vconcat": [panel | {"width": inner} for panel in spec["vconcat"]]}
    fit = {"type": "fit-x", "contains": "padding"}
    return clothed | {"width": width or "container", "autosize": fit}
