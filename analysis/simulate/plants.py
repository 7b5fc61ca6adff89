"""What to plant: the causes that make one driver stand out on a chosen session.

A plant never writes a reading. It moves a cause (a bet that is closed, a book that is short
of gamma, an old shock that leaves a window), and the market's observables follow with noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analysis.simulate.arrays import Floats

SLUGS = (
    "leveraged_etf",
    "dealer_gamma",
    "short_covering",
    "hedge_unwinding",
    "vol_control",
    "trend_following",
    "real_money",
)


BOOK_SESSIONS = 3.0
"""How fast a planted book builds up and fades [sessions per e-fold]."""


CALM_AFTER = 0.7
"""News of the month before an old shock leaves its window, so that the shock is what counts."""


@dataclass(frozen=True, slots=True)
class Plant:
    """One driver's flow made large on one session.

    ``session`` is its position, from the end where below zero. ``size`` is in the driver's
    own usual sizes, above zero buying the index; ``move`` overrides the index's own move
    that day [standard deviations].
    """

    slug: str
    session: int = -1
    size: float = 5.0
    move: float | None = None


@dataclass(frozen=True, slots=True)
class Levers:
    """What plants pull at, by session.

    ``calm`` multiplies the day's news; ``move`` adds to the index's return in standard
    deviations; ``tech`` to the technology move in its own; ``book`` to the dealers' gamma
    [USD per 1 %]; the next three to the desks' own decisions in their usual sizes.
    ``level_years`` are sessions at whose eve the index stands where it stood over every
    trend horizon.
    """

    calm: Floats
    move: Floats
    tech: Floats
    book: Floats
    short_covering: Floats
    hedge_unwinding: Floats
    real_money: Floats
    level_years: list[int] = field(default_factory=list)


def levers(plants: tuple[Plant, ...], sessions: int) -> Levers:
    """Return the levers that these plants pull.

    Raises
    ------
    ValueError
        For a driver or a session that is not there.
    """
    move, tech, book, covering, unwinding, buying = np.zeros((6, sessions))
    pulled = Levers(np.ones(sessions), move, tech, book, covering, unwinding, buying)
    for plant in plants:
        at = plant.session + sessions if plant.session < 0 else plant.session
        if plant.slug not in PULLS or not 0 <= at < sessions:
            raise ValueError(
                f"cannot plant {plant.slug!r} on session {plant.session} of {sessions}; "
                f"plant one of {', '.join(SLUGS)} on a session of the simulation"
            )
        PULLS[plant.slug](pulled, at, plant.size)
        if plant.move is not None:
            pulled.calm[at], pulled.move[at] = 0.0, plant.move
    return pulled


def _quiet_news(pulled: Levers, at: int, move: float) -> None:
    pulled.calm[at] = 0.3
    pulled.move[at] += move


def _leveraged_etf(pulled: Levers, at: int, size: float) -> None:
    """Move what the funds are built on, not the index: a rotation into technology."""
    _quiet_news(pulled, at, 0.12 * size)
    pulled.tech[at] += 1.6 * size


def _dealer_gamma(pulled: Levers, at: int, size: float) -> None:
    """Let dealers slide short of gamma, and the day move a little more than usual."""
    _quiet_news(pulled, at, 1.2 * np.sign(size))
    away = np.abs(np.arange(len(pulled.book)) - (at - 0.5))
    pulled.book[:] -= 4.0e9 * abs(size) * np.exp(-np.maximum(away - 0.5, 0.0) / BOOK_SESSIONS)


def _short_covering(pulled: Levers, at: int, size: float) -> None:
    _quiet_news(pulled, at, 0.6 * np.sign(size))
    pulled.short_covering[at] += size


def _hedge_unwinding(pulled: Levers, at: int, size: float) -> None:
    _quiet_news(pulled, at, 0.6 * np.sign(size))
    pulled.hedge_unwinding[at] += size


def _real_money(pulled: Levers, at: int, size: float) -> None:
    _quiet_news(pulled, at, 0.6 * np.sign(size))
    pulled.real_money[at] += size


def _vol_control(pulled: Levers, at: int, size: float) -> None:
    """Let an old shock leave the volatility window, or a new one enter it."""
    if size > 0:
        _quiet_news(pulled, at, 0.3)
        if at >= 63:
            pulled.move[at - 63] -= 1.2 * size
            pulled.calm[at - 21 : at] *= CALM_AFTER
    else:
        _quiet_news(pulled, at, 0.5 * size)


def _trend_following(pulled: Levers, at: int, size: float) -> None:
    """Put the index where it stood over every horizon; then a small move turns the signal."""
    _quiet_news(pulled, at, 0.3 * size)
    pulled.level_years.append(at)
    for horizon in (126, 252):
        if at >= horizon:
            pulled.move[at - horizon] -= 1.1 * size


PULLS: dict[str, Callable[[Levers, int, float], None]] = {
    "leveraged_etf": _leveraged_etf,
    "dealer_gamma": _dealer_gamma,
    "short_covering": _short_covering,
    "hedge_unwinding": _hedge_unwinding,
    "vol_control": _vol_control,
    "trend_following": _trend_following,
    "real_money": _real_money,
}
