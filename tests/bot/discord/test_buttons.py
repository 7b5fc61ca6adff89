"""Buttons and menus answer from the archive, in any later life of the bot."""

from __future__ import annotations

import discord

from bot.discord.ids import Mark
from bot.discord.layout import Rung, layout_of
from bot.discord.pending import withdraw
from bot.discord.posts import attachments_of, post_of
from bot.discord.published import read_note
from bot.discord.run import discord_channel
from bot.discord.sending import put_message
from tests.bot.discord.notes import FRIDAY, a_note
from tests.bot.discord.rooms import THURSDAY, Room, the_bot, words_of


async def posted(room: Room) -> int:
    """Post Friday's note as the channel does, and return the message's id."""
    edition = a_note()
    note = read_note(edition.texts["note.json"])
    post = post_of(note, attachments_of(note, edition.texts))
    target = room.bot.get_partial_messageable(room.channel.id)
    return await put_message(target, post, Rung.PICTURE, "n1")


def the_post(room: Room) -> discord.Message:
    """Return the newest message of the channel."""
    message = room.channel.last_message
    assert message is not None
    return message


async def press(room: Room, message_id: int, action: str) -> str:
    """Let Alice press a button under a post."""
    message = the_post(room)
    assert message.id == message_id
    result = await room.alice.click(message, custom_id=str(Mark(action, FRIDAY, "note")))
    assert result.ephemeral
    assert result.response is not None
    return words_of(result.response.components)


async def test_the_three_buttons_answer_for_whoever_pressed(room: Room) -> None:
    await room.publish(a_note())
    message_id = await posted(room)

    drivers = await press(room, message_id, "drivers")
    why = await press(room, message_id, "why")
    after = await press(room, message_id, "next")

    assert "**Leveraged-ETF rebalancing** · extreme buying\n-# about $9.2 billion" in drivers
    assert "every sentence comes with the rule that chose it" in why
    assert "Half or more of the rise is given back within five sessions: **46%**" in after
    assert "(base rate 46% over 505 days), marked on Mon 1 Dec 2025" in after


async def test_buttons_answer_after_a_restart(room: Room) -> None:
    await room.publish(a_note())
    message_id = await posted(room)
    reborn = the_bot(room.ledger, room.clock)
    reborn.rest.was_used = True
    await room.env.restart_bot(reborn)

    assert "Leveraged-ETF rebalancing" in await press(room, message_id, "drivers")


async def test_every_sentence_comes_with_its_rule_and_its_figures(room: Room) -> None:
    await room.publish(a_note())
    await posted(room)
    menu = await room.alice.click(the_post(room), custom_id=str(Mark("why", FRIDAY, "note")))
    assert menu.response is not None

    result = await room.alice.select(
        menu.response.message, ["leveraged_etf"], custom_id=str(Mark("part", FRIDAY, "note"))
    )

    assert result.response is not None
    said = words_of(result.response.components)
    assert "rule: mid\\_usd known" in said
    assert "leveraged\\_etf.mid\\_usd = 9.2e+09" in said


async def test_a_button_of_a_withdrawn_note_says_so(room: Room) -> None:
    await room.publish(a_note())
    message_id = await posted(room)
    channel = discord_channel(room.bot)
    await withdraw(room.ledger, channel, FRIDAY, "A price file was wrong.", room.clock())
    room.forget_what_was_read()

    said = await press(room, message_id, "drivers")

    assert "This note was withdrawn" in said
    assert "A price file was wrong." in said


async def test_a_button_of_a_note_nobody_has_any_more_says_so(room: Room) -> None:
    message_id = await posted(room)

    assert "Nothing has been published here so far" in await press(room, message_id, "why")


async def test_the_archive_turns_its_pages_in_place(room: Room) -> None:
    await room.publish(a_note(THURSDAY))
    await room.publish(a_note())
    first = await room.alice.slash(room.channel, "flow archive")
    assert first.response is not None
    said = words_of(first.response.components)

    assert "Published notes, page 1 of 1" in said
    assert said.index("Fri 21 Nov 2025") < said.index("Thu 20 Nov 2025")


async def test_the_menu_of_a_message_explains_the_note_in_it(room: Room) -> None:
    await room.publish(a_note())
    await posted(room)

    result = await room.alice.context_menu(room.channel, "Explain this note", the_post(room))

    assert result.response is not None
    assert "every sentence comes with the rule" in words_of(result.response.components)


async def test_a_post_fits_every_limit_however_long_the_note_is() -> None:
    edition = a_note()
    note = read_note(
        edition.texts["note.json"].replace(b"Rule followers", b"Rule followers " * 200)
    )

    post = post_of(note, attachments_of(note, edition.texts))

    assert layout_of(post, Rung.PICTURE).content_length() <= 1_500
    assert layout_of(post, Rung.BARS).content_length() <= 1_500
    assert layout_of(post, Rung.BARS).total_children_count <= 20
