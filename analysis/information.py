"""How much one thing tells of another: mutual information, and prediction across years.

Mutual information never comes out below zero, so a sample without any tie shows some. The
null shuffles whole months of one side against the other, which keeps runs of alike days
together, and its mean is what the figure must be read against.

References
----------
Cover, T. and Thomas, J. (2006). Elements of Information Theory, chapter 2. Wiley.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.intervals import BLOCK_SESSIONS, SEED
from analysis.logistic import fit

Floats = NDArray[np.float64]

Shares = Callable[[Floats, Floats, Floats], Floats]
"""A way to predict: known features, the marks of their labels, asked features to shares."""

SHUFFLES = 500

NEAREST = 100
"""Past days of the same sign and about the same size that a prediction by size rests on."""

LEAST_CHANCE = 1e-3
"""No label is held to be less likely than this, so that one miss costs a finite loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Mutual information of two sorts of labels [bits], beside what chance alone shows.

    ``explained`` is the part of the first one's entropy that the second tells, chance
    taken off [0 to 1].
    """

    n: int
    bits: float
    chance_bits: float
    chance_p95_bits: float
    entropy_bits: float

    @property
    def explained(self) -> float:
        """Part of the entropy explained beyond chance."""
        return max(0.0, self.bits - self.chance_bits) / self.entropy_bits


def mutual_information(labels: pd.Series, other: pd.Series) -> Tie:
    """Measure how much ``other`` tells of ``labels``, row by row, in order of time."""
    ours, theirs = (pd.factorize(values)[0] for values in (labels, other))
    rng = np.random.default_rng(SEED)
    null = [_bits(_shuffled(ours, rng), theirs) for _ in range(SHUFFLES)]
    shares = np.bincount(ours) / len(ours)
    return Tie(
        n=len(ours),
        bits=_bits(ours, theirs),
        chance_bits=float(np.mean(null)),
        chance_p95_bits=float(np.quantile(null, 0.95)),
        entropy_bits=float(-(shares * np.log2(shares)).sum()),
    )


def _bits(ours: NDArray[np.intp], theirs: NDArray[np.intp]) -> float:
    table = np.zeros((ours.max() + 1, theirs.max() + 1))
    np.add.at(table, (ours, theirs), 1.0)
    joint = table / len(ours)
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0.0
    return float((joint[seen] * np.log2(joint[seen] / apart[seen])).sum())


def _shuffled(values: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the values with whole blocks of neighbours in a new order."""
    turned = np.roll(values, int(rng.integers(len(values))))
    blocks = np.array_split(turned, max(2, len(values) // BLOCK_SESSIONS))
    return np.concatenate([blocks[at] for at in rng.permutation(len(blocks))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """How well labels were predicted in years left out.

    ``accuracy`` against ``commonest``, the share of the commonest label; ``explained`` is the
    part of the label's entropy saved out of sample, below zero where prediction did harm.
    """

    n: int
    accuracy: float
    commonest: float
    explained: float


def predict_by_size(labels: pd.Series, move: pd.Series) -> Prediction:
    """Predict each year's labels from the size and sign of the move, by the nearest days.

    The most flexible use of |move| and its sign there is: the shares of each label among the
    100 days of the same sign and nearest size in all other years.
    """
    return _across_years(labels, move.to_frame("move"), _nearest_shares)


def predict_by(labels: pd.Series, features: pd.DataFrame) -> Prediction:
    """Predict each year's labels from any features: a logistic curve a label, all years else."""
    return _across_years(labels, features, _curve_shares)


def _across_years(labels: pd.Series, features: pd.DataFrame, shares: Shares) -> Prediction:
    names = sorted(set(labels))
    truth = np.array([names.index(label) for label in labels])
    years = pd.DatetimeIndex(labels.index).year.to_numpy()
    table = features.to_numpy(float)
    told, usual = np.zeros((len(truth), len(names))), np.zeros((len(truth), len(names)))
    for year in sorted(set(years)):
        out, rest = years == year, years != year
        marks = np.eye(len(names))[truth[rest]]
        told[out] = shares(table[rest], marks, table[out])
        usual[out] = marks.mean(axis=0)
    losses = [-np.log(_sound(odds)[np.arange(len(truth)), truth]).mean() for odds in (told, usual)]
    return Prediction(
        n=len(truth),
        accuracy=float((told.argmax(axis=1) == truth).mean()),
        commonest=float(np.bincount(truth).max() / len(truth)),
        explained=float(1.0 - losses[0] / losses[1]),
    )


def _sound(shares: Floats) -> Floats:
    """Return shares that are never nothing and add up to one."""
    kept = np.maximum(shares, LEAST_CHANCE)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True), dtype=np.float64)


def _nearest_shares(known: Floats, marks: Floats, asked: NDArray[np.float64]) -> Floats:
    size, sign = np.abs(known[:, 0]), np.sign(known[:, 0])
    answer = np.zeros((len(asked), marks.shape[1]))
    for row, move in enumerate(asked[:, 0]):
        apart = np.where(sign == np.sign(move), np.abs(size - abs(move)), np.inf)
        answer[row] = marks[np.argpartition(apart, NEAREST)[:NEAREST]].mean(axis=0)
    return answer


def _curve_shares(known: Floats, marks: Floats, asked: NDArray[np.float64]) -> Floats:
    curves = [fit(known, mark).probability(asked) for mark in marks.T]
    answer = np.column_stack(curves)
    return np.asarray(answer / answer.sum(axis=1, keepdims=True), dtype=np.float64)
