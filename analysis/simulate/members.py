"""The index's members: what they did adds up to what the index did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.simulate.arrays import Floats, compounded, stream
from analysis.simulate.commons import Commons
from analysis.simulate.desks import Desks
from analysis.simulate.path import MARKET_VOLUME_USD
from analysis.simulate.prices import volumes
from analysis.simulate.universe import MEMBERS, SINGLES

MEMBER_IDIO = 0.0125
TECH_OF_SINGLES = (2.2, 0.5, 0.8, 0.8, 0.6, 1.0, 1.6, 2.2)
"""How the named members lean on the technology move [x], in the order of `SINGLES`."""

TILT = 0.15
"""How far a usual day of patient buying moves volume into the names that rise [log]."""


@dataclass(frozen=True, slots=True)
class Members:
    """Closes [USD], shares traded and log returns, shape (n_sessions, n_members) each."""

    symbols: tuple[str, ...]
    close: Floats
    volume: Floats
    log_return: Floats


def weights() -> Floats:
    """Return the members' weights in the index, largest first, adding up to one."""
    size = 1.0 / (np.arange(MEMBERS) + 2.0) ** 0.85
    share: Floats = size / size.sum()
    return share


def names() -> tuple[str, ...]:
    """Return the members' symbols: a few real ones, then invented ones."""
    return (*SINGLES, *(f"DEMO{number:03d}" for number in range(1, MEMBERS - len(SINGLES) + 1)))


def trade(seed: int, commons: Commons, desks: Desks, level: Floats) -> Members:
    """Return the members' closes and volumes, given the market's volume ``level`` [x]."""
    random = stream(seed, "members")
    weight = weights()
    beta = np.clip(1.0 + 0.3 * random.standard_normal(MEMBERS), 0.3, 1.9)
    tech = 0.4 * random.standard_normal(MEMBERS) - 0.3
    tech[: len(SINGLES)] = TECH_OF_SINGLES
    breadth = np.where(np.arange(MEMBERS) < 20, 0.0, 1.2)
    loadings = np.column_stack([beta, tech, breadth])
    moves = np.column_stack([commons.index, commons.tech, commons.broad])
    idio = MEMBER_IDIO * np.exp(0.2 * random.standard_normal(MEMBERS))
    noise = random.standard_normal((len(moves), MEMBERS))
    returns = moves @ loadings.T + idio * commons.heat[:, None] * noise
    returns += (commons.index - returns @ weight)[:, None]
    first: Floats = np.exp(random.uniform(3.2, 5.8, MEMBERS))
    close = compounded(first, returns)
    usual_usd = MARKET_VOLUME_USD * weight**0.75 / (weight**0.75).sum()
    tilt = TILT * np.clip(desks.real_money, -6.0, 6.0)[:, None] * np.sign(returns)
    volume = np.round(volumes(seed, close, usual_usd, returns, level) * np.exp(tilt)) + 1.0
    return Members(names(), close, volume, returns)
