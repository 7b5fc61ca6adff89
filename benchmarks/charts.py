"""Draw the charts: how long each takes and how large it is, and those the documents show.

    python -m benchmarks.charts [MARKET_FOLDER]

Without a market folder the demo market is drawn and nothing is written. Times are the second
drawing of each chart: the first in a process waits some tenths of a second for the renderer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

import pandas as pd

from analysis.base_rates import QUESTIONS
from analysis.history import read
from analysis.market import Market
from analysis.options.chain import read_chain
from analysis.options.summary import summarise
from analysis.record import hindsight_claims, score_of
from analysis.report import FlowReport, build_report
from analysis.sources.demo import DemoSource
from analysis.sources.folder import FolderSource
from templates.charts import (
    Chart,
    Extras,
    all_charts,
    claim_facts,
    day_facts,
    gamma_facts,
    render_png,
    render_svg,
)

FOLDER = Path(__file__).parent.parent / "docs" / "charts"
SESSIONS = ("2025-04-09", "2026-07-29")
DARK_SESSION = "2026-07-29"
"""The session whose charts are shown on dark ground too."""

DAYS = 60


def extras_of(market: Market, chain: Path | None) -> Extras:
    """Gather what the charts show beyond the report; ``chain`` is the session's, if there is one.

    The calibration is hindsight: today's method on every evening of the market.
    """
    claims = hindsight_claims(market)
    scores = [score_of(question.key, claims) for question in QUESTIONS if question.claimed]
    return Extras(
        gamma=None if chain is None else gamma_facts(summarise(read_chain(chain))),
        days=day_facts(read(market, market.sessions[-DAYS:])),
        said=claim_facts(score for score in scores if score is not None),
        hindsight=True,
    )


def time_and_size(report: FlowReport, extras: Extras) -> list[Chart]:
    """Print a line for each chart, and return those that could be drawn."""
    print(f"\n{report.session}")
    print(f"{'chart':<16}{'spec ms':>9}{'png ms':>9}{'svg ms':>9}{'light kB':>10}{'dark kB':>9}")
    drawn = []
    for slug, draw in all_charts().items():
        chart = draw(report, extras)
        if not isinstance(chart, Chart):
            print(f"{slug:<16}not drawn: {chart.reason}")
            continue
        render_png(chart.spec)
        began = perf_counter()
        draw(report, extras)
        specified = perf_counter()
        light = render_png(chart.spec)
        painted = perf_counter()
        render_svg(chart.spec)
        ended = perf_counter()
        dark = render_png(chart.spec, dark=True)
        spans = (specified - began, painted - specified, ended - painted)
        times = "".join(f"{1e3 * span:9.0f}" for span in spans)
        print(f"{slug:<16}{times}{len(light) / 1e3:10.1f}{len(dark) / 1e3:9.1f}")
        drawn.append(chart)
    return drawn


def write(session: str, charts: Iterable[Chart]) -> None:
    """Write the pictures that the documents show."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for chart in charts:
        (FOLDER / f"{session}-{chart.slug}.png").write_bytes(render_png(chart.spec))
        if session == DARK_SESSION:
            dark = FOLDER / f"{session}-{chart.slug}-dark.png"
            dark.write_bytes(render_png(chart.spec, dark=True))


def main(arguments: list[str]) -> None:
    """Draw the demo market, or the real sessions of a folder."""
    if not arguments:
        market = DemoSource().fetch()
        time_and_size(build_report(market), extras_of(market, None))
        return
    folder = Path(arguments[0])
    for session in SESSIONS:
        market = FolderSource(folder).fetch(pd.Timestamp(session))
        chain = folder / "chains" / "cboe" / "SPX" / f"{session}.csv.gz"
        extras = extras_of(market, chain if chain.exists() else None)
        write(session, time_and_size(build_report(market), extras))


if __name__ == "__main__":
    main(sys.argv[1:])
