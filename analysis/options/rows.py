"""A file's rows once their symbols are read, before anything is judged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.options.osi import Contracts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """A file's columns with their symbols read; every array has shape (n,)."""

    contracts: Contracts
    bid: Floats
    ask: Floats
    iv: Floats
    gamma: Floats
    open_interest: Floats

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.iv)

    def keep(self, flags: Flags) -> "Rows":
        """Return the flagged rows."""
        return Rows(
            self.contracts.keep(flags),
            self.bid[flags],
            self.ask[flags],
            self.iv[flags],
            self.gamma[flags],
            self.open_interest[flags],
        )
