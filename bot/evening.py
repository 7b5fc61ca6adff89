"""One evening as a note needs it: the report, and what its charts show beyond the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from templates.charts import Extras, day_facts, gamma_facts
from templates.charts.drawing.facts import GammaProfile

if TYPE_CHECKING:
    import pandas as pd

    from analysis.market import Market
    from analysis.options.chain import Chain
    from analysis.report import FlowReport

SESSIONS_SHOWN = 60
"""A quarter of sessions: what the chart of forced trading looks back on."""

ChainOf = Callable[["pd.Timestamp"], "Chain | None"]


@dataclass(frozen=True, slots=True)
class Evening:
    """A session's report with the past and the option chain its charts are drawn from."""

    report: FlowReport
    extras: Extras = field(default_factory=Extras)


def evening_of(market: Market, chain_of: ChainOf) -> Evening:
    """Read a market's last session once for its report and its charts.

    The report is that of `analysis.report.build_report`: looking at more sessions changes
    nothing in the last one.

    Raises
    ------
    NoBarError
        When the index has no bar for the session or for the one before.
    """
    from analysis.history import read
    from analysis.report import last_session, report_of

    last = last_session(market)
    history = read(market, market.sessions[-SESSIONS_SHOWN:])
    report = report_of(history, last)
    return Evening(report, Extras(gamma=_gamma(chain_of(last)), days=day_facts(history)))


def _gamma(chain: Chain | None) -> GammaProfile | None:
    if chain is None:
        return None
    from analysis.options.summary import summarise

    return gamma_facts(summarise(chain))
