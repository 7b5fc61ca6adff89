"""Sum many bell curves over a grid of prices, fast: the heart of every gamma profile.

In the log of the spot x, one contract's dollar gamma is a Gaussian,

    weight * exp(-((x - centre) * sharpness)**2 / 2) * exp(x),

so logarithm, root and division are folded into three numbers per contract
once. On an even grid of x with step h the Gaussian needs no exponential either:
from one level to the next it is multiplied by a ratio, and the ratio by a
constant,

    g <- g * r,    r <- r * exp(-(sharpness * h)**2).

Errors grow and seeds underflow if that runs too far, so the walk starts from
the middle of short stretches of the grid and goes both ways. Contracts too
sharp even for that (minutes from settlement) are summed directly over the few
levels they reach. Curves so broad that a coarser grid holds all they have to say are
walked on that one, and their sum, not each of them, is interpolated.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.options.grids import SMOOTH, Grid, interpolated

Floats = NDArray[np.float64]

STRETCH = 67
"""Levels walked from one seed, half of them each way."""

REACH = 8.8
"""Standard deviations beyond which a Gaussian is below 2e-17 of its peak."""

STEEPEST_WALK = 27.0
"""Standard deviations one walk may cover: REACH more and a seed would underflow."""

BLOCK = 16_384
"""Contracts worked on at a time, at most: the arrays in use then fit the second-level cache."""

COARSER = (8, 4, 2)
WORTHWHILE, ENOUGH = 0.7, 500
"""A coarser grid must save three levels in ten, on so many contracts at least."""

Emit = Callable[[int, Floats], None]


class Bells(NamedTuple):
    """Folded contracts; every field has shape (n,).

    Attributes
    ----------
    weight
        Height, with sign [contracts times 1 / log deviation].
    centre
        Log spot at which the curve peaks.
    sharpness
        One over the standard deviation in log spot.
    """

    weight: Floats
    centre: Floats
    sharpness: Floats

    def take(self, index: NDArray[np.intp] | slice) -> "Bells":
        """Return some of the contracts."""
        return Bells(self.weight[index], self.centre[index], self.sharpness[index])


def bell_sum(bells: Bells, log_spot: float) -> float:
    """Add the curves up at one log spot, exactly."""
    u = (log_spot - bells.centre) * bells.sharpness
    # Not a dot product: linear-algebra libraries wake threads for it and wait for them.
    return float((bells.weight * np.exp(-0.5 * u * u)).sum())


def bell_sums(bells: Bells, log_spots: Floats, starts: NDArray[np.intp] | None = None) -> Floats:
    """Add the curves up at every level of an even grid, for one book or for many.

    Parameters
    ----------
    bells
        Folded contracts, shape (n,).
    log_spots : shape (n_levels,)
        Evenly spaced, rising.
    starts : shape (n_books,)
        Index of each book's first contract, rising from 0, no book empty; None is one book.

    Returns
    -------
    shape (n_books, n_levels), or (n_levels,) for one book
        Within 1e-12 of the direct sum, relative to the largest book of the grid.

    Raises
    ------
    ValueError
        When the grid is not even.
    """
    grid = Grid(float(log_spots[0]), _step(log_spots), len(log_spots))
    if starts is None:
        return _one_book(bells, grid)
    return _even_sums(bells, grid, np.asarray(starts, dtype=np.intp))


def _one_book(bells: Bells, grid: Grid) -> Floats:
    """Sum smooth curves on coarser grids, the rest level by level."""
    total = np.zeros(grid.levels)
    left = np.ones(len(bells.weight), dtype=bool)
    alone = np.zeros(1, dtype=np.intp)
    for skip in COARSER:
        coarse = grid.coarser(skip)
        smooth = left & (bells.sharpness * coarse.step <= SMOOTH)
        if coarse.levels > WORTHWHILE * grid.levels or smooth.sum() < ENOUGH:
            continue
        sums = _even_sums(bells.take(np.flatnonzero(smooth)), coarse, alone)
        total += interpolated(sums[0], skip)[: grid.levels]
        left &= ~smooth
    total += _even_sums(bells.take(np.flatnonzero(left)), grid, alone)[0]
    return total


def _even_sums(bells: Bells, grid: Grid, books: NDArray[np.intp]) -> Floats:
    sums = np.zeros((len(books), grid.levels))
    n = len(bells.weight)
    edges = np.linspace(0, n, max(1, -(-n // BLOCK)) + 1).astype(np.intp) if n else ()
    for lo, hi in pairwise(edges):
        first = int(np.searchsorted(books, lo, "right")) - 1
        last = int(np.searchsorted(books, hi, "left"))
        inner = np.maximum(books[first:last] - lo, 0)
        _add_block(bells.take(slice(lo, hi)), grid.origin, grid.step, inner, sums[first:last])
    return sums


def _step(log_spots: Floats) -> float:
    steps = np.diff(log_spots)
    if len(steps) == 0 or not np.allclose(steps, steps[0], rtol=1e-6, atol=0.0) or steps[0] <= 0:
        raise ValueError("the recurrence needs two or more log spots that rise in even steps")
    return float((log_spots[-1] - log_spots[0]) / len(steps))


def _add_block(
    bells: Bells, origin: float, step: float, books: NDArray[np.intp], sums: Floats
) -> None:
    """Add one block of contracts to the sums of the books it belongs to."""
    stride = bells.sharpness * step
    at_origin = (origin - bells.centre) * bells.sharpness
    half = STRETCH // 2 + 1
    walkable = stride * half <= STEEPEST_WALK
    for low in range(0, sums.shape[1], STRETCH):
        high = min(low + STRETCH, sums.shape[1])
        middle = (low + high) // 2
        u = at_origin + stride * middle
        near = np.abs(u) <= REACH + stride * max(middle - low, high - 1 - middle)
        kept = np.flatnonzero(near & walkable)
        if kept.size:
            emit = _adder(sums, books, kept)
            _walk(bells.weight[kept], u[kept], stride[kept], (low, middle, high), emit)
    sharp = np.flatnonzero(~walkable)
    if sharp.size:
        _add_sharp(bells.weight[sharp], at_origin[sharp], stride[sharp], _owner(books, sharp), sums)


def _walk(
    weight: Floats, u: Floats, stride: Floats, levels: tuple[int, int, int], emit: Emit
) -> None:
    """Step the Gaussians up and down from the middle level, emitting each level's values."""
    low, middle, high = levels
    curve = np.exp(-stride * stride)
    up = np.exp(-stride * (u + 0.5 * stride))
    down = curve / up
    rising = weight * np.exp(-0.5 * u * u)
    emit(middle, rising)
    falling = rising.copy()
    _steps(rising, up, curve, range(middle + 1, high), emit)
    _steps(falling, down, curve, range(middle - 1, low - 1, -1), emit)


def _steps(values: Floats, ratio: Floats, curve: Floats, levels: Iterable[int], emit: Emit) -> None:
    for level in levels:
        np.multiply(values, ratio, out=values)
        np.multiply(ratio, curve, out=ratio)
        emit(level, values)


def _adder(sums: Floats, books: NDArray[np.intp], kept: NDArray[np.intp]) -> Emit:
    """Return a function that adds one level's values to the books they belong to."""
    if len(books) == 1:
        line = sums[0]

        def add_all(level: int, values: Floats) -> None:
            line[level] += values.sum()

        return add_all
    cuts = np.searchsorted(kept, books)
    filled = np.flatnonzero(np.diff(np.append(cuts, len(kept))) > 0)
    cuts = cuts[filled]

    def add_each(level: int, values: Floats) -> None:
        sums[filled, level] += np.add.reduceat(values, cuts)

    return add_each


def _owner(books: NDArray[np.intp], index: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.searchsorted(books, index, "right") - 1


def _add_sharp(
    weight: Floats, at_origin: Floats, stride: Floats, owner: NDArray[np.intp], sums: Floats
) -> None:
    """Add very sharp curves directly over the levels within their reach."""
    n_levels = sums.shape[1]
    peak = -at_origin / stride
    first = np.ceil(peak - REACH / stride).clip(0, n_levels).astype(np.intp)
    last = np.floor(peak + REACH / stride).clip(-1, n_levels - 1).astype(np.intp)
    flat = sums.reshape(-1)
    for ahead in range(int((last - first).max(initial=-1)) + 1):
        level = first + ahead
        here = level <= last
        u = at_origin[here] + stride[here] * level[here]
        np.add.at(flat, owner[here] * n_levels + level[here], weight[here] * np.exp(-0.5 * u * u))
