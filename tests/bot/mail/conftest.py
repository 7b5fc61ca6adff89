"""What the tests of the newsletter start from: a relay, readers, a note on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.channels.mail import MailChannel
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryRow, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.pacing import Breaker
from bot.ledger.subscribers import (
    Consent,
    Preferences,
    SubscriberState,
    add_subscriber,
    move_subscriber,
)
from bot.mail.relay import relay_of
from bot.mail.throttle import Throttle
from bot.mail.wire import Lines
from bot.outbox import Outbox, enqueue_edition
from tests.bot.conftest import FRIDAY
from tests.bot.fakes import NOW, AlarmBook, FakeClock
from tests.bot.mail.letters import LETTER, SENDER
from tests.bot.mail.relays import MoodyRelay, running

NEVER = Breaker(at=1.1)
"""A breaker that does not open: these tests are about single answers."""

TEXTS = {
    "mail.plain.txt": LETTER.text.encode(),
    "mail.plain.html": (LETTER.page or "").encode(),
    "mail.quant.txt": b"Subject: Net gamma was short\n\nIn figures.\n",
}


@pytest_asyncio.fixture
async def relay() -> AsyncIterator[MoodyRelay]:
    """Run a relay for one test."""
    async with running(MoodyRelay()) as moody:
        yield moody


@dataclass
class Desk:
    """A ledger with a mail channel and an outbox on it, and a clock that can be moved."""

    ledger: Ledger
    channel: MailChannel
    outbox: Outbox
    clock: FakeClock
    alarms: AlarmBook

    async def join(self, *names: str, preferences: Preferences | None = None) -> list[int]:
        """Subscribe and confirm readers at reader.test."""
        return [
            await join(self.ledger, f"{name}@reader.test", preferences or Preferences())
            for name in names
        ]

    async def publish(self) -> None:
        """Freeze Friday's note and promise it to every reader."""
        edition = Edition(FRIDAY, TEXTS, LETTER.content_hash)
        async with self.ledger.write() as tx:
            row = await freeze(tx, edition, Terms(NOTE), NOW)
        await enqueue_edition(self.ledger, [self.channel], row, NOW)

    async def rows(self) -> list[DeliveryRow]:
        """Return the deliveries in the order they were promised."""
        async with self.ledger.read() as tx:
            return await list_deliveries(tx)

    async def states(self) -> list[str]:
        """Return where the deliveries stand."""
        return [row.state.value for row in await self.rows()]


async def join(ledger: Ledger, address: str, preferences: Preferences) -> int:
    """Subscribe and confirm one reader, and return their number."""
    consent = Consent(action="confirmed", text_version="1", source="test")
    async with ledger.write() as tx:
        reader, _ = await add_subscriber(tx, address, preferences, NOW)
        await move_subscriber(tx, reader.id, SubscriberState.CONFIRMED, consent, NOW)
    return reader.id


def desk_at(ledger: Ledger, url: str, *, connections: int = 1, batch: int = 10) -> Desk:
    """Return a desk that sends over a relay."""
    clock, alarms, relay = FakeClock(), AlarmBook(), relay_of(url)
    channel = MailChannel(
        ledger=ledger,
        sender=SENDER,
        lines=Lines(relay, "desk.test", command_seconds=1.0, text_seconds=1.0),
        clock=clock,
        throttle=Throttle(relay.per_second, clock),
        connections=connections,
        marker_batch=batch,
    )
    outbox = Outbox(ledger, [channel], clock, "worker 1", alarms, breaker=NEVER)
    return Desk(ledger, channel, outbox, clock, alarms)


@pytest.fixture
def desk(ledger: Ledger, relay: MoodyRelay) -> Desk:
    """Return a desk that sends over the test's relay on one line."""
    return desk_at(ledger, f"smtp://127.0.0.1:{relay.port}")
