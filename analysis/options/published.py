"""Gamma as widely shared scripts print it, to reproduce a figure seen elsewhere.

The vendor's own rounded gamma at spot; a profile with time in business days over
262 (never less than one), no rates, 60 prices from 0.8 to 1.2 of spot; the flip is
the profile's first crossing, by a straight line. Kept apart from our own measures:
on one chain the two can differ fourfold.

References
----------
Perfiliev, S. (2022). How to Calculate Gamma Exposure and Zero Gamma Level.
"""

import numpy as np

from analysis.options.chain import Chain
from analysis.options.clock import new_york_date
from analysis.options.conventions import CONVENTIONS, NAIVE, dealer_sign
from analysis.options.flip import Flip
from analysis.options.greeks import Option, gamma
from analysis.options.profile import PROFILE_RANGE, Profile

BUSINESS_DAYS_A_YEAR = 262.0
LEVELS = 60


def published_net_gamma_usd(chain: Chain) -> dict[str, float]:
    """Return the vendor's gamma times open interest at spot [USD per 1 %]."""
    vendor = np.nan_to_num(chain.gamma, nan=0.0) * chain.open_interest * chain.spot**2
    return {name: float(vendor @ dealer_sign(name, chain.is_call)) for name in CONVENTIONS}


def published_profile(chain: Chain) -> Profile:
    """Return the naive profile over 60 evenly spaced prices [USD per 1 %]."""
    live = chain.select(chain.printed)
    today = new_york_date(chain.as_of) if chain.as_of else chain.session
    days = np.busday_count(np.datetime64(today, "D"), live.expiry)
    years = np.maximum(days, 1) / BUSINESS_DAYS_A_YEAR
    held = dealer_sign(NAIVE, live.is_call) * live.open_interest
    prices = np.linspace(PROFILE_RANGE[0] * chain.spot, PROFILE_RANGE[1] * chain.spot, LEVELS)
    usd = [
        float(held @ gamma(Option(price, live.strike, years, live.iv))) * price**2
        for price in prices
    ]
    return Profile(prices, np.array(usd))


def published_flip(profile: Profile) -> Flip:
    """Return the first price at which the profile crosses zero, by linear interpolation."""
    usd, prices = profile.gamma_usd, profile.spot
    at = np.flatnonzero(usd[:-1] * usd[1:] < 0.0)
    roots = prices[at] - usd[at] * (prices[at + 1] - prices[at]) / (usd[at + 1] - usd[at])
    if not len(roots):
        reason = "the published profile does not cross zero within 20 % of spot"
        return Flip(None, None, None, (), {"first_crossing": None}, reason)
    first = float(roots[0])
    return Flip(first, first, first, tuple(map(float, roots)), {"first_crossing": first})
