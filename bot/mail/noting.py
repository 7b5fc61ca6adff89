"""Let the ledger know of a report, however it came: by mailbox, by LMTP, by webhook."""

from __future__ import annotations

from functools import partial

import structlog

from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.bounces import Bounce, note_bounce
from bot.newsletter.tokens import address_hash

log = structlog.get_logger(__name__)


async def note_report(ledger: Ledger, key: str, clock: Clock, bounce: Bounce) -> None:
    """Keep a report about one of our deliveries, and do to its reader what it asks for.

    Parameters
    ----------
    ledger
        Where the delivery stands.
    key
        The desk's secret, under which addresses are suppressed.
    clock
        Says when it came.
    bounce
        What it says; its delivery's mark has been looked at.
    """
    async with ledger.write() as tx:
        stopped = await note_bounce(tx, bounce, partial(address_hash, key), clock())
    log.info(
        "bounce",
        delivery=bounce.delivery_id,
        kind=bounce.kind.value,
        status=bounce.status,
        suppressed=stopped,
    )
