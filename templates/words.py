"""The words for size, side, surprise and special days, each with its bounds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from analysis.reading import Grade
from templates.figures import listed

STRENGTHS = (
    (0.20, "negligible"),
    (0.40, "mild"),
    (0.65, "moderate"),
    (0.85, "strong"),
    (float("inf"), "extreme"),
)
"""Upper ends of |score| for each word."""

SURPRISES = ((0.40, "usual"), (0.65, "heavier"), (float("inf"), "unusual"))
"""Upper ends of |surprise|: was this more than a move of this size always brings?"""

SIZES = ((0.35, "tiny"), (0.75, "small"), (1.5, "ordinary"), (2.5, "large"), (float("inf"), "huge"))
"""Upper ends of the move in units of its own volatility."""

UNCHANGED = 0.0005
"""A return within five hundredths of one per cent is no direction [fraction]."""

EVIDENCE = {Grade.A: "arithmetic", Grade.B: "a model", Grade.C: "an inference"}
"""What a driver's reading rests on, by its grade."""

CROWDS = {
    "leveraged_etf": "leveraged funds",
    "trend_following": "trend followers",
    "vol_control": "volatility-control funds",
    "dealer_gamma": "option dealers",
    "short_covering": "short sellers",
    "hedge_unwinding": "those with hedges",
}
"""What the traders behind a driver are called within a sentence."""

SECTORS = {
    "XLB": "materials",
    "XLC": "media and telecoms",
    "XLE": "energy",
    "XLF": "financials",
    "XLI": "industrials",
    "XLK": "technology",
    "XLP": "household staples",
    "XLRE": "property",
    "XLU": "utilities",
    "XLV": "health care",
    "XLY": "consumer goods",
    "SMH": "chip makers",
}
"""What the shares behind a sector fund are called within a sentence."""

UNSIZED = {
    "dealer_gamma": "option dealers",
    "short_covering": "short sellers",
    "hedge_unwinding": "those who trade insurance",
}
"""Who trades by need and often has no dollars, so that a sum leaves them out."""

UNPRICED = {
    "dealer_gamma": "dealers' hedging",
    "short_covering": "short covering",
    "hedge_unwinding": "the trade in insurance",
}
"""Forced trades that a note can tell of and often not put in dollars."""

REBALANCING = "funds that rebalance at quarter-end, whom we cannot see"

CALENDAR = {
    "quad_witching": "It was a quadruple expiry, when index and stock options and futures run "
    "out together, so volume says less than usual.",
    "monthly_expiry": "Monthly options expired, and dealers' hedges with them.",
    "vix_expiry": "VIX options and futures expired in the morning.",
    "quarter_end": "The quarter ended, when large funds bring their mix back into line.",
    "month_end": "The month ended, when large funds bring their mix back into line.",
    "half_day": "The exchange closed early, so volume says little.",
    "after_holiday": "It was the first session after a holiday.",
    "russell_reconstitution": "The Russell indices were reshuffled at the close, so volume "
    "says little.",
}
"""What a special day means for the reader."""

COVERED_BY = {"monthly_expiry": "quad_witching", "month_end": "quarter_end"}
"""Of two that go together only the larger is told."""

CLAUSES = ("its inputs are", "too little history")
"""Reasons that begin like this are clauses; all others name what was lacking."""

NO_VERB = "too little"
"""A clause that begins like this lacks its verb."""

MOST_REASONS = 3
"""Of a long list of what was lacking, the first two and "more" are enough."""

FRIDAY, TUESDAY = 4, 1


def strength(score: float) -> str:
    """Return the word for a score's size.

    >>> strength(0.1), strength(-0.5), strength(0.9)
    ('negligible', 'moderate', 'extreme')
    """
    return next(word for end, word in STRENGTHS if abs(score) < end)


def surprise_word(surprise: float | None) -> str:
    """Return whether a flow was more than a move of its size always brings.

    >>> surprise_word(None), surprise_word(0.1), surprise_word(-0.9)
    ('unknown', 'usual', 'unusual')
    """
    if surprise is None:
        return "unknown"
    return next(word for end, word in SURPRISES if abs(surprise) < end)


def direction(day_return: float) -> str:
    """Return which way the tape went.

    >>> direction(0.01), direction(-0.01), direction(0.0002)
    ('up', 'down', 'flat')
    """
    if abs(day_return) < UNCHANGED:
        return "flat"
    return "up" if day_return > 0 else "down"


def size(day_return: float, usual_move: float | None) -> str:
    """Return the word for a move against its own volatility, empty where that is not known.

    >>> size(0.0952, 0.014), size(-0.001, 0.004), size(0.01, None)
    ('huge', 'tiny', '')
    """
    if not usual_move:
        return ""
    return next(word for end, word in SIZES if abs(day_return) / usual_move < end)


def calendar_words(special: tuple[str, ...]) -> list[str]:
    """Return a sentence for each of the session's special features.

    >>> calendar_words(("month_end", "quarter_end"))
    ['The quarter ended, when large funds bring their mix back into line.']
    """
    told = [word for word in CALENDAR if word in special and COVERED_BY.get(word) not in special]
    return [CALENDAR[word] for word in told]


def next_futures_report(session: date) -> date:
    """Return the Friday whose report of futures positions first covers a session.

    Positions are counted on Tuesdays; public holidays move the day later, never sooner.

    >>> next_futures_report(date(2025, 4, 9)), next_futures_report(date(2025, 4, 8))
    (datetime.date(2025, 4, 18), datetime.date(2025, 4, 11))
    """
    counted = session + timedelta((TUESDAY - session.weekday()) % 7)
    return counted + timedelta(FRIDAY - TUESDAY)


def reason_clause(reasons: tuple[str, ...]) -> str:
    """Say why a driver could not be measured, as a clause that follows a comma.

    >>> reason_clause(("credit funds", "open, high and low", "volume", "creations"))
    'for want of credit funds, open and more'
    >>> reason_clause(("its inputs are too old or too few",))
    'because its inputs are too old or too few'
    >>> reason_clause(("volume", "too little history to say how large this is"))
    'for want of volume; because there is too little history to say how large this is'
    """
    whole = [reason for reason in reasons if reason.startswith(CLAUSES)]
    named = _shortened([_head(reason) for reason in reasons if reason not in whole])
    wanted = [f"for want of {listed(named)}"] if named else []
    return "; ".join([*wanted, *(f"because {_with_verb(reason)}" for reason in whole)])


def lacking(missing: Iterable[str]) -> list[str]:
    """Name what was lacking, each thing once; of a long list the first two and "more".

    >>> lacking(("the VIX, close", "short interest, so no dollars", "the VIX, close"))
    ['the VIX', 'short interest']
    >>> lacking(("its inputs are too old or too few",))
    []
    """
    named = dict.fromkeys(_head(one) for one in missing if not one.startswith(CLAUSES))
    return _shortened(list(named))


def _shortened(named: list[str]) -> list[str]:
    return named if len(named) <= MOST_REASONS else [*named[: MOST_REASONS - 1], "more"]


def _with_verb(reason: str) -> str:
    return f"there is {reason}" if reason.startswith(NO_VERB) else reason


def _head(reason: str) -> str:
    """Cut a reason at its first comma or colon."""
    return reason.partition(",")[0].partition(":")[0]
