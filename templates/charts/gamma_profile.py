"""Dealers' gamma over prices: where hedging damps a move, where it feeds one, and spot."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import altair as alt

from analysis.report import FlowReport
from templates.charts.drawing.facts import Chart, Extras, GammaProfile, NoChart
from templates.charts.drawing.rows import layered, over
from templates.charts.drawing.words import day, framed, short_usd
from templates.figures import level, usd

PLACE = 20

SLUG = "gamma_profile"
NEAR, ROOM = 0.08, 0.02
"""How far from spot, and at least beyond the flip zone, prices are drawn [fraction]."""

HEIGHT = 190

ROOM_FOR_WORDS = 0.64
"""Beyond this part of the width a label stands to the left of its place."""

WAYS = {True: "against moves", False: "with moves"}


def gamma_profile(report: FlowReport, extras: Extras) -> Chart | NoChart:
    """Draw the profile around spot with the zone in which it changes sign."""
    gamma = extras.gamma
    if gamma is None:
        return NoChart(slug=SLUG, reason="there is no option chain of this session")
    shown = (
        f"{gamma.symbol} options, {day(report.session)}. What dealers trade for each 1% move, "
        "if they are long the calls and short the puts."
    )
    return framed(
        SLUG, figure_of(gamma), (title_of(gamma), shown, alt_of(gamma, report)), demo=report.demo
    )


def title_of(gamma: GammaProfile) -> str:
    """Say on which side of the flip the close was, and how firmly that is known."""
    if in_zone(gamma):
        return "The close lay inside the flip zone: dealers' gamma could have either sign"
    if gamma.gamma_at_spot_usd == 0.0:
        return "Dealers' gamma came to nothing at the close"
    long = gamma.gamma_at_spot_usd > 0.0
    held = (
        "long gamma: their hedging damps moves"
        if long
        else "short gamma: their hedging feeds moves"
    )
    if gamma.conventions_agree:
        return f"On every assumption dealers were {held}"
    return f"On the usual assumption dealers were {held}"


def in_zone(gamma: GammaProfile) -> bool:
    """Say whether spot lies between the methods' lowest and highest flip."""
    if gamma.flip_low is None or gamma.flip_high is None:
        return False
    return gamma.flip_low <= gamma.spot <= gamma.flip_high


def alt_of(gamma: GammaProfile, report: FlowReport) -> str:
    """Tell spot, gamma there and the flip zone."""
    way = "against" if gamma.gamma_at_spot_usd > 0.0 else "with"
    zone = "There is no price nearby at which it changes sign."
    if gamma.flip_low is not None and gamma.flip_high is not None:
        zone = (
            f"It changes sign between {level(gamma.flip_low)} and {level(gamma.flip_high)}, "
            "depending on the method."
        )
    return (
        f"Dealers' gamma over prices of the {gamma.symbol} on {day(report.session)}, if dealers "
        f"are long the calls and short the puts. At the close of {level(gamma.spot)} they trade "
        f"{usd(gamma.gamma_at_spot_usd)} {way} each 1% move. {zone}"
    )


def figure_of(gamma: GammaProfile) -> alt.LayerChart:
    """Draw two areas, above zero and below it, the zone and spot."""
    low, high = shown_prices(gamma)
    points = [point for point in _crossings(gamma) if low <= point[0] <= high]
    values = [
        {"price": price, "over": max(usd, 0.0) / 1e9, "under": min(usd, 0.0) / 1e9}
        for price, usd in points
    ]
    base = over(values)
    x = alt.X(
        "price:Q",
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(title=f"{gamma.symbol}, index points", grid=False, tickCount=5, format=",d"),
    )
    axis = alt.Axis(title="$ billion for each 1%", tickCount=5)
    tip = [alt.Tooltip("price:Q", format=",.0f")]
    return layered(
        *_zone(gamma),
        base.mark_area(style="buying-area", line=True).encode(
            x, alt.Y("over:Q", axis=axis), tooltip=tip
        ),
        base.mark_area(style="selling-area", line=True).encode(
            x, alt.Y("under:Q", axis=axis), tooltip=tip
        ),
        *_spot(gamma),
        *_ways(points),
        height=HEIGHT,
    )


def shown_prices(gamma: GammaProfile) -> tuple[float, float]:
    """Return the prices between which the profile is drawn."""
    low, high = gamma.spot * (1.0 - NEAR), gamma.spot * (1.0 + NEAR)
    if gamma.flip_low is not None and gamma.flip_high is not None:
        low = min(low, gamma.flip_low * (1.0 - ROOM))
        high = max(high, gamma.flip_high * (1.0 + ROOM))
    return max(low, gamma.prices[0]), min(high, gamma.prices[-1])


def _crossings(gamma: GammaProfile) -> list[tuple[float, float]]:
    """Return the profile with a point wherever the straight line between two crosses zero."""
    line = list(zip(gamma.prices, gamma.gamma_usd, strict=True))
    points = line[:1]
    for (before, first), (after, second) in pairwise(line):
        if first * second < 0.0:
            points.append((before + (after - before) * first / (first - second), 0.0))
        points.append((after, second))
    return points


def _zone(gamma: GammaProfile) -> list[alt.Chart]:
    if gamma.flip_low is None or gamma.flip_high is None:
        return []
    data = over([{"low": gamma.flip_low, "high": gamma.flip_high}])
    band = data.mark_rect(style="zone").encode(x="low:Q", x2="high:Q")
    edge = data.mark_rule(style="zone").encode(x="low:Q")
    said = f"flip {level(gamma.flip_low)} to {level(gamma.flip_high)}"
    low, high = shown_prices(gamma)
    if gamma.flip_high > low + ROOM_FOR_WORDS * (high - low):
        # On the side of zero where there is no area between spot and the zone.
        free = 28 if gamma.gamma_at_spot_usd > 0.0 else HEIGHT - 12
        return [band, edge, _label(said, gamma.flip_low, "right", free)]
    return [band, edge, _label(said, gamma.flip_high, "left", HEIGHT - 12)]


def _spot(gamma: GammaProfile) -> list[alt.Chart]:
    data = over([{"spot": gamma.spot, "usd": gamma.gamma_at_spot_usd / 1e9}])
    line = data.mark_rule(style="guide").encode(x="spot:Q")
    dot = data.mark_point(style="ink", filled=True, size=60).encode(x="spot:Q", y="usd:Q")
    said = f"close {level(gamma.spot)}: {short_usd(gamma.gamma_at_spot_usd)}"
    return [line, dot, _label(said, gamma.spot, "right", 10)]


def _label(said: str, at: float, align: Literal["left", "right"], y: int) -> alt.Chart:
    """Print beside a price."""
    base = over([{"at": at, "said": said}])
    mark = base.mark_text(style="name", align=align, dx=6 if align == "left" else -6)
    label: alt.Chart = mark.encode(x="at:Q", y=alt.value(y), text="said:N")
    return label


def _ways(points: list[tuple[float, float]]) -> list[alt.Chart]:
    """Say at both ends of the profile which way hedges go there."""
    ends: list[tuple[tuple[float, float], Literal["left", "right"]]] = [
        (points[0], "left"),
        (points[-1], "right"),
    ]
    said = []
    for (price, gamma_usd), align in ends:
        above = gamma_usd > 0.0
        base = over([{"price": price, "zero": 0.0, "said": WAYS[above]}])
        mark = base.mark_text(
            style="note", align=align, dx=4 if align == "left" else -4, dy=-9 if above else 9
        )
        said.append(mark.encode(x="price:Q", y="zero:Q", text="said:N"))
    return said
