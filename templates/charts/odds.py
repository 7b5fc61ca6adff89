"""What followed days like this one: each claim's probability with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

import altair as alt

from analysis.odds import Claim
from analysis.report import FlowReport
from templates.charts.drawing.facts import Chart, Extras, NoChart
from templates.charts.drawing.rows import (
    Row,
    layered,
    over,
    places,
    range_lines,
    row_words,
    tops,
    y_at,
)
from templates.charts.drawing.words import NAME_COLUMNS, day, framed, wrapped
from templates.figures import clause, count
from templates.figures import odds as said_odds

PLACE = 50

SLUG = "odds"
EVEN = 0.5


def odds(report: FlowReport, _extras: Extras) -> Chart | NoChart:
    """Draw every claim's probability, its interval and, where a model speaks, the base rate."""
    if not report.odds:
        return NoChart(slug=SLUG, reason="too few days like this one are on record")
    base = " Ring: base rate." if any(map(modelled, report.odds)) else ""
    shown = f"{day(report.session)}. Dot: probability. Line: 95% interval.{base} n: past days."
    words = (title_of(report.odds, report.index.day_return), shown, alt_of(report))
    return framed(SLUG, figure_of(report.odds), words, demo=report.demo)


def modelled(claim: Claim) -> bool:
    """Say whether a model that earned its place speaks instead of the base rate."""
    return not isclose(claim.probability, claim.base_rate, abs_tol=0.005)


def title_of(claims: Sequence[Claim], day_return: float) -> str:
    """Say what the first claim comes to: whether the move lasts, else what comes next."""
    first = claims[0]
    if first.key == "half_back_5":
        return _lasting(first, up=day_return > 0.0)
    if first.key == "next_sign":
        return _turning(first, up=day_return > 0.0)
    return f"The odds of {said_odds(first.probability)}, and how firm they are"


def _lasting(claim: Claim, *, up: bool) -> str:
    what = "half the gain" if up else "half the loss"
    back = "is given back" if up else "is recovered"
    if modelled(claim):
        return (
            f"Our model puts it at {said_odds(claim.probability)} that {what} {back} in five days"
        )
    if claim.interval[0] <= EVEN <= claim.interval[1]:
        return f"Whether {what} {back} has been a coin toss"
    gone = "gave back" if up else "recovered"
    if claim.probability > EVEN:
        return f"Most days like this {gone} {what} within five sessions"
    return f"Most days like this had not {'given back' if up else gone} {what} within five sessions"


def _turning(claim: Claim, *, up: bool) -> str:
    if modelled(claim):
        way = "lower" if up else "higher"
        return f"Our model puts a {way} close next session at {said_odds(claim.probability)}"
    if claim.interval[0] <= EVEN <= claim.interval[1]:
        return "Which way the next session goes has been a coin toss"
    turned = claim.probability > EVEN
    way = "lower" if up == turned else "higher"
    return f"After days like this the next close was more often {way}"


def alt_of(report: FlowReport) -> str:
    """Tell every claim with its interval and its cases."""
    return f"Odds as of {day(report.session)}, with 95% intervals. " + " ".join(
        f"{clause(claim.claim)}: {said_odds(claim.probability)}, between "
        f"{said_odds(claim.interval[0])} and {said_odds(claim.interval[1])}, from "
        f"{count(claim.n)} past days{_base(claim)}."
        for claim in report.odds
    )


def _base(claim: Claim) -> str:
    return f" (base rate {said_odds(claim.base_rate)})" if modelled(claim) else ""


def figure_of(claims: Sequence[Claim]) -> alt.LayerChart:
    """Draw a row for each claim on an axis of probabilities."""
    rows = [_row(claim) for claim in claims]
    height = tops(rows)[-1]
    values = [
        place | {"base": claim.base_rate if modelled(claim) else None}
        for place, claim in zip(places(rows, (0.0, 1.0)), claims, strict=True)
    ]
    data = over(values)
    axis = alt.Axis(orient="top", title="probability", format=".0%", grid=False, tickCount=5)
    x = alt.X("mid:Q", axis=axis, scale=alt.Scale(domain=[0.0, 1.0], nice=False))
    middle = y_at("middle", height)
    ring = data.transform_filter("isValid(datum.base)").mark_point(
        style="selling", size=70, strokeWidth=2
    )
    even = data.mark_rule(style="guide").encode(y_at("zero_top", height), x=alt.datum(EVEN))
    return layered(
        data.mark_rule(style="track").encode(middle, x=alt.datum(0.0), x2=alt.datum(1.0)),
        even.encode(y2="zero_end:Q"),
        *range_lines(data, height),
        ring.encode(middle, x="base:Q"),
        data.mark_point(style="buying", filled=True, size=90, opacity=1.0).encode(x, middle),
        *row_words(data, height),
        height=height,
    )


def _row(claim: Claim) -> Row:
    low, high = claim.interval
    return Row(
        name="\n".join(wrapped(clause(claim.claim), NAME_COLUMNS)),
        said=f"{said_odds(claim.probability)}  (n {count(claim.n)})",
        low=low,
        mid=claim.probability,
        high=high,
    )
