"""One evening as a note needs it: the report, and what its charts show beyond the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isclose
from typing import TYPE_CHECKING

from templates.charts import Extras, day_facts, gamma_facts
from templates.charts.drawing.facts import GammaProfile

if TYPE_CHECKING:
    import pandas as pd

    from analysis.market import Market
    from analysis.options.chain import Chain
    from analysis.report import FlowReport

ZONE_TOLERANCE = 1e-3
"""Two flip zones nearer than a tenth of one per cent are the same zone as printed."""

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
    gamma = _gamma(chain_of(last), report)
    return Evening(report, Extras(gamma=gamma, days=day_facts(history)))


def _gamma(chain: Chain | None, report: FlowReport) -> GammaProfile | None:
    """Return the chain's profile, where it tells the same as the report's words."""
    if chain is None:
        return None
    from analysis.options.summary import summarise

    profile = gamma_facts(summarise(chain))
    return profile if _agrees(profile, report) else None


def _agrees(profile: GammaProfile, report: FlowReport) -> bool:
    """Say whether the flip zone of a profile is the one the report tells.

    They are one sum over one chain, unless the market's rows were measured elsewhere, from
    another chain of the evening: a picture of another zone would contradict the words.
    """
    evidence = report.reading("dealer_gamma").evidence
    told = next((one.value for one in evidence if one.key == "flip_low"), None)
    if told is None or profile.flip_low is None:
        return told is None and profile.flip_low is None
    return isclose(told, profile.flip_low, rel_tol=ZONE_TOLERANCE)
