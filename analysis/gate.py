"""The skill gate: a model speaks only after it has beaten the base rate out of sample.

Each January, for each question, the model's earlier walk-forward forecasts are held
against the base rates that were printed in their place. The gate is open for the year when,
over at least 300 events settled ten sessions before, the lower 90 % bound of its Brier skill
lies above zero, after counting every variant that was ever tried on that question
(`analysis/data/gate_registry.csv`). Until then, and wherever the model has nothing to say,
the base rate stands.

One model stands at the gate: the VIX alone. Everything else that was tried is in the
registry, which `python -m benchmarks.gate` writes.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.base_rates import BEGIN, Question
from analysis.intervals import Z_95
from analysis.logistic import EMBARGO_SESSIONS, Curve, sigmoid, walk_forward, yearly_curves
from analysis.market import INDEX, VIX, Market
from analysis.skill import LEAST_EVENTS, Skill, brier_skill

SPEAKING = "vix"
"""The variant that may speak: the simplest of those tried, named before the count was made."""


@cache
def variants_tried(key: str) -> int:
    """Return how many variants the registry holds for a question, at least one."""
    text = files("analysis").joinpath("data/gate_registry.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return max(1, sum(int(row["count"]) for row in rows if row["key"] == key))


def vix_features(market: Market) -> pd.DataFrame:
    """Return what the VIX-only model sees: ln VIX at the close, and whether the day was up."""
    return pd.DataFrame(
        {
            "log_vix": np.log(market.closes(VIX)),
            "up": (market.day_return > 0.0).astype(float).where(market.day_return.notna()),
        }
    )


def gated(
    market: Market, question: Question, base: pd.DataFrame, rows: pd.DatetimeIndex
) -> pd.DataFrame:
    """Let the model speak on those ``rows`` in whose January the gate had opened.

    Parameters
    ----------
    base
        What the base rate claims, from `analysis.odds.base_rows`.

    Returns
    -------
    shape (n_rows, 6)
        As ``base``. Where the model speaks, ``probability`` is its own, ``low`` and ``high``
        bound the fitted curve at 95 %, ``n`` counts the cases it was fitted on.
    """
    answer = base.copy()
    seen = vix_features(market).loc[BEGIN:]
    outcome = settled(market, question, base)
    forecast = pd.Series(np.nan, index=outcome.index)
    for span, curve in yearly_curves(seen, outcome):
        days = outcome.index[span]
        forecast[days] = curve.probability(seen.loc[days].to_numpy(float))
        asked = days[days.isin(rows)]
        if len(asked) and _open_for(forecast, base["base_rate"], outcome, days[0], question.key):
            answer.loc[asked] = _spoken(curve, seen.loc[asked], base.loc[asked])
    return answer.loc[rows]


def settled(market: Market, question: Question, base: pd.DataFrame) -> pd.Series:
    """Return the outcomes of the evenings on which the question was asked, since the beginning."""
    outcome = question.outcome(market.closes(INDEX))
    return outcome.where(base["base_rate"].notna()).loc[BEGIN:]


def control_forecasts(market: Market, question: Question, base: pd.DataFrame) -> pd.Series:
    """Return what the VIX alone would have said, walking forward; missing in the first years."""
    seen, outcome = vix_features(market).loc[BEGIN:], settled(market, question, base)
    forecast = walk_forward(seen, outcome).reindex(market.sessions)
    return forecast.where(base["base_rate"].notna())


def gate_of(forecast: pd.Series, reference: pd.Series, outcome: pd.Series, variants: int) -> Skill:
    """Judge forecasts against a reference on the forecasts' own sessions."""
    return brier_skill(forecast, reference.reindex(forecast.index), outcome, variants=variants)


def _open_for(
    forecast: pd.Series, base_rate: pd.Series, outcome: pd.Series, january: pd.Timestamp, key: str
) -> bool:
    """Whether the forecasts settled ten sessions before the year began had earned their place."""
    before = outcome.index[outcome.index < january][:-EMBARGO_SESSIONS]
    told, truth, usual = forecast[before], outcome[before], base_rate[before]
    saved = ((usual - truth) ** 2 - (told - truth) ** 2).dropna()
    # The bootstrap is dear, and a mean that saves nothing cannot have a lower bound that does.
    if len(saved) < LEAST_EVENTS or saved.mean() <= 0.0:
        return False
    return gate_of(told, usual, truth, variants_tried(key)).passes


def _spoken(curve: Curve, seen: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Put the model's word in place of the base rate where it has one."""
    odds, error = curve.log_odds(seen.to_numpy(float))
    spoken = base.assign(
        probability=sigmoid(odds),
        low=sigmoid(odds - Z_95 * error),
        high=sigmoid(odds + Z_95 * error),
        n=float(curve.n),
        modelled=1.0,
    )
    speaks = np.isfinite(odds) & base["base_rate"].notna()
    return base.where(~speaks, spoken)
