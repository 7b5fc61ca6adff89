"""Even grids of log prices, and getting from a coarse one to a fine one without loss."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NODES = np.arange(-9.0, 11.0)
"""Coarse levels around the one interpolated: ten on each side."""

SMOOTH = 0.19
"""Coarse steps [standard deviations] up to which those twenty give 1e-12 of a curve's peak: the
remainder is about 110 times the twentieth power of the step."""


class Grid(NamedTuple):
    """Evenly spaced log spots: the first, the step, how many."""

    origin: float
    step: float
    levels: int

    def coarser(self, skip: int) -> "Grid":
        """Return every so many-th level, with what interpolation needs beyond both ends."""
        before = len(NODES) // 2 - 1
        bases = (self.levels - 1) // skip + 1
        return Grid(
            self.origin - before * skip * self.step, skip * self.step, bases + len(NODES) - 1
        )


def interpolated(coarse: Floats, skip: int) -> Floats:
    """Return the levels between coarse ones by Lagrange's polynomial through twenty of them.

    Parameters
    ----------
    coarse : shape (n_coarse,)
        A smooth function on a grid made by `Grid.coarser`.
    skip
        How many fine levels lie in one coarse step.

    Returns
    -------
    shape ((n_coarse - 19) * skip,)
        The function on the fine grid and a little beyond its end.
    """
    places = np.arange(skip) / skip
    weights = np.array(
        [
            np.prod((places[:, None] - others) / (node - others), axis=1)
            for node in NODES
            for others in [NODES[node != NODES]]
        ]
    )
    fine: Floats = (sliding_window_view(coarse, len(NODES)) @ weights).ravel()
    return fine
