"""Light and dark: every colour and letter of the charts, and nothing of what they show.

Blue buys, orange sells, from Okabe and Ito's set, in which readers with any of the common
colour deficiencies can tell each from each; the lighter pair stands on dark ground. Colour
never carries the side alone: place and sign do too.

References
----------
Okabe, M. and Ito, K. (2008). Color Universal Design: How to make figures and presentations
that are friendly to colorblind people. University of Tokyo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first comes with the renderer, so a picture has the same letters on every machine."""

TITLE_PX, SUBTITLE_PX, TEXT_PX, SMALL_PX = 16, 12, 12.5, 11.5

AXIS_EXTENT = 44
"""Width left of a stacked panel for its axis [pixels]: panels fit no place by themselves."""

LINE_MARGIN = 1
"""What the halves of its outer lines add to the width of a stacked panel [pixels]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of one ground."""

    ground: str
    ink: str
    muted: str
    faint: str
    buying: str
    selling: str
    other: str


LIGHT = Theme(
    ground="#ffffff",
    ink="#16191d",
    muted="#59626c",
    faint="#dfe3e8",
    buying="#0072b2",
    selling="#d55e00",
    other="#009e73",
)
DARK = Theme(
    ground="#14171b",
    ink="#eceef1",
    muted="#a6adb6",
    faint="#343a42",
    buying="#56b4e9",
    selling="#e69f00",
    other="#cc79a7",
)


def config(theme: Theme) -> dict[str, Any]:
    """Return the theme as Vega-Lite reads it; charts name its styles, never a colour."""
    text = {"color": theme.ink, "fontSize": TEXT_PX}
    return {
        "background": theme.ground,
        "font": FONT,
        "range": {"category": [theme.buying, theme.selling, theme.other]},
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": theme.ink,
            "fontSize": TITLE_PX,
            "fontWeight": "bold",
            "lineHeight": 20,
            "subtitleColor": theme.muted,
            "subtitleFontSize": SUBTITLE_PX,
            "subtitleLineHeight": 16,
            "subtitlePadding": 5,
            "offset": 12,
        },
        "axis": {
            "labelColor": theme.muted,
            "labelFontSize": SMALL_PX,
            "titleColor": theme.muted,
            "titleFontSize": SMALL_PX,
            "titleFontWeight": "normal",
            "domainColor": theme.faint,
            "tickColor": theme.faint,
            "gridColor": theme.faint,
            "titlePadding": 6,
        },
        "axisX": {"labelFlush": True},
        "legend": {
            "labelColor": theme.ink,
            "labelFontSize": SMALL_PX,
            "symbolSize": 70,
            "labelLimit": 340,
        },
        "style": {
            "name": {**text, "fontWeight": "bold"},
            "value": text,
            "note": {"color": theme.muted, "fontSize": SMALL_PX},
            "range": {"color": theme.ink, "strokeWidth": 1.6},
            "zero": {"color": theme.muted, "strokeWidth": 1},
            "guide": {"color": theme.muted, "strokeWidth": 1, "strokeDash": [4, 3]},
            "track": {"color": theme.faint, "strokeWidth": 1},
            "zone": {"color": theme.muted, "opacity": 0.25},
            "line": {"color": theme.muted, "strokeWidth": 1},
            "buying": {"color": theme.buying},
            "selling": {"color": theme.selling},
            "buying-area": {"color": theme.buying, "fillOpacity": 0.35},
            "selling-area": {"color": theme.selling, "fillOpacity": 0.35},
            "ink": {"color": theme.ink},
        },
    }
