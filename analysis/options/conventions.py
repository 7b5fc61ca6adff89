"""Three guesses at what dealers hold, because nobody outside can see it.

Open interest says how many contracts exist, not who is long. Each convention
assigns dealers a sign for calls and one for puts; the truth lies among and
around them, so every figure is shown under all three.

References
----------
SqueezeMetrics Research (2017). The Implied Order Book (the naive convention).
Garleanu, N., Pedersen, L. and Poteshman, A. (2009). Demand-Based Option Pricing.
"""

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

NAIVE = "naive"
CONVENTIONS = MappingProxyType(
    {
        NAIVE: (1.0, -1.0),
        "short_calls": (-1.0, 0.0),
        "all_short": (-1.0, -1.0),
    }
)
"""Dealers' sign for calls and for puts.

naive: customers overwrite calls and buy puts, so dealers are long calls, short puts.
short_calls: customers are long calls, so dealers are short them; puts net out between customers.
all_short: customers are long everything.
"""


def dealer_sign(convention: str, is_call: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return dealers' position per contract of open interest: +1 long, -1 short, 0 flat."""
    calls, puts = CONVENTIONS[convention]
    return np.where(is_call, calls, puts)
