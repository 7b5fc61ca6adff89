"""When things are due. The bell only rings; the calendar and the ledger say what to do.

A bell that was missed costs nothing: each ring asks anew which sessions lack what, so a desk
that was off for an hour or for a week knows what it owes.
"""

from bot.schedule.calendar import Closure, ExchangeSessions, Session, SessionCalendar, read_closures
from bot.schedule.due import Due, Times, due_now
from bot.schedule.runner import Runner

__all__ = [
    "Closure",
    "Due",
    "ExchangeSessions",
    "Runner",
    "Session",
    "SessionCalendar",
    "Times",
    "due_now",
    "read_closures",
]
