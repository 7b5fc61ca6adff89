"""The operator puts a withdrawn note back from Discord, is asked first, and nobody else may."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest
import simcord

from bot.discord.ids import Mark
from bot.discord.layout import Rung
from bot.discord.pending import withdraw
from bot.discord.posts import post_of
from bot.discord.published import read_note
from bot.discord.run import discord_channel
from bot.discord.sending import put_message
from bot.edition import AGAIN, NOTE, RETRACTION
from bot.ledger.editions import editions_of
from bot.restoring import put_back
from tests.bot.discord.notes import FRIDAY, a_note
from tests.bot.discord.rooms import THURSDAY, Room, words_of

REASON = "A price file was wrong."


async def withdrawn(room: Room) -> None:
    """Withdraw Friday's note."""
    await withdraw(room.ledger, discord_channel(room.bot), FRIDAY, REASON, room.clock())
    room.forget_what_was_read()


async def operators(room: Room) -> Room:
    """Return the room as the operator's own server, with Alice as its administrator and theirs."""
    room.bot.values = replace(room.bot.values, channel_id=room.channel.id)
    await room.bot.sync_commands()
    guild = room.env.guild
    role = guild.create_role("operators", permissions=discord.Permissions(administrator=True))
    room.alice = guild.add_member(room.env.create_user("operator"), roles=[role])
    room.bot.owner_id = room.alice.id
    return room


async def editions(room: Room) -> list[str]:
    """Return what was said of Friday, in order."""
    async with room.ledger.read() as tx:
        return [row.edition for row in await editions_of(tx, FRIDAY)]


async def asked(room: Room) -> tuple[str, discord.Message]:
    """Let Alice ask for Friday's note again, and return the question and its message."""
    result = await room.alice.slash(room.channel, "ops publish-again", date="2025-11-21")
    assert result.ephemeral
    assert result.response is not None
    return words_of(result.response.components), result.response.message


async def press(who: simcord.MemberActor, message: discord.Message, edition: str) -> list[str]:
    """Let somebody press the button, and return all that they then read."""
    result = await who.click(message, custom_id=str(Mark(AGAIN, FRIDAY, edition)))
    return [words_of(one.components) for one in [result.response, *result.followups] if one]


async def test_the_operator_is_asked_and_told_what_it_will_do(room: Room) -> None:
    await room.publish(a_note())
    await withdrawn(await operators(room))

    said, _ = await asked(room)

    assert "Publish it again?" in said
    assert "**Most of the buying was forced**" in said
    assert f"**Withdrawn, because** {REASON}" in said
    assert "It comes back as it stood" in said
    assert await editions(room) == [NOTE, RETRACTION]


async def test_the_button_puts_the_note_back_and_answers_give_it_again(room: Room) -> None:
    await room.publish(a_note())
    await withdrawn(await operators(room))
    _, message = await asked(room)

    said = await press(room.alice, message, RETRACTION)

    assert await editions(room) == [NOTE, RETRACTION, AGAIN]
    assert "The note of Fri 21 Nov 2025 stands again" in said[0]
    assert "Most of the buying was forced" in await room.ask("flow date", date="2025-11-21")


async def test_the_log_has_what_was_done_and_nobodys_id(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    await room.publish(a_note())
    await withdrawn(await operators(room))
    _, message = await asked(room)

    await press(room.alice, message, RETRACTION)

    [line] = [one for one in capsys.readouterr().out.splitlines() if "operator_did" in one]
    assert "publish-again" in line
    assert "2025-11-21" in line
    assert str(room.alice.id) not in line


async def test_pressed_twice_it_is_published_once(room: Room) -> None:
    await room.publish(a_note())
    await withdrawn(await operators(room))
    _, first = await asked(room)
    _, second = await asked(room)
    await press(room.alice, first, RETRACTION)

    said = await press(room.alice, second, RETRACTION)

    assert await editions(room) == [NOTE, RETRACTION, AGAIN]
    assert "is not withdrawn, so there is nothing to put back" in said[-1]


async def test_a_button_from_before_another_withdrawal_does_not_undo_that_one(room: Room) -> None:
    await room.publish(a_note())
    await withdrawn(await operators(room))
    _, old = await asked(room)
    await put_back(room.ledger, [], FRIDAY, room.clock())
    await withdrawn(room)

    said = await press(room.alice, old, RETRACTION)

    assert await editions(room) == [NOTE, RETRACTION, AGAIN, "retraction-2"]
    assert "Give `/ops publish-again` again" in said[-1]


async def test_whoever_is_not_the_operator_presses_in_vain(room: Room) -> None:
    await room.publish(a_note())
    await withdrawn(await operators(room))
    _, message = await asked(room)
    room.bot.owner_id = 1

    said = await press(room.alice, message, RETRACTION)

    assert await editions(room) == [NOTE, RETRACTION]
    assert "Only the owner of this application may do that." in said[-1]


async def test_a_note_that_stands_is_not_put_back(room: Room) -> None:
    await room.publish(a_note())
    await operators(room)

    result = await room.alice.slash(room.channel, "ops publish-again", date="2025-11-21")

    assert result.response is not None
    assert "is not withdrawn" in words_of(result.response.components)


async def test_only_withdrawn_notes_are_offered(room: Room) -> None:
    await room.publish(a_note(THURSDAY))
    await room.publish(a_note())
    await withdrawn(await operators(room))

    offered = await room.alice.autocomplete(room.channel, "ops publish-again", "date", "")

    assert [one["value"] for one in offered] == ["2025-11-21"]


async def test_a_withdrawn_note_is_not_promised_to_anybody_by_republish(room: Room) -> None:
    await room.publish(a_note())
    await withdrawn(await operators(room))

    said = await room.ask("ops republish", date="2025-11-21")

    assert "is withdrawn. `/ops publish-again` puts it back." in said


async def test_a_note_put_back_for_the_second_time_still_explains_its_sentences(
    room: Room,
) -> None:
    await room.publish(a_note())
    for _ in range(2):
        await withdrawn(room)
        await put_back(room.ledger, [], FRIDAY, room.clock())
    room.forget_what_was_read()
    note = read_note(a_note().texts["note.json"], edition="again-2")
    target = room.bot.get_partial_messageable(room.channel.id)
    await put_message(target, post_of(note), Rung.BARS, "n2")
    message = room.channel.last_message
    assert message is not None
    menu = await room.alice.click(message, custom_id=str(Mark("why", FRIDAY, "again-2")))
    assert menu.response is not None

    result = await room.alice.select(
        menu.response.message, ["leveraged_etf"], custom_id=str(Mark("part", FRIDAY, "again-2"))
    )

    assert result.response is not None
    assert "rule: mid\\_usd known" in words_of(result.response.components)
