"""What followed days like this one, counted: base rates with their intervals.

Every rate is counted on what was known that evening: a past day enters once all
the closes it needs are in, so of the newest days those within the horizon are left out.

A rate is that of the past days whose move had the same sign and the same size, beyond one
per cent or inside it. A day on which the index did not move at all is of no kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analysis.intervals import running_rate
from analysis.market import INDEX, Market

BEGIN = pd.Timestamp("2011-05-02")
"""The desk's history begins here: every base rate counts sessions from this one on."""

LARGE_RETURN = 0.01
"""A day beyond one per cent is a large one, in either direction [fraction]."""

VERY_LARGE_RETURN = 0.02
"""Moves about one session in eighteen goes beyond [fraction]."""

HALF_BACK_SESSIONS = 5
"""A week of closes in which a move may be undone."""

LEAST_CASES = 30
"""A rate from fewer past cases is not printed."""

CONDITIONS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "up more than 1 %": lambda r: r > LARGE_RETURN,
    "down more than 1 %": lambda r: r < -LARGE_RETURN,
    "up at most 1 %": lambda r: (r > 0.0) & (r <= LARGE_RETURN),
    "down at most 1 %": lambda r: (r < 0.0) & (r >= -LARGE_RETURN),
    "up more than 2 %": lambda r: r > VERY_LARGE_RETURN,
    "down more than 2 %": lambda r: r < -VERY_LARGE_RETURN,
}
"""Kinds of days, by their return. The first four exclude each other; claims use them alone."""

LARGE = ("up more than 1 %", "down more than 1 %")
EVERY_SIZE = (*LARGE, "up at most 1 %", "down at most 1 %")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """How often something followed one kind of day.

    ``n`` counts the cases whose closes are all known, ``unsettled`` the days of that kind
    that still wait for theirs.
    """

    key: str
    condition: str
    probability: float
    interval: tuple[float, float]
    n: int
    unsettled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that can follow a day: how it is settled, and after which days it is asked."""

    key: str
    horizon_sessions: int
    outcome: Callable[[pd.Series], pd.Series]
    words: Callable[[float], str]
    conditions: tuple[str, ...]
    claimed: bool = True
    """Whether notes claim it; else it stands in the table of base rates only."""
    same_on_any_day: Callable[[float], str] = lambda today: ""
    """Which column of `any_day_rates` asks the same, by the day's return; empty for none."""


def half_back(close: pd.Series, sessions: int = HALF_BACK_SESSIONS) -> pd.Series:
    """Say of each session whether half its move was undone by a close soon after.

    Returns
    -------
    shape (n_sessions,)
        1.0 where one of the next ``sessions`` closes lay at or beyond the middle of the
        day's move, else 0.0; missing where one of those closes is not known, even if an
        earlier one has settled it, so that every case has had the same time.
    """
    return undone(close, 0.5, sessions)


def undone(close: pd.Series, part: float, sessions: int = HALF_BACK_SESSIONS) -> pd.Series:
    """Say of each session whether that part of its move was undone by a close soon after.

    As `half_back`, for any part of the move [fraction].
    """
    before = close.shift(1)
    level = close + part * (before - close)
    later = pd.DataFrame({step: close.shift(-step) for step in range(1, sessions + 1)})
    back = (close > before) & (later.min(axis="columns") <= level)
    back |= (close < before) & (later.max(axis="columns") >= level)
    complete = later.notna().all(axis="columns") & level.notna()
    return back.astype(float).where(complete)


def turned(close: pd.Series) -> pd.Series:
    """Say of each session whether the next one moved the other way; standing still is no turn."""
    returns = close.pct_change(fill_method=None)
    ahead = returns.shift(-1)
    return (returns * ahead < 0.0).astype(float).where(ahead.notna() & returns.notna())


def large_next(close: pd.Series) -> pd.Series:
    """Say of each session whether the next one moved by more than one per cent either way."""
    ahead = close.pct_change(fill_method=None).shift(-1)
    return (ahead.abs() > LARGE_RETURN).astype(float).where(ahead.notna())


def _half_back_words(today: float) -> str:
    what = "gain is given back" if today > 0.0 else "loss is recovered"
    return f"Half or more of the day's {what} by a close within five sessions"


def _next_sign_words(today: float) -> str:
    way = "lower" if today > 0.0 else "higher"
    return f"The S&P 500 closes {way} in the next session"


def _next_size_words(today: float) -> str:
    return "The S&P 500 moves by more than 1 % in the next session"


def _full_back_words(today: float) -> str:
    what = "gain is given back" if today > 0.0 else "loss is recovered"
    return f"All of the day's {what} by a close within five sessions"


QUESTIONS = (
    Question(
        key="half_back_5",
        horizon_sessions=HALF_BACK_SESSIONS,
        outcome=half_back,
        words=_half_back_words,
        conditions=LARGE,
    ),
    Question(
        key="next_sign",
        horizon_sessions=1,
        outcome=turned,
        words=_next_sign_words,
        conditions=EVERY_SIZE,
        same_on_any_day=lambda today: "lower" if today > 0.0 else "higher",
    ),
    Question(
        key="next_abs_band",
        horizon_sessions=1,
        outcome=large_next,
        words=_next_size_words,
        conditions=EVERY_SIZE,
        same_on_any_day=lambda today: "large",
    ),
    Question(
        key="half_back_5_beyond_2",
        horizon_sessions=HALF_BACK_SESSIONS,
        outcome=half_back,
        words=_half_back_words,
        conditions=("up more than 2 %", "down more than 2 %"),
        claimed=False,
    ),
    Question(
        key="full_back_5",
        horizon_sessions=HALF_BACK_SESSIONS,
        outcome=lambda close: undone(close, 1.0),
        words=_full_back_words,
        conditions=LARGE,
        claimed=False,
    ),
)
"""What the desk counts, in the order in which notes claim it."""


def rates_by_session(market: Market, question: Question, condition: str) -> pd.DataFrame:
    """Return how often something had followed one kind of day, as known each evening.

    Columns as `analysis.intervals.running_rate`.
    """
    outcome = question.outcome(market.closes(INDEX))
    return running_rate(outcome.where(_alike(market, condition)), question.horizon_sessions)


def any_day_rates(market: Market) -> pd.DataFrame:
    """Return how often an answer came on whatever day, as known each evening [0 to 1].

    Returns
    -------
    shape (n_sessions, 3)
        ``higher`` and ``lower`` closes, and ``large`` moves beyond one per cent, as a part of
        all sessions after the first of the desk's history; missing before it.
    """
    returns = market.day_return.where(market.sessions > BEGIN)
    found = {
        "higher": returns > 0.0,
        "lower": returns < 0.0,
        "large": returns.abs() > LARGE_RETURN,
    }
    return pd.DataFrame(
        {
            name: came.astype(float).where(returns.notna()).expanding().mean()
            for name, came in found.items()
        }
    )


def base_rates(market: Market) -> tuple[BaseRate, ...]:
    """Return every base rate as known on the market's last evening.

    A rate from fewer than `LEAST_CASES` cases is left out.
    """
    found = (
        _base_rate(market, question, condition)
        for question in QUESTIONS
        for condition in question.conditions
    )
    return tuple(rate for rate in found if rate.n >= LEAST_CASES)


def _base_rate(market: Market, question: Question, condition: str) -> BaseRate:
    last = rates_by_session(market, question, condition).iloc[-1]
    n = int(last["n"])
    return BaseRate(
        key=question.key,
        condition=condition,
        probability=float(last["rate"]),
        interval=(float(last["low"]), float(last["high"])),
        n=n,
        unsettled=int(_alike(market, condition).sum()) - n,
    )


def _alike(market: Market, condition: str) -> pd.Series:
    """Days of that kind since the desk's history begins."""
    return CONDITIONS[condition](market.day_return) & (market.sessions >= BEGIN)
