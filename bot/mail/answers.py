"""What a relay's answer means for a message, by when it came and by its enhanced code.

References
----------
Vaudreuil, G. (2003). Enhanced Mail System Status Codes. RFC 3463.
Klensin, J. (2008). Simple Mail Transfer Protocol. RFC 5321.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.channels import Receipt, Refused, RetryLater, Sent

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
NO_SUCH_ADDRESS = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
FULL = frozenset({"5.2.2"})
HOLD = timedelta(minutes=10)
"""How long everyone waits when the relay does not want us at all."""

OF_THE_MAILBOX = ("5.1.", "5.2.", "5.4.", "5.0.")
"""Codes that speak of the mailbox or of the way to it. 5.3 is the far system's own trouble,
5.5 and 5.6 are our protocol and our text, 5.7 is our reputation."""

DETAIL_LIMIT = 200


class Stage(StrEnum):
    """How far a message had come when the answer came."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class Fault(StrEnum):
    """Whose fault a refusal is, and so what it does to a reader."""

    ADDRESS = "address"
    """There is no such mailbox: never write to it again."""
    MAILBOX = "mailbox"
    """It refuses for good, but may exist: counts one."""
    FULL = "full"
    """Full, or too busy for days: counts a half."""
    OURS = "ours"
    """Our server, our words or our reputation: says nothing of the reader."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply of the relay's."""

    stage: Stage
    code: int
    words: str

    @property
    def status(self) -> str:
        """Its enhanced code, or the plain one where it gives none."""
        found = ENHANCED.search(self.words[:80])
        return found[0] if found else str(self.code)

    @property
    def told(self) -> str:
        """What the ledger keeps of it: nobody's address and no line breaks."""
        words = " ".join(re.sub(r"\S*@\S*", "…", self.words).split())
        return f"{self.stage}: {self.code} {words}"[:DETAIL_LIMIT]


def receipt_of(answer: Answer) -> Receipt:
    """Return what becomes of a message with this answer."""
    if answer.code < 400:
        return Sent(_queue_mark(answer.words))
    if answer.stage in (Stage.CONNECT, Stage.SENDER) and answer.code >= 500:
        # It is us they do not want. No reader's message is lost over that: all wait.
        return RetryLater(answer.told, answer.status, HOLD, whole_channel=True)
    if answer.code < 500:
        return RetryLater(answer.told, answer.status, whole_channel=False)
    return Refused(answer.told, answer.status, our_fault=fault_of(answer) is Fault.OURS)


def fault_of(answer: Answer) -> Fault:
    """Return whose fault a refusal for good is."""
    by_status = fault_of_status(answer.status)
    is_vague = answer.status.startswith(("5.0.", "5.4.")) and answer.stage is not Stage.RECIPIENT
    if by_status is not None and not is_vague:
        return by_status
    if answer.stage is not Stage.RECIPIENT:
        return Fault.OURS
    if answer.code == 552:
        return Fault.FULL
    return Fault.MAILBOX if answer.code in (550, 551, 553) else Fault.OURS


def fault_of_status(status: str) -> Fault | None:
    """Return whose fault an enhanced code for good tells of; nothing for a plain code."""
    if status in NO_SUCH_ADDRESS:
        return Fault.ADDRESS
    if status in FULL:
        return Fault.FULL
    if status.startswith(OF_THE_MAILBOX):
        return Fault.MAILBOX
    return Fault.OURS if status.startswith("5.") else None


def asks_to_slow_down(answer: Answer) -> bool:
    """Whether the relay says that we are too fast or too many."""
    return answer.code in (421, 454) or answer.status.startswith("4.7.")


def _queue_mark(words: str) -> str:
    """Return the relay's own name for the message, which its log knows it by."""
    found = re.search(r"queued as ([A-Za-z0-9._-]{1,60})", words)
    return found[1] if found else " ".join(words.split())[:60]
