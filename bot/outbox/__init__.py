"""The outbox: every promise to send something, kept once.

Freeze an edition, write one row for each reader, claim rows with a lease, send, record. Nothing
here is remembered outside the ledger, so any number of processes may work on it, and any of
them may die at any moment.
"""

from bot.outbox.enqueue import EXPIRY, enqueue_edition, enqueue_for_channel, plan_edition
from bot.outbox.sender import Outbox

__all__ = ["EXPIRY", "Outbox", "enqueue_edition", "enqueue_for_channel", "plan_edition"]
