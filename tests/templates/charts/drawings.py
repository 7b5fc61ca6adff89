"""What a test needs to draw and to read charts back."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import date, timedelta

from templates.charts import Chart, Extras
from templates.charts.drawing.facts import Day, GammaProfile, Said, Spec
from tests.templates.reports import RALLY_DAY

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def gamma(
    *, at_spot_usd: float = -2e9, spot: float = 5450.0, zone: tuple[float, float] | None = None
) -> GammaProfile:
    """Return a straight profile through zero at 5,500: a billion for every 25 points."""
    prices = tuple(4400.0 + 50.0 * step for step in range(43))
    low, high = (5480.0, 5520.0) if zone is None else zone
    return GammaProfile(
        symbol="SPX",
        spot=spot,
        prices=prices,
        gamma_usd=tuple((price - 5500.0) / 25.0 * 1e9 for price in prices),
        gamma_at_spot_usd=at_spot_usd,
        flip_low=low,
        flip_high=high,
        conventions_agree=False,
    )


def days(shares: list[float | None], last: date = RALLY_DAY) -> tuple[Day, ...]:
    """Return days with these forced shares, the last of them on ``last``."""
    first = last - timedelta(days=len(shares) - 1)
    return tuple(
        Day(session=first + timedelta(days=at), forced_share=one, participation=0.8)
        for at, one in enumerate(shares)
    )


SAID = (
    Said(key="half_back_5", probability=0.46, came_true=0.44, low=0.39, high=0.49, n=406),
    Said(key="next_sign", probability=0.53, came_true=0.51, low=0.47, high=0.56, n=1738),
    Said(key="next_abs_band", probability=0.84, came_true=0.65, low=0.57, high=0.73, n=124),
)

PAST = [0.01 * (at % 7 - 3) for at in range(59)]
"""Forced shares from three per cent of selling to three of buying."""

EVERYTHING = Extras(gamma=gamma(), days=days([*PAST, 0.04]), said=SAID, hindsight=True)


def named(charts: list[Chart], slug: str) -> Chart:
    """Return the chart of that slug."""
    return next(chart for chart in charts if chart.slug == slug)


def layers(spec: Spec) -> Iterator[Spec]:
    """Give every layer of a spec, however deep, with the rows that it draws as ``rows``."""
    return _layers(spec, spec["datasets"], [])


def _layers(spec: Spec, sets: Spec, rows: list[Spec]) -> Iterator[Spec]:
    mine: list[Spec] = sets[spec["data"]["name"]] if "data" in spec else rows
    for key in ("vconcat", "layer"):
        for inner in spec.get(key, []):
            yield from _layers(inner, sets, mine)
    if "mark" in spec:
        yield {**spec, "rows": mine}


def printed(spec: Spec) -> list[str]:
    """Return every text that the picture prints, axes and legends aside."""
    found = [*spec["title"]["text"], *spec["title"]["subtitle"]]
    for layer in layers(spec):
        field = layer["encoding"].get("text", {}).get("field")
        if field:
            found += [str(row[field]) for row in layer["rows"]]
    return found


def numbers(text: str) -> set[str]:
    """Return the figures in a text, as printed."""
    return set(NUMBER.findall(text))


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG [pixels]."""
    width, height = struct.unpack(">II", picture[16:24])
    return width, height
