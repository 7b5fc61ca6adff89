"""Where dealers' gamma changes sign: a zone between three methods, not a line.

Above the flip the naive convention has dealers trade against moves, below it
with them. Published "zero gamma" levels differ by a per cent for one chain on
one day, because each desk counts another way. So three ways are shown: the root
of the whole profile nearest spot, the strike at which gamma added up from the
lowest strike changes sign, and the root with the nearest monthly expiry only.
"""

from dataclasses import dataclass, field

import numpy as np

from analysis.options.chain import Chain
from analysis.options.expiries import nearest_monthly
from analysis.options.exposure import gamma_by_strike
from analysis.options.kernel import Bells
from analysis.options.profile import Profile, fold, gamma_profile, gamma_usd

STRIKE_RANGE = (0.8, 1.2)
PRECISION = 1e-9
"""Relative to spot: where the search for a root stops."""
ROUNDS = 60
NOTHING = 1e-10
"""Gamma this small beside the profile's maximum is rounding, not a position."""


@dataclass(frozen=True, slots=True)
class Flip:
    """The flip zone [same unit as strikes]; all None with a reason when there is none.

    Attributes
    ----------
    low, mid, high
        Lowest, middle and highest of the methods that found a level.
    roots
        Every root of the whole profile within its range.
    methods
        Level by method; None where a method finds none.
    reason
        Why there is no zone; empty when there is one.
    """

    low: float | None
    mid: float | None
    high: float | None
    roots: tuple[float, ...] = ()
    methods: dict[str, float | None] = field(default_factory=dict)
    reason: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the zone as JSON has it."""
        zone: dict[str, object] = {
            "low": self.low,
            "mid": self.mid,
            "high": self.high,
            "roots": list(self.roots),
            "methods": dict(self.methods),
        }
        return zone | ({"reason": self.reason} if self.reason else {})


def profile_roots(bells: Bells, profile: Profile) -> list[float]:
    """Find every price in the profile's range at which gamma changes sign, lowest first.

    Prices so far from every strike that gamma is below `NOTHING` of its maximum have no sign.
    """
    size = np.abs(profile.gamma_usd)
    told = np.flatnonzero(size > NOTHING * size.max())
    usd, prices = profile.gamma_usd[told], profile.spot[told]
    at = np.flatnonzero(usd[:-1] * usd[1:] < 0.0)
    return [_root(bells, float(prices[i]), float(prices[i + 1])) for i in at]


def _root(bells: Bells, low: float, high: float) -> float:
    """Close in on the root between two prices (Dowell and Jarratt 1971, the Illinois method)."""
    f_low, f_high = gamma_usd(bells, low), gamma_usd(bells, high)
    kept, price = 0, low
    for _ in range(ROUNDS):
        before, price = price, (low * f_high - high * f_low) / (f_high - f_low)
        value = gamma_usd(bells, price)
        if value == 0.0 or abs(price - before) < PRECISION * price:
            break
        if (value > 0.0) == (f_high > 0.0):
            high, f_high = price, value
            f_low *= 0.5 if kept > 0 else 1.0
            kept = 1
        else:
            low, f_low = price, value
            f_high *= 0.5 if kept < 0 else 1.0
            kept = -1
    return price


def nearest(levels: list[float], spot: float) -> float | None:
    """Return the level nearest spot, None of none."""
    return min(levels, key=lambda level: abs(level - spot), default=None)


def cumulative_flip(chain: Chain) -> float | None:
    """Return the strike at which gamma added up from the lowest strike changes sign.

    Of several, the one nearest spot; between two strikes, by linear interpolation.
    """
    strikes, net = gamma_by_strike(chain)
    inside = (strikes >= STRIKE_RANGE[0] * chain.spot) & (strikes <= STRIKE_RANGE[1] * chain.spot)
    total = np.cumsum(net)[inside]
    strikes = strikes[inside]
    at = np.flatnonzero(total[:-1] * total[1:] < 0.0)
    crossing = strikes[at] - total[at] * (strikes[at + 1] - strikes[at]) / (
        total[at + 1] - total[at]
    )
    return nearest([float(level) for level in crossing], chain.spot)


def flip_zone(chain: Chain) -> Flip:
    """Return the zone in which dealers' naive gamma changes sign.

    Every method works on the living contracts only; a chain whose naive gamma has
    one sign over the whole range has no zone, and says so.
    """
    bells = fold(chain)
    roots = profile_roots(bells, gamma_profile(bells, chain.spot))
    methods = {
        "profile_root": nearest(roots, chain.spot),
        "cumulative_by_strike": cumulative_flip(chain),
        "nearest_monthly": _monthly_root(chain),
    }
    found = sorted(level for level in methods.values() if level is not None)
    if not found:
        side = "above" if gamma_usd(bells, chain.spot) > 0.0 else "below"
        reason = f"naive gamma stays {side} zero from 20 % under spot to 20 % over it"
        return Flip(None, None, None, (), methods, reason)
    return Flip(found[0], float(np.median(found)), found[-1], tuple(roots), methods)


def _monthly_root(chain: Chain) -> float | None:
    expiry = nearest_monthly(chain)
    if expiry is None:
        return None
    bells = fold(chain.select(chain.expiry == expiry))
    if not len(bells.weight):
        return None
    return nearest(profile_roots(bells, gamma_profile(bells, chain.spot)), chain.spot)
