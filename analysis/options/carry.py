"""What holding the underlying costs, read off the chain by put-call parity.

For one expiry and any strike, call minus put is worth the discounted forward
less the discounted strike. Near the money that difference is small, so each
pair of quotes gives the forward almost free of the interest rate; the slope of
the difference across strikes gives the rate.

References
----------
Stoll, H. (1969). The Relationship between Put and Call Option Prices.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEAREST_STRIKES = 12
"""Pairs closest to the forward that vote on it; the median decides."""

NEAR_MONEY_LOG = 0.12
"""Strikes this close to spot [log] enter at all."""

RATE_YEARS = (0.15, 2.5)
"""Expiries whose slope can tell a rate from quoting noise [years]."""

RATE_BOUNDS = (0.0, 0.12)
"""Rates outside are quoting noise [1 / year]."""

NEAR_YEARS = 0.35
"""Expiries this near tell a gap between quotes and spot from the cost of carry [years]."""

FIRST_CARRY_YEARS = 0.08
"""Nearer than a month, carry is smaller than the quotes' own noise: there it stays flat [years]."""


class Pairs(NamedTuple):
    """Calls and puts of one strike and expiry with two-sided quotes; shape (n_pairs,)."""

    group: NDArray[np.int64]
    strike: Floats
    difference: Floats


class Carry(NamedTuple):
    """Rate, and cost of carry by contract.

    Attributes
    ----------
    rate : float
        Continuously compounded [1 / year].
    carry : shape (n,)
        Rate less dividend yield for the time to each contract's settlement [1 / year].
    spot_gap : float
        By how much the spot the quotes imply exceeds the stated one [log]: quotes and price
        are seldom from the same minute. 0.0 where nobody can tell.
    """

    rate: float
    carry: Floats
    spot_gap: float


class Legs(NamedTuple):
    """The columns parity needs; every field has shape (n,)."""

    strike: Floats
    is_call: NDArray[np.bool_]
    mid: Floats
    group: NDArray[np.int64]
    years: Floats


def pair_up(legs: Legs, near: float | None) -> Pairs:
    """Match calls with puts; `near` keeps only strikes about that spot."""
    usable = np.isfinite(legs.mid)
    if near is not None:
        usable &= np.abs(np.log(legs.strike / near)) < NEAR_MONEY_LOG
    key = legs.group * 10**10 + np.rint(legs.strike * 1000.0).astype(np.int64)
    calls, puts = np.flatnonzero(usable & legs.is_call), np.flatnonzero(usable & ~legs.is_call)
    _, call_at, put_at = np.intersect1d(key[calls], key[puts], return_indices=True)
    call, put = calls[call_at], puts[put_at]
    return Pairs(legs.group[call], legs.strike[call], legs.mid[call] - legs.mid[put])


def forwards(pairs: Pairs) -> dict[int, float]:
    """Return the forward each group of pairs votes for."""
    votes = {}
    for group in np.unique(pairs.group):
        mine = pairs.group == group
        gap, strike = pairs.difference[mine], pairs.strike[mine]
        if len(gap) < 3 or gap.min() > 0.0 or gap.max() < 0.0:
            continue
        closest = np.argsort(np.abs(gap))[:NEAREST_STRIKES]
        votes[int(group)] = float(np.median(strike[closest] + gap[closest]))
    return votes


def implied_spot(legs: Legs) -> float | None:
    """Return the price of the underlying that the nearest expiry's quotes imply."""
    votes = forwards(pair_up(legs, near=None))
    if not votes:
        return None
    years = {group: legs.years[legs.group == group][0] for group in votes}
    return votes[min(years, key=lambda group: float(years[group]))]


def implied_carry(legs: Legs, spot: float, *, european: bool) -> Carry:
    """Estimate rate and carry from two-sided quotes; zero where there are none.

    Quotes made after the price was fixed imply another spot; that gap is taken out before
    carry is read. Between expiries that tell, carry is interpolated in time; beyond the
    first and last it stays flat.

    Parameters
    ----------
    legs
        Contracts; `mid` is NaN where bid or ask is missing or zero.
    spot
        Price of the underlying [same unit as strikes].
    european
        Whether contracts cannot be exercised early. Only then does the slope of parity
        give the rate; else the longest carry stands in for it, as if nothing were paid out.
    """
    pairs = pair_up(legs, near=spot)
    votes = forwards(pairs)
    time = {group: float(legs.years[legs.group == group][0]) for group in votes}
    order = sorted(votes, key=time.__getitem__)
    if not order:
        return Carry(0.0, np.zeros_like(legs.strike), 0.0)
    years = np.array([time[group] for group in order])
    logs = np.log(np.array([votes[group] for group in order]) / spot)
    gap = _gap(years, logs)
    known = _carry_points(years, logs - gap)
    rate = _rate(pairs, time) if european else None
    return Carry(
        rate=float(np.clip(known[1][-1] if rate is None else rate, *RATE_BOUNDS)),
        carry=np.interp(legs.years, *known),
        spot_gap=gap,
    )


def _gap(years: Floats, logs: Floats) -> float:
    """Return where the line through the near forwards meets today: the quotes' own spot [log]."""
    near = years <= NEAR_YEARS
    if near.sum() >= 3 and np.ptp(years[near]) > 0.02:
        return float(np.polyfit(years[near], logs[near], 1)[1])
    return float(logs[0]) if years[0] < FIRST_CARRY_YEARS else 0.0


def _carry_points(years: Floats, logs: Floats) -> tuple[Floats, Floats]:
    told = years >= FIRST_CARRY_YEARS
    if told.any():
        return years[told], logs[told] / years[told]
    return years[-1:], np.zeros(1)


def _rate(pairs: Pairs, years: dict[int, float]) -> float | None:
    slopes = []
    for group, time in years.items():
        mine = pairs.group == group
        if not RATE_YEARS[0] <= time <= RATE_YEARS[1] or mine.sum() < NEAREST_STRIKES:
            continue
        discount = -np.polyfit(pairs.strike[mine], pairs.difference[mine], 1)[0]
        if discount > 0.0:
            slopes.append(-np.log(discount) / time)
    return float(np.median(slopes)) if slopes else None
