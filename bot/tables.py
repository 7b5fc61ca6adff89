"""Reports as tables for a terminal, and as JSON for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from analysis.contract import driver_body, rounded

if TYPE_CHECKING:
    import pandas as pd

    from analysis.into_close import IntoClose
    from analysis.reading import Estimate, Reading
    from analysis.report import FlowReport

BILLION = 1e9


def report_table(report: FlowReport) -> str:
    """Return the report as text: the verdict, a line a driver, the attribution."""
    verdict, attribution = report.verdict, report.attribution
    lines = [
        f"{report.session}  {report.index.symbol} {report.index.close:,.2f} "
        f"({report.index.day_return:+.2%})" + ("  SIMULATED" if report.demo else ""),
        f"verdict    {verdict.label}, forced {verdict.side}, confidence {verdict.confidence:.2f}",
        f"forced     {_usd(verdict.mechanical_usd)}",
        f"explained  {attribution.explained_return.mid:+.2%} "
        f"({attribution.explained_return.low:+.2%} to {attribution.explained_return.high:+.2%}), "
        f"left over {attribution.residual_return:+.2%}",
        "",
        f"{'driver':<16} {'score':>6} {'surprise':>8} {'conf.':>5}  flow",
    ]
    lines += [_line(reading) for reading in report.readings]
    lines += ["", *(f"{s.status:<7} {s.name}  {s.as_of or ''}  {s.note}" for s in report.sources)]
    return "\n".join([*lines, report.content_hash])


def driver_table(reading: Reading) -> str:
    """Return one driver's reading with its evidence."""
    lines = [f"{reading.driver.title} (grade {reading.driver.grade})", _line(reading), ""]
    lines += [
        f"{item.label:<58} {item.value:>16,.6g} {item.unit:<16} {_rank(item.percentile):>8}  "
        f"{item.as_of}  {item.source}"
        for item in reading.evidence
    ]
    lines += [f"missing: {what}" for what in reading.missing]
    return "\n".join([*lines, reading.caveat])


def close_table(estimate: IntoClose) -> str:
    """Return an estimate into the close as a line a scenario, and what it rests on."""
    lines = [f"{'from here':<10} {'index':>7}  {'leveraged funds by the bell':<34} after the close"]
    lines += [
        f"{_moved(one.move_from_here):<10} {one.day_return:>+7.2%}  {_usd(one.flow_usd):<34} "
        f"volatility control {_usd(one.vol_control_usd)}"
        for one in estimate.scenarios
    ]
    parts = estimate.buckets_usd.items()
    lines += [
        "",
        *(
            f"{name:<14} {usd / BILLION:>+7.2f} bn USD, investors' own money aside"
            for name, usd in parts
        ),
    ]
    return "\n".join([*lines, *_close_basis(estimate)])


def _moved(fraction: float) -> str:
    return f"{fraction:+.0%}" if fraction else "no move"


def _close_basis(estimate: IntoClose) -> list[str]:
    priced = ", ".join(f"{one.symbol} {one.price:g}" for one in estimate.prices)
    told = {
        "coverage": f"{estimate.coverage:.2f}",
        "prices": priced,
        "by proxy": ", ".join(estimate.proxied),
        "no price": ", ".join(estimate.missing),
        "left out": "; ".join(estimate.problems),
        "source": estimate.source,
    }
    return [f"{name:<9} {words}" for name, words in told.items() if words]


def history_table(slug: str, rows: pd.DataFrame) -> str:
    """Return one driver's figures over several sessions."""
    shown = rows[["score", "surprise", "flow_mid_usd", "share_of_adv", "coverage", "confidence"]]
    # Adding zero takes the sign off a negative nothing.
    figures: str = (shown + 0.0).to_string(float_format=lambda value: f"{value:.4g}")
    return f"{slug}\n{figures}"


def driver_json(reading: Reading) -> str:
    """Return one driver's reading in the report's JSON shape."""
    return json.dumps(rounded(driver_body(reading)), ensure_ascii=False, allow_nan=False, indent=2)


def history_json(slug: str, rows: pd.DataFrame) -> str:
    """Return one driver's figures over several sessions; what is missing is null."""
    plain = rows.astype(object).where(rows.notna(), None)
    sessions = [
        {"session": f"{session:%Y-%m-%d}", **row}
        for session, row in zip(plain.index, plain.to_dict("records"), strict=True)
    ]
    body = rounded({"slug": slug, "sessions": sessions})
    return json.dumps(body, ensure_ascii=False, allow_nan=False, indent=2)


def _line(reading: Reading) -> str:
    if not reading.measured:
        return f"{reading.slug:<16} not measured: {'; '.join(reading.missing)}"
    surprise = "" if reading.surprise is None else _plain(reading.surprise)
    return (
        f"{reading.slug:<16} {_plain(reading.score):>6} {surprise:>8} {reading.confidence:>5.2f}  "
        f"{_usd(reading.flow_usd)}"
    )


def _plain(value: float) -> str:
    """Return a figure with its sign; what rounds to nothing has none."""
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def _usd(flow: Estimate | None) -> str:
    if flow is None:
        return "no dollars"
    low, mid, high = (round(b / BILLION, 1) or 0.0 for b in (flow.low, flow.mid, flow.high))
    return f"{mid:+.1f} bn USD ({low:+.1f} to {high:+.1f})"


def _rank(percentile: float | None) -> str:
    return "" if percentile is None else f"p{100 * percentile:.0f}"
