"""One session's dealer gamma in one object: what the command prints and the archive keeps."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.options.chain import Chain
from analysis.options.conventions import NAIVE
from analysis.options.expiries import expiring_share
from analysis.options.exposure import (
    HEDGE_MOVES_PCT,
    charm_usd,
    hedge_usd,
    net_gamma_usd,
    vanna_usd,
)
from analysis.options.flip import Flip, flip_zone
from analysis.options.profile import Profile, fold, gamma_profile, net_gamma_at
from analysis.options.published import (
    published_flip,
    published_net_gamma_usd,
    published_profile,
)
from analysis.options.strikes import large_gamma_strikes

__all__ = ["Convention", "GammaSummary", "net_gamma_at", "summarise"]

Convention = Literal["undertow", "published"]


@dataclass(frozen=True, slots=True, eq=False)
class GammaSummary:
    """Dealers' option exposure after one session; flows above zero are buying.

    Attributes
    ----------
    symbol, spot, session, as_of, source
        As in the chain; session in ISO form.
    contracts_used, contracts_left_out
        Rows of the file measured, and not.
    left_out
        The latter by reason.
    oi_covered
        Share of living open interest measured [0, 1].
    net_gamma_usd_per_pct
        Dealers' gamma at spot by convention [USD per 1 %].
    flip
        Zone in which naive gamma changes sign.
    large_gamma_strikes
        Calls and puts, largest first; large positions, not barriers.
    expiring
        Share of unsigned gamma gone within one and five calendar days [0, 1].
    vanna_usd_per_vol_point
        Naive hedge flow when volatilities rise by 0.01 [USD].
    charm_usd_per_day
        Naive hedge flow as a calendar day passes [USD].
    hedge_usd
        Naive hedge flow for a move of so many per cent [USD].
    profile
        Naive gamma over prices [USD per 1 %].
    notes
        What else a reader should know.
    """

    symbol: str
    spot: float
    session: str
    contracts_used: int
    contracts_left_out: int
    left_out: dict[str, int]
    oi_covered: float
    net_gamma_usd_per_pct: dict[str, float]
    flip: Flip
    large_gamma_strikes: dict[str, list[float]]
    expiring: dict[str, float]
    vanna_usd_per_vol_point: float
    charm_usd_per_day: float
    hedge_usd: dict[str, float]
    profile: Profile
    as_of: str
    source: str
    convention: Convention = "undertow"
    notes: tuple[str, ...] = ()

    @property
    def conventions_agree(self) -> bool:
        """Whether dealers have the same sign of gamma under every convention."""
        return len(set(np.sign(list(self.net_gamma_usd_per_pct.values())))) == 1

    def as_dict(self) -> dict[str, object]:
        """Return the summary as plain JSON values."""
        return {
            "symbol": self.symbol,
            "spot": self.spot,
            "session": self.session,
            "convention": self.convention,
            "contracts_used": self.contracts_used,
            "contracts_left_out": self.contracts_left_out,
            "left_out": dict(self.left_out),
            "oi_covered": self.oi_covered,
            "net_gamma_usd_per_pct": dict(self.net_gamma_usd_per_pct),
            "flip": self.flip.as_dict(),
            "large_gamma_strikes": {k: list(v) for k, v in self.large_gamma_strikes.items()},
            "expiring": dict(self.expiring),
            "vanna_usd_per_vol_point": self.vanna_usd_per_vol_point,
            "charm_usd_per_day": self.charm_usd_per_day,
            "hedge_usd": dict(self.hedge_usd),
            "profile": {
                "spot": self.profile.spot.tolist(),
                "naive": self.profile.gamma_usd.tolist(),
            },
            "as_of": self.as_of,
            "source": self.source,
            "notes": list(self.notes),
        }

    def share_of(self, volume_usd: float) -> dict[str, float]:
        """Return gamma, vanna, charm and hedge flows as shares of a day's dollar volume.

        Parameters
        ----------
        volume_usd
            Dollar volume of the market the flows go through [USD a day], above zero.
        """
        if not volume_usd > 0.0:
            raise ValueError(f"dollar volume is {volume_usd!r}; expected more than zero")
        figures = {f"net_gamma_{name}": v for name, v in self.net_gamma_usd_per_pct.items()}
        figures |= {f"hedge_{move}": value for move, value in self.hedge_usd.items()}
        figures["vanna"] = self.vanna_usd_per_vol_point
        figures["charm"] = self.charm_usd_per_day
        return {name: value / volume_usd for name, value in figures.items()}


def summarise(chain: Chain, convention: Convention = "undertow") -> GammaSummary:
    """Measure a chain: gamma, flip zone, strikes, decay and hedge flows.

    Parameters
    ----------
    chain
        From `read_chain`.
    convention
        `undertow` recomputes gamma to the hour with carry; `published` reproduces
        widely shared scripts (see `analysis.options.published`) for net gamma, profile and flip.
    """
    if convention == "published":
        profile = published_profile(chain)
        flip, net = published_flip(profile), published_net_gamma_usd(chain)
    else:
        bells = fold(chain, NAIVE)
        profile = gamma_profile(bells, chain.spot)
        flip, net = flip_zone(chain), net_gamma_usd(chain)
    return GammaSummary(
        symbol=chain.symbol,
        spot=chain.spot,
        session=chain.session.isoformat(),
        contracts_used=int(chain.measurable.sum()),
        contracts_left_out=sum(chain.left_out.values()),
        left_out=dict(chain.left_out),
        oi_covered=chain.oi_covered,
        net_gamma_usd_per_pct=net,
        flip=flip,
        large_gamma_strikes=large_gamma_strikes(chain),
        expiring={"le_1d": expiring_share(chain, 1), "le_5d": expiring_share(chain, 5)},
        vanna_usd_per_vol_point=vanna_usd(chain),
        charm_usd_per_day=charm_usd(chain),
        hedge_usd={str(move): hedge_usd(chain, move) for move in HEDGE_MOVES_PCT},
        profile=profile,
        as_of=chain.as_of,
        source=chain.source,
        convention=convention,
        notes=chain.notes,
    )
