"""What a chart may know beyond the report, in plain values, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from analysis.history import History
    from analysis.options.summary import GammaSummary
    from analysis.record import Score

Spec: TypeAlias = dict[str, Any]
"""A Vega-Lite chart as plain JSON values, without colours: a theme brings those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of one finding.

    ``title`` says the finding, ``alt`` every figure that is printed in the picture.
    """

    slug: str
    title: str
    alt: str
    spec: Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class NoChart:
    """A picture that cannot be drawn today, and why, as a clause."""

    slug: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaProfile:
    """Dealers' gamma over a range of prices after one session, on the usual assumption.

    Attributes
    ----------
    symbol
        Underlying of the options.
    spot
        Its price at the close [index points].
    prices, gamma_usd
        The profile: prices from low to high, and dealers' gamma at each [USD per 1 %].
    gamma_at_spot_usd
        Worked out at spot itself [USD per 1 %]: near an expiry the profile is too coarse.
    flip_low, flip_high
        The zone in which gamma changes sign; None where there is none.
    conventions_agree
        Whether gamma at spot has the same sign on every assumption about dealers' positions.
    """

    symbol: str
    spot: float
    prices: tuple[float, ...]
    gamma_usd: tuple[float, ...]
    gamma_at_spot_usd: float
    flip_low: float | None
    flip_high: float | None
    conventions_agree: bool

    def __post_init__(self) -> None:
        """Refuse a profile whose two columns do not belong together."""
        if len(self.prices) != len(self.gamma_usd):
            raise ValueError(
                f"profile has {len(self.prices)} prices and {len(self.gamma_usd)} gammas; "
                "pass the two columns of one profile"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One session of the past.

    ``forced_share`` is net forced dollars over the day's dollar volume [fraction], above zero
    for buying; ``participation`` a rank in [0, 1]. None where not known.
    """

    session: date
    forced_share: float | None
    participation: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Claims of about the same probability: what was said, and how many came true.

    ``low`` and ``high`` bound the share that came true at 95 %.
    """

    key: str
    probability: float
    came_true: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What charts are drawn from that is not in the report; anything may be lacking."""

    gamma: GammaProfile | None = None
    days: tuple[Day, ...] = ()
    """Oldest first, the report's session last."""
    said: tuple[Said, ...] = ()
    hindsight: bool = False
    """Whether nobody published the claims in ``said`` at the time."""


def gamma_facts(summary: GammaSummary) -> GammaProfile:
    """Take from a chain's summary what the gamma chart shows."""
    return GammaProfile(
        symbol=summary.symbol,
        spot=summary.spot,
        prices=tuple(summary.profile.spot.tolist()),
        gamma_usd=tuple(summary.profile.gamma_usd.tolist()),
        gamma_at_spot_usd=summary.net_gamma_usd_per_pct["naive"],
        flip_low=summary.flip.low,
        flip_high=summary.flip.high,
        conventions_agree=summary.conventions_agree,
    )


def day_facts(history: History, sessions: int = 60) -> tuple[Day, ...]:
    """Take the last sessions of a history that may be asked about, oldest first."""
    return tuple(
        Day(
            session=session.date(),
            forced_share=_known(float(history.forced_share[session])),
            participation=history.hearing(session).participation,
        )
        for session in history.rows[-sessions:]
    )


def claim_facts(scores: Iterable[Score]) -> tuple[Said, ...]:
    """Take the calibration tables of a record's scores."""
    return tuple(
        Said(
            key=score.key,
            probability=row.mean_probability,
            came_true=row.came_true,
            low=row.interval[0],
            high=row.interval[1],
            n=row.n,
        )
        for score in scores
        for row in score.calibration
    )


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
