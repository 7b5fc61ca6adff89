"""Everything that was put to the skill gate: which inputs might beat the base rate?

A variant is a table of features by session, none of which looks past its evening. Signed
readings are turned into the direction of the day, so that "with the move" is above zero on
rallies and sell-offs alike. Each becomes a walk-forward logistic curve (`analysis.logistic`)
beside the sign of the day, and every one that was tried stands in the registry, whatever
came of it: a bar that ignores the failures is no bar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.base_rates import BEGIN, QUESTIONS, Question
from analysis.gamma_regime import regime
from analysis.gate import gate_of, settled, vix_features
from analysis.history import History
from analysis.logistic import EMBARGO_SESSIONS, walk_forward
from analysis.market import INDEX, VIX
from analysis.odds import base_rows
from analysis.skill import brier_skill
from analysis.verdict import Label, judge

EXTREME = 5.0
"""Readings in standard units are cut here, so that no single day bends a curve."""

NEIGHBOURS = 50
"""Evenings whose scores were most alike: enough for a rate, few enough to be alike."""

Features = Callable[[History], pd.DataFrame]


def direction(history: History) -> pd.Series:
    """Return 1 on rises and -1 on falls; missing where the return is or is zero."""
    returns = history.market.day_return
    return pd.Series(np.sign(returns.where(returns != 0.0)), returns.index)


def figures(history: History, name: str, *, missing: float = 0.0) -> pd.DataFrame:
    """Return one figure of every driver in the direction of the day; what is missing is flat."""
    way = direction(history)
    sheet = {slug: frame[name] * way for slug, frame in history.figures.items()}
    return pd.DataFrame(sheet).fillna(missing).clip(-EXTREME, EXTREME)


def vix(history: History) -> pd.DataFrame:
    """Return ln VIX: the model that stands at the gate."""
    return vix_features(history.market)[["log_vix"]]


def move(history: History) -> pd.DataFrame:
    """Return the size of the day's move in units of its own volatility."""
    return pd.DataFrame({"size": history.market.move.abs()})


def volatility(history: History) -> pd.DataFrame:
    """Return ln VIX, the move's size, and the volatility before the day."""
    sigma = pd.DataFrame({"log_sigma": np.log(history.market.sigma)})
    return pd.concat([vix(history), move(history), sigma], axis="columns", sort=False)


def scores(history: History) -> pd.DataFrame:
    """Return the seven drivers' scores."""
    return figures(history, "score").add_prefix("score_")


def surprises(history: History) -> pd.DataFrame:
    """Return the seven drivers' surprises."""
    return figures(history, "surprise").add_prefix("surprise_")


def witnesses(history: History) -> pd.DataFrame:
    """Return the evidence that does not follow from the return, and participation."""
    sheet = figures(history, "witness")
    # Participation is already told in the direction of the day.
    took_part = history.figures["real_money"]["witness"].fillna(0.5)
    return sheet.assign(real_money=took_part).add_prefix("witness_")


def price(history: History) -> pd.DataFrame:
    """Return what the past month, the past year and the VIX's term structure look like."""
    close = history.market.closes(INDEX)
    term = history.market.closes(VIX) / history.market.closes("^VIX3M")
    return pd.DataFrame(
        {
            "month": close / close.shift(20) - 1.0,
            "drawdown": close / close.rolling(252, min_periods=20).max() - 1.0,
            "term": term.ffill(limit=5),
        }
    )


def gamma(history: History) -> pd.DataFrame:
    """Return the dealer-gamma regime: its size and the chance that it is below zero."""
    return regime(history.market)[["size", "negative_probability"]].add_prefix("gamma_")


def heavy_volume(history: History) -> pd.DataFrame:
    """Return SPY's volume over its past year, alone and with the size of the move."""
    volume = history.market.column(history.market.volume, "SPY")
    heavy = np.log(volume / volume.shift(1).rolling(250).mean())
    return pd.DataFrame({"heavy": heavy, "heavy_size": heavy * history.market.move.abs()})


def verdict(history: History) -> pd.DataFrame:
    """Return the verdict's balance and its label."""
    sheet = pd.DataFrame(np.nan, index=history.market.sessions, columns=["balance", "forced"])
    sheet["chosen"] = np.nan
    for session in history.rows:
        found = judge(history.hearing(session))
        sheet.loc[session] = [
            found.balance or 0.0,
            float(found.label is Label.MECHANICAL),
            float(found.label is Label.CONVICTION),
        ]
    return sheet


def alike(history: History) -> pd.DataFrame:
    """Return what had followed the 50 evenings whose scores were most alike [log odds].

    One column a question, asked of the variant's own question by `tries`.
    """
    sheet = scores(history).to_numpy(float)
    columns = {}
    for question in claimed():
        truth = settled(history.market, question, base_rows(history.market, question))
        outcome = truth.reindex(history.market.sessions).to_numpy(float)
        columns[question.key] = _neighbours_odds(sheet, outcome)
    return pd.DataFrame(columns, index=history.market.sessions)


def _neighbours_odds(
    sheet: NDArray[np.float64], outcome: NDArray[np.float64]
) -> NDArray[np.float64]:
    answer = np.full(len(sheet), np.nan)
    for place in range(len(sheet)):
        past = np.flatnonzero(np.isfinite(outcome[: max(0, place - EMBARGO_SESSIONS)]))
        if len(past) >= 4 * NEIGHBOURS:
            apart = np.square(sheet[past] - sheet[place]).sum(axis=1)
            near = past[np.argpartition(apart, NEIGHBOURS)[:NEIGHBOURS]]
            rate = (outcome[near].sum() + 1.0) / (NEIGHBOURS + 2.0)
            answer[place] = np.log(rate / (1.0 - rate))
    return answer


def everything(history: History) -> pd.DataFrame:
    """Return volatility, scores, witnesses and price together."""
    parts = [part(history) for part in (volatility, scores, witnesses, price)]
    return pd.concat(parts, axis="columns", sort=False)


def vix_and(part: Features) -> Features:
    """Return a variant that adds ln VIX to another."""
    return lambda history: pd.concat([vix(history), part(history)], axis="columns", sort=False)


VARIANTS: dict[str, Features] = {
    "vix": vix,
    "move": move,
    "volatility": volatility,
    "scores": scores,
    "surprises": surprises,
    "witnesses": witnesses,
    "price": price,
    "gamma": gamma,
    "heavy_volume": heavy_volume,
    "verdict": verdict,
    "alike": alike,
    "vix_scores": vix_and(scores),
    "vix_surprises": vix_and(surprises),
    "vix_witnesses": vix_and(witnesses),
    "vix_gamma": vix_and(gamma),
    "vix_price": vix_and(price),
    "everything": everything,
}
"""Every table of features that was tried, in the order of trying."""

EARLIER = (
    (
        "half_back_5",
        "earlier: logistic of 10 price and volatility features",
        1,
        647,
        -0.001,
        -0.023,
    ),
    ("half_back_5", "earlier: the same with published gamma", 1, 647, -0.015, -0.038),
    ("half_back_5", "earlier: slices by breadth, volume, drawdown and others", 16, 505, None, None),
    ("next_sign", "earlier: logistic of 10 price and volatility features", 1, 647, -0.028, -0.050),
    ("next_abs_band", "by hand: ln VIX and its square", 1, 3416, 0.122, None),
    ("next_abs_band", "by hand: one over the VIX", 1, 3416, 0.134, None),
    ("next_abs_band", "by hand: vix, recalibrated each January", 1, 3164, 0.097, None),
)
"""Tried on the same history outside of `tries`: key, what, variants, n, skill, bound."""

COLUMNS = [
    *("key", "variant", "count", "n", "skill", "low", "low_counted", "passes"),
    *("skill_over_vix", "low_over_vix"),
]


def claimed() -> list[Question]:
    """Return the questions that notes claim."""
    return [question for question in QUESTIONS if question.claimed]


def counts() -> dict[str, int]:
    """Return how many variants have been tried on each question, earlier ones included."""
    return {
        question.key: len(VARIANTS) + sum(row[2] for row in EARLIER if row[0] == question.key)
        for question in claimed()
    }


def tries(history: History) -> pd.DataFrame:
    """Put every variant to the gate and return the registry, one row a question and variant."""
    tables = {name: features(history) for name, features in VARIANTS.items()}
    up = vix_features(history.market)[["up"]]
    found = [
        _tried(history, question, name, _asked(table, name, question).join(up))
        for question in claimed()
        for name, table in tables.items()
    ]
    earlier = [
        dict(zip(COLUMNS[:6], (*row[:5], row[5]), strict=True)) | {"passes": False}
        for row in EARLIER
    ]
    return pd.DataFrame([*found, *earlier], columns=COLUMNS)


def _asked(table: pd.DataFrame, name: str, question: Question) -> pd.DataFrame:
    """Return the features for one question: the neighbours' answer is asked of its own."""
    return table[[question.key]] if name == "alike" else table


def _tried(
    history: History, question: Question, name: str, features: pd.DataFrame
) -> dict[str, object]:
    base = base_rows(history.market, question)
    truth = settled(history.market, question, base)
    told = walk_forward(features.loc[BEGIN:], truth)
    control = walk_forward(vix_features(history.market).loc[BEGIN:], truth)
    gate = gate_of(told, base["base_rate"], truth, counts()[question.key])
    beyond = asdict(brier_skill(told, control, truth, variants=counts()[question.key]))
    return {
        "key": question.key,
        "variant": name,
        "count": 1,
        "n": gate.n,
        "skill": gate.skill,
        "low": gate.low,
        "low_counted": gate.low_counted,
        "passes": gate.passes,
        "skill_over_vix": beyond["skill"],
        "low_over_vix": beyond["low_counted"],
    }
