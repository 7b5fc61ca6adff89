"""The strikes with the largest gamma near spot.

They are large positions, no more. Nothing here shows that prices stop at them, so
they are never called support or resistance.
"""

import math

import numpy as np
from numpy.typing import NDArray

from analysis.options.chain import Chain
from analysis.options.exposure import gamma_usd_by_contract
from analysis.options.osi import EUROPEAN_FAMILIES

WINDOW = 0.06
"""How far from spot a strike counts [fraction]."""

SHOWN = 5

BOX_BALANCE = 0.6
"""Both sides of a box-spread strike are this alike, at least: smaller over larger open interest."""


def large_gamma_strikes(chain: Chain, shown: int = SHOWN) -> dict[str, list[float]]:
    """Return the strikes with most gamma times open interest, calls and puts apart.

    Within 6 % of spot, all living expiries, unsigned, largest first. Box-spread
    strikes are excluded (see `is_box_strike`).

    Returns
    -------
    dict
        `calls` and `puts`: up to `shown` strikes each.
    """
    live = chain.select(chain.measurable & (np.abs(chain.strike / chain.spot - 1.0) <= WINDOW))
    usd = gamma_usd_by_contract(live)
    usd[is_box_strike(chain, live.strike)] = 0.0
    return {
        "calls": _largest(live.strike[live.is_call], usd[live.is_call], shown),
        "puts": _largest(live.strike[~live.is_call], usd[~live.is_call], shown),
    }


def is_box_strike(chain: Chain, strike: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Flag strikes whose open interest is mostly financing, not a view on price.

    A box spread is a loan: its legs sit on both sides of one strike in equal number
    and have no gamma together. Lenders use cash-settled European index options at
    the roundest strikes. So: European root, strike a multiple of the leading power of
    ten of spot (1,000 for an index at 7,400), and over all expiries the smaller side has
    at least 60 % of the open interest of the larger.

    Parameters
    ----------
    chain
        All living contracts.
    strike : shape (n,)
        Strikes to judge.
    """
    if chain.symbol not in EUROPEAN_FAMILIES:
        return np.zeros(len(strike), dtype=bool)
    unit = 10.0 ** math.floor(math.log10(chain.spot))
    financing = []
    for level in np.unique(strike[np.mod(strike, unit) == 0.0]):
        here = chain.strike == level
        calls = chain.open_interest[here & chain.is_call].sum()
        puts = chain.open_interest[here & ~chain.is_call].sum()
        if min(calls, puts) >= BOX_BALANCE * max(calls, puts):
            financing.append(level)
    return np.isin(strike, financing)


def _largest(strike: NDArray[np.float64], usd: NDArray[np.float64], shown: int) -> list[float]:
    levels, where = np.unique(strike, return_inverse=True)
    total = np.bincount(where, weights=usd, minlength=len(levels))
    order = np.argsort(-total, kind="stable")[:shown]
    return [float(levels[i]) for i in order if total[i] > 0.0]
