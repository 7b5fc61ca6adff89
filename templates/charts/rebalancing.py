"""What leveraged funds had to trade by the close, by the shares they had to trade it in."""

from __future__ import annotations

import altair as alt

from analysis.report import FlowReport
from templates.charts.drawing.facts import Chart, Extras, NoChart
from templates.charts.drawing.rows import Row, bar_rows, domain
from templates.charts.drawing.words import (
    day,
    dollar_axis,
    framed,
    of_side,
    short_usd,
    side_of,
    sides_title,
)
from templates.figures import NOTHING_USD, capital, fraction
from templates.gather import PARTS

PLACE = 30

SLUG = "rebalancing"
FUNDS = "leveraged_etf"


def rebalancing(report: FlowReport, _extras: Extras) -> Chart | NoChart:
    """Draw the identity's parts, largest first."""
    parts_usd = parts_of(report)
    if not parts_usd:
        return NoChart(
            slug=SLUG, reason="what the leveraged funds traded is not known by its parts"
        )
    shown = (
        f"{day(report.session)}. To be traded by the close to keep each leveraged "
        "fund's promise, before its investors' own money moves."
    )
    told = " ".join(f"{label(name)}: {of_side(amount)}." for name, amount in parts_usd.items())
    said = f"What leveraged funds had to trade on {day(report.session)}. {told}"
    words = (title_of(parts_usd), shown, said)
    return framed(SLUG, figure_of(parts_usd), words, demo=report.demo)


def parts_of(report: FlowReport) -> dict[str, float]:
    """Return the dollars of each part by what it is called, largest first [USD]."""
    readings = [one for one in report.readings if one.slug == FUNDS and one.measured]
    known = {
        PARTS[item.key]: item.value
        for one in readings
        for item in one.evidence
        if item.key in PARTS
    }
    return dict(sorted(known.items(), key=lambda item: (-abs(item[1]), item[0])))


def label(name: str) -> str:
    """Return what a part is called at the head of a line.

    >>> label("the Dow"), label("banks")
    ('Dow', 'Banks')
    """
    return capital(name.removeprefix("the "))


def title_of(parts_usd: dict[str, float]) -> str:
    """Say where most of the trade had to be made."""
    total_usd = sum(parts_usd.values())
    same_side = {name: amount for name, amount in parts_usd.items() if amount * total_usd > 0.0}
    if abs(total_usd) < NOTHING_USD:
        return "Leveraged funds had next to nothing to trade"
    first = next(iter(same_side))
    part = same_side[first] / total_usd
    what = f"the leveraged funds' {side_of(total_usd)}"
    if part > 1.0:
        return f"{label(first)} led the {side_of(total_usd)}; other parts went against it"
    return f"{capital(fraction(part))} of {what} was in {first}"


def figure_of(parts_usd: dict[str, float]) -> alt.LayerChart:
    """Draw a bar for each part."""
    scale, unit = dollar_axis(max(map(abs, parts_usd.values())))
    rows = [
        Row(name=label(name), said=short_usd(amount), mid=amount / scale)
        for name, amount in parts_usd.items()
    ]
    title = sides_title(domain(rows), unit)
    return bar_rows(rows, alt.Axis(orient="top", title=title, grid=False, tickCount=5))
