"""What dealers' option books are worth hedging, in dollars, with the underlying at spot.

Signs: gamma, vanna and charm exposures are dealers' own (above zero: long). Flows
are what hedging makes them trade: above zero is buying the underlying.

References
----------
Barbon, A. and Buraschi, A. (2021). Gamma Fragility.
Baltussen, G., Da, Z., Lammers, S. and Martens, M. (2021). Hedging Demand and Market
Intraday Momentum. Journal of Financial Economics 142(1).
"""

import numpy as np
from numpy.typing import NDArray

from analysis.options.chain import Chain
from analysis.options.conventions import CONVENTIONS, NAIVE, dealer_sign
from analysis.options.greeks import Option, charm, gamma, vanna
from analysis.options.profile import CONTRACT_SHARES, fold, gamma_usd

Floats = NDArray[np.float64]

VOL_POINT = 0.01
DAY_YEARS = 1.0 / 365.0
HEDGE_MOVES_PCT = (-3, -2, -1, 1, 2, 3)


def as_option(chain: Chain) -> Option:
    """Return a chain's contracts as the arguments of the greeks."""
    return Option(
        chain.spot, chain.strike, chain.years, chain.iv, chain.rate, chain.rate - chain.carry
    )


def gamma_usd_by_contract(chain: Chain) -> Floats:
    """Return each contract's unsigned dollar gamma at spot [USD per 1 %], shape (n,)."""
    # 100 shares a contract times one per cent is one.
    return gamma(as_option(chain)) * chain.open_interest * chain.spot**2


def gamma_by_strike(chain: Chain, convention: str = NAIVE) -> tuple[Floats, Floats]:
    """Return the strikes and dealers' dollar gamma at each, with the underlying at spot.

    Returns
    -------
    strikes : shape (n_strikes,), rising
    gamma_usd : shape (n_strikes,) [USD per 1 %]
    """
    live = chain.select(chain.measurable)
    usd = gamma_usd_by_contract(live) * dealer_sign(convention, live.is_call)
    strikes, where = np.unique(live.strike, return_inverse=True)
    net: Floats = np.zeros(len(strikes))
    np.add.at(net, where, usd)
    return strikes, net


def net_gamma_usd(chain: Chain) -> dict[str, float]:
    """Return dealers' gamma at spot under every convention [USD per 1 %].

    It is evaluated at spot itself. Reading it off a profile by interpolation can miss
    by a quarter when much of the book expires within hours.
    """
    return {name: gamma_usd(fold(chain, name), chain.spot) for name in CONVENTIONS}


def hedge_usd(chain: Chain, move_pct: float, convention: str = NAIVE) -> float:
    """Return what dealers trade to stay hedged through a move of the underlying [USD].

    Minus gamma times the move, gamma being the mean of its values before and after:
    a book long gamma sells a rally, and one whose gamma changes sign on the way nets out.

    Parameters
    ----------
    chain
        Measured at its spot.
    move_pct
        The move [per cent of spot].
    convention
        Which guess at dealers' positions.
    """
    bells = fold(chain, convention)
    after = chain.spot * (1.0 + move_pct / 100.0)
    return -0.5 * (gamma_usd(bells, chain.spot) + gamma_usd(bells, after)) * move_pct


def vanna_usd(chain: Chain, convention: str = NAIVE) -> float:
    """Return what dealers trade when every volatility rises one point [USD per 0.01].

    Above zero they buy. When volatility falls they do the opposite.
    """
    live = chain.select(chain.measurable)
    held = dealer_sign(convention, live.is_call) * live.open_interest
    exposure = (held * vanna(as_option(live))).sum()
    return float(-exposure * CONTRACT_SHARES * live.spot * VOL_POINT)


def charm_usd(chain: Chain, convention: str = NAIVE) -> float:
    """Return what dealers trade as one calendar day passes, all else equal [USD per day].

    Above zero they buy. Contracts about to settle change fast: the figure is the rate at the
    session's close, not the sum over the next day.
    """
    live = chain.select(chain.measurable)
    held = dealer_sign(convention, live.is_call) * live.open_interest
    exposure = (held * charm(as_option(live), live.is_call)).sum()
    return float(-exposure * CONTRACT_SHARES * live.spot * DAY_YEARS)
