"""How many bounces a reader may have before the desk stops writing to them.

One full mailbox means nothing, and a server that is down for a day must not cost a list its
readers. So bounces add up, at most one a day, and two good weeks wipe them out. An address that
does not exist needs no second proof.

References
----------
GNU Mailman 2.1 administration manual, "Bounce processing": one for a refusal for good, a half
for a passing one, once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.mail.answers import Fault

WEIGHTS = {Fault.MAILBOX: 1.0, Fault.FULL: 0.5, Fault.OURS: 0.0}
THRESHOLD = 3.0
FORGOTTEN_AFTER = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Standing:
    """A reader's score, and the day it last rose."""

    score: float
    bounced_on: date | None
    is_over: bool = False
    """Whether it is time to stop."""


def after_bounce(before: Standing, fault: Fault, today: date) -> Standing:
    """Return where a reader stands after a bounce.

    >>> after_bounce(Standing(2.0, date(2025, 4, 8)), Fault.MAILBOX, date(2025, 4, 9)).is_over
    True
    """
    if fault is Fault.ADDRESS:
        return Standing(THRESHOLD, today, is_over=True)
    weight = WEIGHTS[fault]
    if weight == 0.0 or before.bounced_on == today:
        return before
    last = before.bounced_on
    is_old = last is not None and today - last > FORGOTTEN_AFTER
    score = (0.0 if is_old else before.score) + weight
    return Standing(score, today, is_over=score >= THRESHOLD)
