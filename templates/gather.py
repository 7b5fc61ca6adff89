"""Gather a report's figures under the names that sentences use. Missing figures are left out."""

from __future__ import annotations

from analysis.analogues import Analogues
from analysis.context import Settled
from analysis.day_shape import DayShape
from analysis.odds import Claim
from analysis.reading import Estimate, Reading
from analysis.report import FlowReport
from templates.facts import Figure, Figures, Named, Standing, named_figures

PARTS = {
    "bucket_ndx_usd": "the Nasdaq-100",
    "bucket_spx_usd": "the S&P 500",
    "bucket_rty_usd": "small companies",
    "bucket_dow_usd": "the Dow",
    "bucket_semis_usd": "chip makers",
    "bucket_tech_usd": "technology shares",
    "bucket_financials_usd": "banks",
    "bucket_single_stocks_usd": "funds on a single stock",
    "bucket_other_usd": "other sectors",
}
"""What the parts of the leveraged funds' trade are called."""


def tape_figures(report: FlowReport) -> Figures:
    """Gather the figures of the day itself: index, VIX, forced flow, what it explains."""
    attribution, verdict = report.attribution, report.verdict
    return named_figures(
        {
            **_index_values(report),
            **_past_values(report),
            **_range_values("forced{}_usd", verdict.mechanical_usd, "USD"),
            **_range_values("forced_share{}", verdict.mechanical_share_of_volume, "fraction"),
            **_range_values("explained{}", attribution.explained_return, "fraction"),
            **_coverage_values(report),
            "residual": (attribution.residual_return, "fraction"),
            "forced_surprise": (verdict.forced_surprise, "score"),
            "participation": (verdict.participation, "fraction"),
            "confidence": (verdict.confidence, "fraction"),
        }
    )


def driver_figures(reading: Reading, vix_before: float | None = None) -> Figures:
    """Gather a driver's own figures, its evidence, and the evidence of the time before.

    With the VIX's prior close [points] its changes are told in points as well.
    """
    figures = named_figures(
        {
            **_range_values("{}_usd", reading.flow_usd, "USD"),
            "score": (reading.score, "score"),
            "surprise": (reading.surprise, "score"),
            "share_of_adv": (reading.share_of_adv, "fraction"),
            "rank": (reading.percentile, "fraction"),
            "coverage": (reading.coverage, "fraction"),
            "confidence": (reading.confidence, "fraction"),
        }
    )
    for item in reading.evidence:
        standing = Standing(
            label=item.label,
            unit=item.unit,
            source=item.source,
            as_of=item.as_of,
            percentile=item.percentile,
        )
        figures[item.key] = Figure(item.value, item.key, standing)
        if item.previous is not None:
            key = f"{item.key}_before"
            figures[key] = Figure(item.previous, key, standing)
    return {**figures, **_worked_out(figures), **_in_points(figures, vix_before)}


def _in_points(figures: Figures, vix_before: float | None) -> Figures:
    """Return what the VIX should have done, and how far from that it stayed, in points."""
    if vix_before is None or not {"vix_change", "expected_vix_change"} <= figures.keys():
        return {}
    expected = figures["expected_vix_change"] * vix_before
    gap = figures["vix_change"] * vix_before - expected
    return named_figures({"expected_points": (expected, "points"), "gap_points": (gap, "points")})


def _worked_out(figures: Figures) -> Figures:
    """Return what a reader would work out from two figures, so that he need not."""
    values: dict[str, tuple[float | None, str]] = {}
    if "basket_return" in figures and "basket_excess_return" in figures:
        usual = figures["basket_return"] - figures["basket_excess_return"]
        values["basket_usual_return"] = (usual, "fraction")
    if "expected_vix_change" in figures and "vix_change" in figures:
        gap = figures["vix_change"] - figures["expected_vix_change"]
        values["vix_shortfall"] = (gap, "fraction")
    return named_figures(values)


def with_parts(figures: Figures) -> tuple[Figures, tuple[str, ...]]:
    """Add the two largest parts of the dollars, and say what they are called."""
    whole = figures.get("identity_usd", 0.0)
    ranked = sorted((key for key in PARTS if key in figures), key=lambda key: -abs(figures[key]))
    same_side = [key for key in ranked if figures[key] * whole > 0]
    named = {
        name: Figure(figures[key], key, figures[key].standing)
        for name, key in zip(("first_part", "second_part"), same_side, strict=False)
    }
    if same_side:
        part = named_figures({"first_part_fraction": (figures[same_side[0]] / whole, "fraction")})
        named.update(part)
    return {**figures, **named}, tuple(PARTS[key] for key in same_side)


def odds_figures(claim: Claim) -> Figures:
    """Gather the figures of one claim, and those of its opposite."""
    low, high = claim.interval
    any_day = claim.any_day
    return named_figures(
        {
            "other": (1.0 - claim.probability, "fraction"),
            "other_base": (1.0 - claim.base_rate, "fraction"),
            "other_low": (1.0 - high, "fraction"),
            "other_high": (1.0 - low, "fraction"),
            "any_day": (any_day, "fraction"),
            "other_any_day": (None if any_day is None else 1.0 - any_day, "fraction"),
            "probability": (claim.probability, "fraction"),
            "base_rate": (claim.base_rate, "fraction"),
            "low": (claim.interval[0], "fraction"),
            "high": (claim.interval[1], "fraction"),
            "margin": (0.5 * (claim.interval[1] - claim.interval[0]), "fraction"),
            "n": (float(claim.n), "days"),
            "horizon": (float(claim.horizon_sessions), "sessions"),
        }
    )


def alike_figures(found: Analogues | None) -> Figures:
    """Gather what followed the days most like this one."""
    if found is None:
        return {}
    return named_figures(
        {
            "n": (float(found.n), "days"),
            "p10": (found.next_1.p10, "fraction"),
            "p90": (found.next_1.p90, "fraction"),
            "up_fraction": (found.next_1.up_fraction, "fraction"),
            "week_p10": (found.next_5.p10, "fraction"),
            "week_p90": (found.next_5.p90, "fraction"),
        }
    )


def _past_values(report: FlowReport) -> Named:
    past = report.context
    if past is None:
        return {}
    return {
        "run": (float(abs(past.run_sessions)) or None, "sessions"),
        "prior_return": (past.prior_return, "fraction"),
        "prior_forced_usd": (past.prior_forced_usd, "USD"),
        "two_day_forced_usd": (_two_day_forced_usd(report), "USD"),
        **_settled_values(past.settled),
        **_shape_values(past.shape),
    }


def _two_day_forced_usd(report: FlowReport) -> float | None:
    """Net forced dollars of this session and the one before [USD]; None where one is not known."""
    dollars, past = report.verdict.mechanical_usd, report.context
    if dollars is None or past is None or past.prior_forced_usd is None:
        return None
    return past.prior_forced_usd + dollars.mid


def _shape_values(shape: DayShape | None) -> Named:
    """Name the path of the day, and the returns of the sectors at either end."""
    if shape is None:
        return {}
    ranked = sorted(shape.sectors, key=lambda symbol: shape.sectors[symbol])
    ends = {"worst_sector": ranked[0], "best_sector": ranked[-1]} if ranked else {}
    return {
        "open_return": (shape.open_return, "fraction"),
        "high_return": (shape.high_return, "fraction"),
        "low_return": (shape.low_return, "fraction"),
        "two_day_return": (shape.two_day_return, "fraction"),
        "prior_from_high": (shape.prior_from_high, "fraction"),
        "prior_from_low": (shape.prior_from_low, "fraction"),
        **{name: (shape.sectors[symbol], "fraction") for name, symbol in ends.items()},
    }


def _settled_values(settled: Settled | None) -> Named:
    if settled is None:
        return {}
    return {
        "settled_return": (settled.day_return, "fraction"),
        "settled_after": (float(settled.sessions_after), "sessions"),
        "settled_probability": (settled.probability, "fraction"),
        "settled_undone": (settled.undone_fraction, "fraction"),
        "settled_beside_before": (settled.beside_before_return, "fraction"),
        "settled_beside_after": (settled.beside_after_return, "fraction"),
    }


def _index_values(report: FlowReport) -> Named:
    index = report.index
    move = abs(index.day_return) / index.usual_move if index.usual_move else None
    return {
        "close": (index.close, "points"),
        "day_return": (index.day_return, "fraction"),
        "usual_move": (index.usual_move, "fraction"),
        "move": (move, "x"),
        "vix_close": (index.vix_close, "points"),
        "vix_change": (index.vix_change, "points"),
        "vix_before": (vix_before_of(report), "points"),
    }


def vix_before_of(report: FlowReport) -> float | None:
    """Return the VIX's close of the session before [points]; None where it is not known."""
    index = report.index
    if index.vix_close is None or index.vix_change is None:
        return None
    return index.vix_close - index.vix_change


def _coverage_values(report: FlowReport) -> Named:
    coverages = [reading.coverage for reading in report.readings]
    return {
        "measured": (float(sum(one.measured for one in report.readings)), "drivers"),
        "drivers": (float(len(coverages)), "drivers"),
        "coverage": (sum(coverages) / max(len(coverages), 1), "fraction"),
    }


def _range_values(name: str, estimate: Estimate | None, unit: str) -> Named:
    """Name the ends of a range ``low`` and ``high``, and its middle by the plain name."""
    if estimate is None:
        return {}
    middle = name.format("mid") if name.startswith("{}") else name.format("")
    joint = "" if name.startswith("{}") else "_"
    return {
        name.format(f"{joint}low"): (estimate.low, unit),
        middle: (estimate.mid, unit),
        name.format(f"{joint}high"): (estimate.high, unit),
    }
