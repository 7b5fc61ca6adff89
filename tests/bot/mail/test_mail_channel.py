"""What a relay's answers do to a delivery and to its reader: the failure table, row by row."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.channels import Delivery
from bot.channels.mail import MailChannel
from bot.ledger import Ledger
from bot.ledger.bounces import bounces_of
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryState, list_deliveries
from bot.ledger.migrate import upgrade
from bot.ledger.pacing import Breaker, channel_state
from bot.ledger.settling import history
from bot.ledger.subscribers import (
    Consent,
    Preferences,
    Subscriber,
    SubscriberState,
    address_key,
    is_suppressed,
    move_subscriber,
    subscriber_by_id,
)
from bot.mail.verp import delivery_of, message_id
from bot.newsletter.tokens import address_hash, unsubscribe_token
from tests.bot.fakes import NOW
from tests.bot.mail.conftest import Desk, desk_at
from tests.bot.mail.letters import KEY, SENDER
from tests.bot.mail.relays import MoodyRelay

LEFT = Consent(action="unsubscribed", text_version="1", source="test")


async def reader_of(ledger: Ledger, number: int) -> Subscriber:
    async with ledger.read() as tx:
        found = await subscriber_by_id(tx, number)
    assert found is not None
    return found


async def suppressed(ledger: Ledger, address: str) -> bool:
    async with ledger.read() as tx:
        return await is_suppressed(tx, address_hash(KEY, address_key(address)))


async def leave(ledger: Ledger, number: int) -> None:
    async with ledger.write() as tx:
        await move_subscriber(tx, number, SubscriberState.UNSUBSCRIBED, LEFT, NOW)


class Leaving(MailChannel):
    """A channel whose readers leave in the moment before it looks."""

    async def look_ahead(self, deliveries: Sequence[Delivery]) -> None:
        """Let them leave, then look."""
        for one in deliveries:
            assert one.subscriber_id is not None
            await leave(self.ledger, one.subscriber_id)
        await super().look_ahead(deliveries)


async def test_a_confirmed_reader_gets_the_note_with_their_own_way_out(
    desk: Desk, relay: MoodyRelay
) -> None:
    [number] = await desk.join("ana")
    await desk.publish()
    await desk.outbox.drain()
    [caught], [row] = relay.caught, await desk.rows()

    assert (row.state, row.reference) == (DeliveryState.SENT, "Q1")
    assert caught.recipient == "ana@reader.test"
    assert [one.addr_spec for one in caught.message["To"].addresses] == ["ana@reader.test"]
    assert caught.message["Subject"] == "Funds had to buy"
    own = unsubscribe_token(KEY, number)
    assert caught.message["List-Unsubscribe"] == f"<https://undertow.example/u/{own}>"
    assert caught.message["Message-ID"] == message_id(KEY, "desk.test", row.id)
    assert SENDER.bounces is not None
    assert delivery_of(KEY, SENDER.bounces, caught.sender) == row.id


async def test_many_readers_each_get_one_over_few_lines(ledger: Ledger, relay: MoodyRelay) -> None:
    desk = desk_at(ledger, f"smtp://127.0.0.1:{relay.port}", connections=3, batch=5)
    await desk.join(*(f"reader{n}" for n in range(60)))
    await desk.publish()
    await desk.outbox.drain()

    assert sorted(one.recipient for one in relay.caught) == sorted(
        f"reader{n}@reader.test" for n in range(60)
    )
    assert set(await desk.states()) == {"sent"}
    assert relay.sessions <= 3


async def test_level_and_text_only_are_the_readers_choice(desk: Desk, relay: MoodyRelay) -> None:
    await desk.join("ana", preferences=Preferences(level="quant"))
    await desk.join("bob", preferences=Preferences(text_only=True))
    await desk.publish()
    await desk.outbox.drain()
    ana, bob = relay.caught

    assert ana.message["Subject"] == "Net gamma was short"
    assert bob.message.get_content_type() == "text/plain"


async def test_who_left_before_the_claim_is_skipped(desk: Desk, relay: MoodyRelay) -> None:
    ana, _ = await desk.join("ana", "bob")
    await desk.publish()
    await leave(desk.ledger, ana)
    await desk.outbox.drain()

    assert await desk.states() == ["skipped", "sent"]
    assert [one.recipient for one in relay.caught] == ["bob@reader.test"]


async def test_who_left_after_the_claim_is_not_written_to_either(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("ana")
    await desk.publish()
    fields = {name: getattr(desk.channel, name) for name in MailChannel.__dataclass_fields__}
    leaving = Leaving(**fields)
    desk.outbox.channels = [leaving]
    await desk.outbox.drain()

    assert await desk.states() == ["skipped"]
    assert relay.caught == []


async def test_who_leaves_while_the_line_is_open_is_not_written_to_either(
    desk: Desk, relay: MoodyRelay
) -> None:
    [ana] = await desk.join("ana")
    await desk.publish()
    relay.at_recipient = partial(leave, desk.ledger, ana)
    await desk.outbox.drain()
    desk.clock.move(minutes=3)
    await desk.outbox.drain()

    assert relay.asked == ["ana@reader.test"]
    assert relay.caught == []
    assert await desk.states() == ["skipped"]


async def test_a_busy_mailbox_is_tried_again_in_a_minute(desk: Desk, relay: MoodyRelay) -> None:
    await desk.join("busy")
    await desk.publish()
    await desk.outbox.drain()
    [row] = await desk.rows()

    assert (row.state, row.code, row.attempts) == (DeliveryState.PENDING, "4.2.1", 1)
    assert 40 < (row.not_before - NOW).total_seconds() < 80


async def test_what_stays_busy_expires_when_it_is_no_longer_news(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("busy")
    await desk.publish()
    for _ in range(24):
        await desk.outbox.drain()
        desk.clock.move(hours=1)
    [row] = await desk.rows()

    assert row.state is DeliveryState.EXPIRED
    assert row.attempts >= 5


async def test_an_address_that_does_not_exist_is_never_written_to_again(
    desk: Desk, relay: MoodyRelay
) -> None:
    [number] = await desk.join("gone")
    await desk.publish()
    await desk.outbox.drain()
    [row] = await desk.rows()

    assert (row.state, row.code) == (DeliveryState.FAILED, "5.1.1")
    assert (await reader_of(desk.ledger, number)).state is SubscriberState.BOUNCED
    assert await suppressed(desk.ledger, "gone@reader.test")


async def test_a_full_mailbox_costs_half_a_point(desk: Desk, relay: MoodyRelay) -> None:
    [number] = await desk.join("full")
    await desk.publish()
    await desk.outbox.drain()
    [row], reader = await desk.rows(), await reader_of(desk.ledger, number)

    assert (row.state, row.code) == (DeliveryState.FAILED, "5.2.2")
    assert (reader.state, reader.bounce_score) == (SubscriberState.CONFIRMED, 0.5)


@pytest.mark.parametrize("name", ["policy", "spam", "vague"])
async def test_a_refusal_of_our_words_or_name_is_not_the_readers_fault(
    desk: Desk, relay: MoodyRelay, name: str
) -> None:
    [number] = await desk.join(name)
    await desk.publish()
    await desk.outbox.drain()
    reader = await reader_of(desk.ledger, number)

    assert await desk.states() == ["failed"]
    assert (reader.state, reader.bounce_score) == (SubscriberState.CONFIRMED, 0.0)


async def test_refusals_of_our_name_stop_the_channel_and_tell_the_operator(
    desk: Desk, relay: MoodyRelay
) -> None:
    desk.outbox.breaker = Breaker()
    await desk.join(*(f"policy+{n}" for n in range(30)))
    await desk.publish()
    await desk.outbox.drain()

    assert "breaker:mail" in desk.alarms.keys
    assert Counter(await desk.states()) == {"failed": 20, "pending": 10}
    async with desk.ledger.read() as tx:
        state = await channel_state(tx, "mail")
    assert state is not None
    assert state.is_paused(NOW)


async def test_a_relay_that_does_not_want_us_at_all_loses_nobody_a_note(
    desk: Desk, relay: MoodyRelay
) -> None:
    relay.refuse_sender = "550 5.7.1 you may not send as desk.test"
    await desk.join("ana")
    await desk.publish()
    await desk.outbox.drain()

    assert await desk.states() == ["pending"]
    relay.refuse_sender = None
    desk.clock.move(minutes=11)
    await desk.outbox.drain()

    assert await desk.states() == ["sent"]


async def test_a_refusal_after_the_text_that_is_passing_is_tried_again(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("later")
    await desk.publish()
    await desk.outbox.drain()

    assert await desk.states() == ["pending"]
    assert relay.caught == []


@pytest.mark.parametrize("name", ["drop", "hang"])
async def test_silence_after_the_text_is_a_doubt_and_is_told(
    desk: Desk, relay: MoodyRelay, name: str
) -> None:
    await desk.join(name, "ana")
    await desk.publish()
    await desk.outbox.drain()

    assert await desk.states() == ["in_doubt", "sent"]
    assert [one.recipient for one in relay.caught] == [f"{name}@reader.test", "ana@reader.test"]
    assert "in_doubt:mail" in desk.alarms.keys
    async with desk.ledger.read() as tx:
        listed = await list_deliveries(tx, state=DeliveryState.IN_DOUBT)
    assert len(listed) == 1


async def test_a_line_that_breaks_before_the_text_leaves_no_doubt(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("cut")
    await desk.publish()
    await desk.outbox.drain()
    [row] = await desk.rows()

    assert row.state is DeliveryState.PENDING
    assert row.handed_at is None


async def test_no_relay_at_all_makes_everyone_wait_and_nobody_lose(ledger: Ledger) -> None:
    desk = desk_at(ledger, "smtp://127.0.0.1:1")
    await desk.join("ana", "bob")
    await desk.publish()
    await desk.outbox.drain()

    assert await desk.states() == ["pending", "pending"]
    async with ledger.read() as tx:
        state = await channel_state(tx, "mail")
    assert state is not None
    assert state.is_paused(NOW)


async def test_a_relay_in_a_hurry_halves_our_speed_and_gets_it_back(
    ledger: Ledger, relay: MoodyRelay
) -> None:
    desk = desk_at(ledger, f"smtp://127.0.0.1:{relay.port}?per_second=8")
    await desk.join("fast")
    await desk.publish()
    await desk.outbox.drain()

    assert await desk.states() == ["pending"]
    assert desk.channel.pace.per_second == 4.0
    desk.clock.move(minutes=5)
    assert desk.channel.pace.per_second == 8.0


async def test_the_relays_limit_is_kept(ledger: Ledger, relay: MoodyRelay) -> None:
    desk = desk_at(ledger, f"smtp://127.0.0.1:{relay.port}?per_second=3")
    await desk.join(*(f"reader{n}" for n in range(10)))
    await desk.publish()
    await desk.outbox.drain()

    assert len(relay.caught) == 3
    desk.clock.move(seconds=1)
    await desk.outbox.drain()
    assert len(relay.caught) == 6


async def test_a_line_that_slept_too_long_costs_another_line_and_no_attempt(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("ana", "cut", "bob")
    await desk.publish()
    await desk.outbox.run_once()
    [_, _, bob] = await desk.rows()

    assert (bob.state, bob.attempts) == (DeliveryState.SENT, 1)


async def test_an_address_that_no_envelope_can_hold_is_refused_before_the_relay_hears_of_it(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("añá")
    await desk.publish()
    await desk.outbox.drain()
    [row] = await desk.rows()

    assert (row.state, row.code) == (DeliveryState.FAILED, "5.1.3")
    assert relay.asked == []


async def test_the_ledger_keeps_no_address_from_a_relays_answer(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("gone")
    await desk.publish()
    await desk.outbox.drain()
    async with desk.ledger.read() as tx:
        [line] = await history(tx, 1)
        [bounce] = await bounces_of(tx, 1)

    assert "@" not in (line.detail or "")
    assert bounce == ("at_once", "5.1.1")


async def test_lines_are_closed_when_there_is_nothing_left_to_send(
    desk: Desk, relay: MoodyRelay
) -> None:
    await desk.join("ana")
    await desk.publish()
    await desk.outbox.drain()
    await asyncio.sleep(0)

    assert desk.channel.lines == replace(desk.channel.lines, _idle=[])


async def test_no_statement_of_a_round_reads_the_whole_outbox(
    tmp_path: Path, relay: MoodyRelay
) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.sqlite3"))
    await upgrade(ledger)
    desk = desk_at(ledger, f"smtp://127.0.0.1:{relay.port}")
    await desk.join("ana", "busy")
    await desk.publish()
    asked: set[tuple[str, int]] = set()

    @event.listens_for(ledger.engine.sync_engine, "before_cursor_execute")
    def keep(_1: object, _2: object, sql: str, values: object, _3: object, _4: object) -> None:
        if "deliveries" in sql:
            asked.add((sql, sql.count("?")))

    await desk.outbox.drain()
    event.remove(ledger.engine.sync_engine, "before_cursor_execute", keep)
    async with ledger.read() as tx:
        plans = [
            row.detail
            for sql, gaps in asked
            for row in await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * gaps)
        ]
    await ledger.close()

    assert len(asked) >= 8
    assert any("ix_deliveries_waiting" in plan for plan in plans)
    assert not [plan for plan in plans if plan.startswith("SCAN deliveries")]
