"""The desk marks its own claims: what was said, what happened, and was it worth saying?

A claim is due when its last close is in. Then it earns its Brier score (the squared distance
of the probability from what happened) and its logarithmic loss, beside those of the base
rate and of a control that knows the VIX and nothing else. Sums come with intervals, for a
short record proves nothing, and with a calibration table: of all claims near 60 %, how many
came true?

A label or a probability that never varies says nothing whatever its score: that raises an
alarm. Calls of short covering are checked when the short interest of their window is public.

The hindsight record applies today's method to earlier evenings, each with what was known
then. Nobody published those claims: it is labelled as hindsight and never mixed with a live
record.

References
----------
Brier, G. W. (1950). Verification of Forecasts Expressed in Terms of Probability. Monthly
Weather Review 78(1).
Murphy, A. H. (1973). A New Vector Partition of the Probability Score. Journal of Applied
Meteorology 12(4).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isnan

import pandas as pd

from analysis.base_rates import QUESTIONS, BaseRate, base_rates
from analysis.covering_checks import CoveringRecord, covering_record
from analysis.gate import control_forecasts
from analysis.intervals import block_interval, wilson
from analysis.market import INDEX, Market
from analysis.odds import base_rows, claim_rows
from analysis.skill import Skill, brier_skill, log_losses

CLAIM_COLUMNS = ["session", "key", "probability", "base_rate", "control", "low", "high", "n"]
"""One row a claim; ``control`` is missing where the VIX alone had nothing to say."""

CALIBRATION_EDGES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0)
"""Bounds of the calibration table's rows [probability]; few claims lie near the ends."""

SAME_LABEL_SESSIONS = 60
"""A quarter of sessions with one label only: the label has stopped saying anything."""

SAME_PROBABILITY_CLAIMS = 60
"""Claims of one key looked back on for the same reason."""
LEAST_SPREAD = 0.005
"""Probabilities that all print as the same whole per cent do not vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Claims of about the same probability, and how many of them came true."""

    low: float
    high: float
    n: int
    mean_probability: float
    came_true: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How the claims of one key did.

    Losses are means over the ``n`` graded claims, with block-bootstrap intervals at 95 %;
    ``against_base`` and ``against_control`` hold the Brier skill over each (the control over
    the claims it spoke of too). ``uncertainty`` is the Brier score of somebody who knew the
    share that came true and nothing else.
    """

    key: str
    n: int
    pending: int
    came_true: float
    brier: float
    brier_interval: tuple[float, float]
    base_rate_brier: float
    control_brier: float | None
    log_loss: float
    log_loss_interval: tuple[float, float]
    uncertainty: float
    against_base: Skill
    against_control: Skill
    calibration: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A graded record; ``hindsight`` where nobody published the claims at the time."""

    hindsight: bool
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    scores: tuple[Score, ...]
    by_year: pd.DataFrame
    base_rates: tuple[BaseRate, ...]
    alarms: tuple[str, ...]
    covering: CoveringRecord


def hindsight_claims(market: Market, rows: pd.DatetimeIndex | None = None) -> pd.DataFrame:
    """Return every claim today's method would have made, each with what was known then.

    Returns
    -------
    shape (n_claims, 9)
        `CLAIM_COLUMNS` and ``outcome``: 1.0, 0.0, or missing while the claim is pending.
    """
    sheets = []
    for question in QUESTIONS:
        if not question.claimed:
            continue
        control = control_forecasts(market, question, base_rows(market, question))
        sheet = claim_rows(market, question, rows)
        sheet["control"] = control.reindex(sheet.index)
        sheet["outcome"] = question.outcome(market.closes(INDEX)).reindex(sheet.index)
        sheet["key"] = question.key
        made = sheet[sheet["probability"].notna()].rename_axis("session").reset_index()
        sheets.append(made[[*CLAIM_COLUMNS, "outcome"]])
    claims = pd.concat(sheets, ignore_index=True)
    return claims.sort_values(["session", "key"], kind="stable", ignore_index=True)


def settle(market: Market, key: str, session: pd.Timestamp) -> bool | None:
    """Say what became of a claim made on the evening of ``session``; None while it is pending.

    Raises
    ------
    KeyError
        No question has that key, or the market has no such session.
    """
    asked = {question.key: question for question in QUESTIONS}
    outcome = float(asked[key].outcome(market.closes(INDEX))[session])
    return None if isnan(outcome) else bool(outcome)


def grade(claims: pd.DataFrame) -> pd.DataFrame:
    """Mark the claims that are due.

    Parameters
    ----------
    claims
        `CLAIM_COLUMNS` and ``outcome``.

    Returns
    -------
    The due claims with ``brier``, ``base_rate_brier``, ``control_brier`` [squared
    probability] and ``log_loss`` [nats]; pending ones are left out.

    Raises
    ------
    ValueError
        Where a probability lies outside [0, 1] or an outcome is neither 0 nor 1.
    """
    due = claims[claims["outcome"].notna()].copy()
    _check(due)
    for name in ("probability", "base_rate", "control"):
        due[_brier_of(name)] = (due[name].astype(float) - due["outcome"]) ** 2
    due["log_loss"] = log_losses(due["probability"].to_numpy(float), due["outcome"].to_numpy(float))
    return due


def live_record(claims: pd.DataFrame, market: Market, history: pd.DataFrame) -> Record:
    """Grade the claims a ledger holds: those that were published, and no others.

    ``claims`` have `CLAIM_COLUMNS` and ``outcome``; ``history`` is a backfill of the sessions
    they were made on.
    """
    return record_of(claims, market, history, hindsight=False)


def _brier_of(name: str) -> str:
    return "brier" if name == "probability" else f"{name}_brier"


def _check(due: pd.DataFrame) -> None:
    wrong = ~due["probability"].between(0.0, 1.0) | ~due["outcome"].isin([0.0, 1.0])
    if wrong.any():
        first = due[wrong].iloc[0]
        raise ValueError(
            f"claim {first['key']!r} of {first['session']} has probability "
            f"{first['probability']!r} and outcome {first['outcome']!r}; a probability lies in "
            "[0, 1] and an outcome is 0 or 1"
        )


def score_of(key: str, claims: pd.DataFrame) -> Score | None:
    """Sum up the claims of one key; None where not one of them is due."""
    mine = claims[claims["key"] == key].sort_values("session", kind="stable")
    due = grade(mine)
    if due.empty:
        return None
    share = float(due["outcome"].mean())
    controlled = due["control"].notna()
    return Score(
        key=key,
        n=len(due),
        pending=len(mine) - len(due),
        came_true=share,
        brier=float(due["brier"].mean()),
        brier_interval=block_interval(due["brier"].to_numpy(float)),
        base_rate_brier=float(due["base_rate_brier"].mean()),
        control_brier=float(due["control_brier"].mean()) if controlled.any() else None,
        log_loss=float(due["log_loss"].mean()),
        log_loss_interval=block_interval(due["log_loss"].to_numpy(float)),
        uncertainty=share * (1.0 - share),
        against_base=brier_skill(due["probability"], due["base_rate"], due["outcome"]),
        against_control=brier_skill(due["probability"], due["control"], due["outcome"]),
        calibration=calibration(due),
    )


def calibration(due: pd.DataFrame) -> tuple[Bin, ...]:
    """Return, for claims of about the same probability, the share that came true.

    Empty rows are left out. The interval is Wilson's, of the claims in the row as if they
    were independent: for five-session claims it is somewhat too narrow.
    """
    bins = []
    for low, high in pairwise(CALIBRATION_EDGES):
        top = due["probability"] <= high if high == CALIBRATION_EDGES[-1] else False
        inside = due[(due["probability"] >= low) & ((due["probability"] < high) | top)]
        if len(inside):
            hits = float(inside["outcome"].sum())
            bins.append(
                Bin(
                    low=low,
                    high=high,
                    n=len(inside),
                    mean_probability=float(inside["probability"].mean()),
                    came_true=hits / len(inside),
                    interval=wilson(hits, len(inside)),
                )
            )
    return tuple(bins)


def scores_by_year(claims: pd.DataFrame) -> pd.DataFrame:
    """Return mean losses by key and year of the session, with the number of due claims."""
    due = grade(claims)
    due["year"] = pd.DatetimeIndex(due["session"]).year
    grouped = due.groupby(["key", "year"])
    columns = ["brier", "base_rate_brier", "control_brier", "log_loss"]
    return grouped[columns].mean().assign(n=grouped.size()).reset_index()


def alarms(claims: pd.DataFrame, labels: pd.Series) -> tuple[str, ...]:
    """Say what has stopped varying.

    Parameters
    ----------
    claims
        `CLAIM_COLUMNS`; the newest 60 of each key are looked at.
    labels : shape (n_sessions,)
        The verdict's label by session; the newest 60 are looked at.
    """
    raised = []
    newest = labels.iloc[-SAME_LABEL_SESSIONS:]
    if len(newest) == SAME_LABEL_SESSIONS and newest.nunique() == 1:
        raised.append(
            f"the label has been {newest.iloc[-1]!s} on each of the last {len(newest)} sessions"
        )
    for key, mine in claims.groupby("key", sort=True):
        said = mine.sort_values("session")["probability"].iloc[-SAME_PROBABILITY_CLAIMS:]
        if len(said) == SAME_PROBABILITY_CLAIMS and said.max() - said.min() < LEAST_SPREAD:
            raised.append(
                f"the probability of {key} has stayed at {said.iloc[-1]:.0%} "
                f"over the last {len(said)} claims"
            )
    return tuple(raised)


def hindsight_record(market: Market, history: pd.DataFrame) -> Record:
    """Grade what today's method would have claimed on every evening of the market.

    ``history`` is the backfill of the same evenings: labels and scores come from it.
    """
    return record_of(hindsight_claims(market), market, history, hindsight=True)


def record_of(
    claims: pd.DataFrame, market: Market, history: pd.DataFrame, *, hindsight: bool
) -> Record:
    """Grade claims, live ones or hindsight, never both in one record."""
    labels = history.drop_duplicates("session").set_index("session")["verdict"]
    covering = history[history["slug"] == "short_covering"].set_index("session")["score"]
    found = [score_of(question.key, claims) for question in QUESTIONS if question.claimed]
    return Record(
        hindsight=hindsight,
        first=claims["session"].min() if len(claims) else None,
        last=claims["session"].max() if len(claims) else None,
        scores=tuple(score for score in found if score is not None),
        by_year=scores_by_year(claims),
        base_rates=base_rates(market),
        alarms=alarms(claims, labels),
        covering=covering_record(market, covering),
    )
