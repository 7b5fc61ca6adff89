"""Who had to trade, how much and on which side: every driver's dollars with their range."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt

from analysis.reading import Kind, Reading
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
from templates.figures import usd, usd_span
from templates.words import strength

PLACE = 10

ONE_SIDED = 0.1
"""The smaller side is not worth a title below this part of the larger one."""

EVEN = 0.15
"""A net below this part of all forced dollars is no side: the two met."""

LITTLE = 0.01
"""Less than this part of a normal day's trading is little to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Most likely dollars on each side, neither below zero, and their part of normal volume."""

    bought_usd: float
    sold_usd: float
    share_of_adv: float

    @property
    def net_usd(self) -> float:
        """Bought less sold."""
        return self.bought_usd - self.sold_usd


def driver_bars(report: FlowReport, _extras: Extras) -> Chart | NoChart:
    """Draw the dollars of every mechanical driver, and name those that have none."""
    forced = [one for one in report.readings if one.driver.kind is Kind.MECHANICAL]
    paid = [one for one in forced if one.measured and one.flow_usd is not None]
    if not paid:
        return NoChart(slug="driver_bars", reason="no driver could be measured in dollars")
    paid.sort(key=lambda one: (-abs(_mid(one)), one.slug))
    rest = sorted(
        (one for one in forced if one not in paid), key=lambda one: (-abs(one.score), one.slug)
    )
    title = title_of(sums_of(paid))
    shown = (
        f"{day(report.session)}. Bar: most likely flow. Line: its range. "
        "Dollars are estimates, not reports."
    )
    said = f"Forced flows on {day(report.session)}, most likely and range. " + " ".join(
        [*(_told(one) for one in paid), *(f"{one.driver.title}: {_unpaid(one)}." for one in rest)]
    )
    figure = figure_of(paid, rest)
    return framed("driver_bars", figure, (title, shown, said), demo=report.demo)


def sums_of(paid: list[Reading]) -> Sums:
    """Add up the most likely dollars of each side."""
    mids = [_mid(one) for one in paid]
    return Sums(
        bought_usd=sum(mid for mid in mids if mid > 0.0),
        sold_usd=-sum(mid for mid in mids if mid < 0.0),
        share_of_adv=sum(abs(one.share_of_adv or 0.0) for one in paid),
    )


def title_of(sums: Sums) -> str:
    """Say what the forced dollars come to."""
    smaller, larger = sorted((sums.bought_usd, sums.sold_usd))
    if sums.share_of_adv < LITTLE:
        return "Forced traders had little to do"
    side = side_of(sums.net_usd)
    if smaller <= ONE_SIDED * larger:
        return f"We put forced {side} at about {usd(larger)}"
    if abs(sums.net_usd) < EVEN * (smaller + larger):
        return f"About {usd(sums.bought_usd)} of forced buying met {usd(sums.sold_usd)} of selling"
    return (
        f"We put forced {side} about {usd(sums.net_usd)} ahead of forced {side_of(-sums.net_usd)}"
    )


def figure_of(paid: list[Reading], rest: list[Reading]) -> alt.LayerChart:
    """Draw the rows: those with dollars as bars, the others as words beneath."""
    scale, unit = dollar_axis(max(abs(_mid(one)) for one in paid))
    rows = [_bar(one, scale) for one in paid]
    rows += [Row(name=one.driver.title, said=_unpaid(one)) for one in rest]
    title = sides_title(domain(rows), unit)
    return bar_rows(rows, alt.Axis(orient="top", title=title, grid=False, tickCount=5))


def _mid(one: Reading) -> float:
    return 0.0 if one.flow_usd is None else one.flow_usd.mid


def _bar(one: Reading, scale: float) -> Row:
    flow = one.flow_usd
    if flow is None:
        raise ValueError(f"{one.slug} has no dollars; it belongs to the rows of words")
    near, far = sorted((flow.low, flow.high), key=abs)
    return Row(
        name=one.driver.title,
        said=f"{short_usd(flow.mid)}  ({short_usd(near)} to {short_usd(far)})",
        low=flow.low / scale,
        mid=flow.mid / scale,
        high=flow.high / scale,
    )


def _told(one: Reading) -> str:
    flow = one.flow_usd
    if flow is None:
        return ""
    return (
        f"{one.driver.title}: {of_side(flow.mid)}, "
        f"between {usd_span((flow.low, flow.high), 'and')}."
    )


def _unpaid(one: Reading) -> str:
    """Say of a driver without dollars how strong it was, or that it was not seen."""
    if not one.measured:
        return "not measured"
    if strength(one.score) == "negligible":
        return "negligible, no dollars"
    return f"{strength(one.score)} {side_of(one.score)}, no dollars"
