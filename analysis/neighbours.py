"""How unusual a figure is among past sessions on which the market moved about as far.

On a large move every price-driven flow is large, and nearly everybody buys into a
rally. Ranking a figure against all sessions would therefore only restate the size of
the move. Ranking it against the sessions with the nearest |move| and the same sign asks
the better question: was this more than a move of this size always brings?
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEWEST = 60
"""Fewer past sessions of the same sign than this say nothing about the usual."""

MOST = 250
"""More neighbours than this would reach moves of another size."""

NEAREST_FRACTION = 0.1
"""The nearest tenth of the past counts as "a move of this size", within the two bounds."""

Figures = NDArray[np.float64]


def conditional_rank(
    values: pd.Series, move: pd.Series, rows: pd.DatetimeIndex | None = None
) -> pd.Series:
    """Rank each session's figure among past sessions with the nearest move of the same sign.

    Parameters
    ----------
    values : shape (n_sessions,)
        The figure to rank, in any unit; missing where it is not known.
    move : shape (n_sessions,)
        The index's return over its own volatility [x], signed.
    rows : shape (n_rows,), optional
        Sessions to answer for; None answers for all of them.

    Returns
    -------
    shape (n_rows,) or (n_sessions,)
        Share of the neighbours whose figure lies below the session's own, in [0, 1].
        Neighbours are the k earlier sessions nearest in |move| among those with a known
        figure and a move of the same sign, k a tenth of them but at least 60 and at most
        250; sessions as near as the k-th count too. Missing where the figure or the move
        is missing, where the move is zero, and where fewer than 60 such sessions lie
        behind. Later sessions never matter.
    """
    figures = values.to_numpy(float)
    moves = move.reindex(values.index).to_numpy(float)
    asked = np.ones(len(figures), bool) if rows is None else values.index.isin(rows)
    known = np.isfinite(figures) & np.isfinite(moves)
    ranks = np.full(len(figures), np.nan)
    for sign in (-1.0, 1.0):
        at = np.flatnonzero(known & (np.sign(moves) == sign))
        size, figure = np.abs(moves[at]), figures[at]
        for i in np.flatnonzero(asked[at]):
            if i >= FEWEST:
                ranks[at[i]] = _share_below(size[:i], figure[:i], size[i], figure[i])
    answer = pd.Series(ranks, index=values.index)
    return answer if rows is None else answer.reindex(rows)


def _share_below(past_size: Figures, past: Figures, size: float, figure: float) -> float:
    """Return the share of the sessions nearest in size whose figure lies below this one."""
    k = min(MOST, max(FEWEST, int(len(past) * NEAREST_FRACTION)))
    distance = np.abs(past_size - size)
    near = distance <= np.partition(distance, k - 1)[k - 1]
    return float(np.count_nonzero(past[near] < figure) / np.count_nonzero(near))
