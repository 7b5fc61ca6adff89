"""The prices a chain makes special, and how much of its gamma is about to expire."""

from __future__ import annotations

from analysis.options.chain import Chain
from analysis.options.expiries import expiring_share
from analysis.options.flip import flip_zone
from analysis.options.strikes import large_gamma_strikes


def levels(chain: Chain) -> dict[str, float | None]:
    """Return the levels of a chain as `analysis.market.Market.gamma` has them.

    ``expiring_le_1d`` and ``expiring_le_5d`` are shares of gamma [0 to 1]; ``flip_low``,
    ``flip_mid`` and ``flip_high`` the zone in which naive gamma changes sign, ``call_strike``
    and ``put_strike`` the strikes with the most of it [same unit as strikes], None where there
    is none. Words and pictures of one evening are both made from these.
    """
    flip = flip_zone(chain)
    strikes = large_gamma_strikes(chain, shown=1)
    return {
        "expiring_le_1d": expiring_share(chain, 1),
        "expiring_le_5d": expiring_share(chain, 5),
        "flip_low": flip.low,
        "flip_mid": flip.mid,
        "flip_high": flip.high,
        "call_strike": next(iter(strikes["calls"]), None),
        "put_strike": next(iter(strikes["puts"]), None),
    }
