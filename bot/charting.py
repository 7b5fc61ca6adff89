"""Write the charts of a session into a folder: for light and dark ground, with their words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.market import Market
    from analysis.options.chain import Chain
    from analysis.report import FlowReport
    from templates.charts import Chart, Extras, NoChart

SESSIONS_SHOWN = 60
"""A quarter of sessions: what the chart of forced trading looks back on."""


def write_charts(
    market: Market, report: FlowReport, folder: Path, chain: Chain | None
) -> list[str]:
    """Draw every chart of a session and say what was written, or why it was not.

    Each chart becomes a PNG for light ground, one for dark ground, an SVG and a text with
    every figure that is printed in the picture. ``chain`` is the session's chain of index
    options, if there is one.
    """
    from templates.charts import pictures

    folder.mkdir(parents=True, exist_ok=True)
    drawn = pictures(report, extras_of(market, chain))
    return [_written(one, f"{report.session}", folder) for one in drawn]


def extras_of(market: Market, chain: Chain | None) -> Extras:
    """Gather what the charts show beyond the report.

    The calibration is hindsight: today's method on every evening of the market.
    """
    from analysis.base_rates import QUESTIONS
    from analysis.history import read
    from analysis.options.summary import summarise
    from analysis.record import hindsight_claims, score_of
    from templates.charts import Extras, claim_facts, day_facts, gamma_facts

    claims = hindsight_claims(market)
    scores = (score_of(question.key, claims) for question in QUESTIONS if question.claimed)
    return Extras(
        gamma=None if chain is None else gamma_facts(summarise(chain)),
        days=day_facts(read(market, market.sessions[-SESSIONS_SHOWN:])),
        said=claim_facts(score for score in scores if score is not None),
        hindsight=True,
    )


def _written(one: Chart | NoChart, session: str, folder: Path) -> str:
    from templates.charts import Chart, render_png, render_svg

    if not isinstance(one, Chart):
        return f"{one.slug}: not drawn, {one.reason}"
    stem = folder / f"{session}-{one.slug}"
    light = render_png(one.spec)
    Path(f"{stem}.png").write_bytes(light)
    Path(f"{stem}-dark.png").write_bytes(render_png(one.spec, dark=True))
    Path(f"{stem}.svg").write_text(render_svg(one.spec), "utf-8")
    Path(f"{stem}.txt").write_text(one.alt + "\n", "utf-8")
    return f"{stem}.png: {len(light) / 1e3:.0f} kB, also dark, SVG and in words"
