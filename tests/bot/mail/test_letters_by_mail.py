"""The letters that answer a form, and readers who choose otherwise at the last moment."""

from __future__ import annotations

from bot.edition import ALREADY, CONFIRM
from bot.ledger.subscribers import Preferences, add_subscriber, save_preferences
from bot.newsletter.letters import promise_letter
from bot.newsletter.tokens import confirm_token, preferences_token
from templates.letters import LINK
from tests.bot.fakes import NOW
from tests.bot.mail.conftest import Desk
from tests.bot.mail.letters import KEY
from tests.bot.mail.relays import MoodyRelay


async def test_who_asked_at_the_form_gets_their_own_link_and_no_list(
    desk: Desk, relay: MoodyRelay
) -> None:
    async with desk.ledger.write() as tx:
        reader, _ = await add_subscriber(tx, "ana@reader.test", Preferences(), NOW)
        await promise_letter(tx, CONFIRM, reader.id, 1763763300, NOW)
    await desk.outbox.drain()
    [caught] = relay.caught
    message = caught.message
    link = f"https://undertow.example/confirm/{confirm_token(KEY, reader.id, 1763763300)}"

    assert message["Subject"] == "Please confirm: the market note by mail"
    assert message["Auto-Submitted"] == "auto-generated"
    assert not [name for name in message if name.startswith(("List-", "Precedence", "Feedback"))]
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        words = part.get_content()
        assert link in words
        assert LINK not in words
        assert "1 Main Street" in words
        assert "/u/" not in words


async def test_who_is_a_reader_already_is_led_to_their_preferences(
    desk: Desk, relay: MoodyRelay
) -> None:
    [number] = await desk.join("ana")
    async with desk.ledger.write() as tx:
        await promise_letter(tx, ALREADY, number, 7, NOW)
    await desk.outbox.drain()
    text = relay.caught[0].message.get_body(("plain",))

    assert text is not None
    assert f"/preferences/{preferences_token(KEY, number)}" in text.get_content()


async def test_who_changed_to_the_weekly_digest_gets_no_daily_note_that_was_promised(
    desk: Desk, relay: MoodyRelay
) -> None:
    ana, _ = await desk.join("ana", "bob")
    await desk.publish()
    async with desk.ledger.write() as tx:
        await save_preferences(tx, ana, Preferences(cadence="weekly"), NOW)
    await desk.outbox.drain()

    assert await desk.states() == ["skipped", "sent"]
    assert [one.recipient for one in relay.caught] == ["bob@reader.test"]
