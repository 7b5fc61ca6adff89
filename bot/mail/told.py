"""What a provider's adapter tells of a delivery, in a few words of JSON.

    {"delivery": "bounce+1207.cum7rnu6z2ldg3eb@undertow.example",
     "kind": "bounce", "status": "5.1.1"}

``delivery`` is the return address or the Message-ID of the mail, ``kind`` one of bounce,
complaint, delay. A bounce has the enhanced status of RFC 3463. More fields are no harm.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from bot.ledger.bounces import Bounce, BounceKind
from bot.mail.answers import Fault
from bot.mail.bounces import Mark, fault_of_failure
from bot.mail.verp import delivery_of, delivery_of_message

STATUS = re.compile(r"[45]\.[0-9]{1,3}\.[0-9]{1,3}")
UNTOLD = "5.0.0"


class Told(BaseModel):
    """One event of a provider's, in our words."""

    delivery: str = Field(min_length=1, max_length=320)
    kind: Literal["bounce", "complaint", "delay"]
    status: str = Field(default=UNTOLD, pattern=f"^{STATUS.pattern}$")


class UnreadableError(ValueError):
    """The text is not in the form above."""


def read_told(raw: bytes, mark: Mark) -> Bounce | None:
    """Return what an adapter tells of one of our deliveries.

    Returns
    -------
    Bounce or None
        Nothing for a delay, which changes nothing, and for a delivery that is none of ours.

    Raises
    ------
    UnreadableError
        With what is wrong, and nothing of what was sent.
    """
    try:
        told = Told.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(one) for one in first["loc"]) or "the body"
        raise UnreadableError(f"{where}: {first['msg']}") from error
    number = delivery_of(mark.key, mark.mailbox, told.delivery)
    if number is None:
        number = delivery_of_message(mark.key, told.delivery)
    if number is None or told.kind == "delay":
        return None
    if told.kind == "complaint":
        return Bounce(number, BounceKind.COMPLAINT, "complaint", Fault.ADDRESS)
    return Bounce(number, BounceKind.LATER, told.status, fault_of_failure(told.status))
