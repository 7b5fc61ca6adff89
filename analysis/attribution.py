"""How much of the day's return forced flows can explain, and what is left over.

A flow of Q dollars in a market that trades V dollars and moves by sigma moves the price by
about

    impact = Y * sigma * sqrt(|Q| / V)

with Y near 0.7. The sum of the forced flows is put through the formula once, and the
result is shared out in proportion to each flow. Nothing is scaled up to the day's return:
the rest is printed as what it is, news, choice and what nobody measured.

References
----------
Almgren, R., Thum, C., Hauptmann, E. and Li, H. (2005). Direct Estimation of Equity Market
Impact. Risk 18(7). Bouchaud, J.-P., Bonart, J., Donier, J. and Gould, M. (2018). Trades,
Quotes and Prices, chapter 12. Cambridge University Press.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import copysign, sqrt

from analysis.reading import Estimate

IMPACT = (0.4, 0.7, 1.0)
"""Low, mid and high of the square-root law's constant Y [x]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The part of the day's return that forced flows can explain, and the rest."""

    day_return: float
    explained_return: Estimate
    by_driver: dict[str, float]
    residual_return: float


def attribute(
    day_return: float, flows: Mapping[str, Estimate], *, sigma: float, volume_usd: float
) -> Attribution:
    """Share the day's return between the forced flows and the rest.

    Parameters
    ----------
    day_return
        The index's return [fraction].
    flows
        Each mechanical driver's dollars [USD]; drivers without dollars stay out.
    sigma
        The index's usual daily move [fraction].
    volume_usd
        Dollar volume of the session [USD].

    Returns
    -------
    Attribution
        Zero throughout where there is no flow, no yardstick or a net of nothing.
    """
    low, mid, high = (
        sum(getattr(flow, bound) for flow in flows.values()) for bound in ("low", "mid", "high")
    )
    if not flows or not volume_usd > 0.0 or not sigma > 0.0:
        return Attribution(
            day_return=day_return,
            explained_return=Estimate(0.0, 0.0, 0.0),
            by_driver={},
            residual_return=day_return,
        )
    at_low, at_mid, at_high = (
        copysign(sigma * sqrt(abs(net) / volume_usd), net) for net in (low, mid, high)
    )
    explained = IMPACT[1] * at_mid
    return Attribution(
        day_return=day_return,
        explained_return=Estimate(
            min(IMPACT[0] * at_low, IMPACT[2] * at_low),
            explained,
            max(IMPACT[0] * at_high, IMPACT[2] * at_high),
        ),
        by_driver={
            slug: explained * flow.mid / mid if mid else 0.0 for slug, flow in flows.items()
        },
        residual_return=day_return - explained,
    )
