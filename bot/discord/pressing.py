"""Answer the buttons and menus under a note, from the archive, however old it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord

from bot.discord.again import publish_again
from bot.discord.answers import (
    Answer,
    drivers_answer,
    next_answer,
    no_note_answer,
    note_answer,
    sentences_answer,
    why_answer,
    withdrawn_answer,
)
from bot.discord.archive import Standing
from bot.discord.ids import AGAIN, DISMISS, DRIVERS, NEXT, SHOW, WHY, Mark, read_mark
from bot.discord.paging import page_view
from bot.discord.reconcile import marks_in
from bot.discord.replying import reply
from bot.discord.setting import dismiss
from bot.discord.wording import verdict_words

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot

Interaction = discord.Interaction[Any]

ANSWERS = {DRIVERS: drivers_answer, WHY: why_answer, NEXT: next_answer}
LASTING = frozenset({*ANSWERS, SHOW})
"""What may be asked of a note whatever became of its post."""

PAGE = 8
"""Notes on a page of the archive."""


def lost_mark(interaction: Interaction) -> Mark | None:
    """Return the mark of a pressed button that its message has no more, else nothing."""
    if interaction.type is not discord.InteractionType.component or interaction.message is None:
        return None
    data = cast("dict[str, Any]", interaction.data)
    mark = read_mark(str(data.get("custom_id")))
    if mark is None or mark.action not in LASTING:
        return None
    return None if mark in marks_in(interaction.message.components) else mark


async def answer_button(bot: UndertowBot, interaction: Interaction, mark: Mark) -> None:
    """Answer one press."""
    if mark.action == DISMISS:
        await dismiss(interaction)
        return
    if mark.action == AGAIN:
        await publish_again(bot, interaction, mark)
        return
    level = await bot.readers.level(interaction.user.id)
    standing = await bot.archive.of(mark.session, level)
    if standing is None and mark.action == SHOW:
        standing = await bot.archive.latest(level)
    if standing is None:
        await reply(interaction, no_note_answer(await bot.coming.next_note()))
        return
    await reply(interaction, answer_to(bot, standing, mark.action))


def answer_to(bot: UndertowBot, standing: Standing, action: str) -> Answer:
    """Return the answer to one question about a note."""
    if standing.withdrawn is not None:
        return withdrawn_answer(standing.note, standing.withdrawn)
    if action in ANSWERS:
        return ANSWERS[action](standing.note)
    return note_answer(standing.note, pictures=standing.pictures, public_url=bot.values.public_url)


async def answer_section(
    bot: UndertowBot, interaction: Interaction, mark: Mark, section: str
) -> None:
    """Explain every sentence of a part of a note."""
    standing = await bot.archive.of(mark.session, await bot.readers.level(interaction.user.id))
    if standing is None:
        await reply(interaction, no_note_answer(await bot.coming.next_note()))
    elif standing.withdrawn is not None:
        await reply(interaction, withdrawn_answer(standing.note, standing.withdrawn))
    else:
        await reply(interaction, sentences_answer(standing.note, section))


async def answer_page(bot: UndertowBot, interaction: Interaction, page: int) -> None:
    """Show a page of the archive: a new answer at first, then in place of the one before."""
    sessions = await bot.archive.sessions()
    pages = max(1, -(-len(sessions) // PAGE))
    page = min(max(page, 0), pages - 1)
    rows = []
    for session in sessions[page * PAGE : (page + 1) * PAGE]:
        standing = await bot.archive.of(session)
        if standing is not None:
            rows.append((session, verdict_words(standing.note), standing.note.title))
    view = page_view(page, rows, pages)
    if interaction.type is discord.InteractionType.component:
        await interaction.response.edit_message(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)
