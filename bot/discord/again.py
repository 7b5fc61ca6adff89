"""Publish a withdrawn note again from Discord: ask the operator first, then do it once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.answers import Answer
from bot.discord.errors import RefusalError
from bot.discord.ids import AGAIN, Mark
from bot.discord.operating import owner_only, write_down
from bot.discord.replying import view_of
from bot.discord.wording import full_day, plain
from bot.ledger.editions import EditionRow
from bot.ledger.story import read_story
from bot.restoring import put_back

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot

Interaction = discord.Interaction[Any]


async def question(bot: UndertowBot, session: date) -> Answer:
    """Ask whether a withdrawn note shall be published again, and say what that will do.

    Raises
    ------
    RefusalError
        If the note stands.
    """
    withdrawal = await _withdrawal(bot, session)
    standing = await bot.archive.of(session)
    title = plain(standing.note.title) if standing is not None else ""
    reason = plain(standing.withdrawn or "") if standing is not None else ""
    parts = (
        f"-# Close of {full_day(session)}",
        f"**{title}**",
        f"**Withdrawn, because** {reason or 'no reason was given'}",
        "It comes back as it stood: every post that says it was withdrawn becomes the note "
        "again, here and on the desk's other channels. No letter is sent twice.",
    )
    return Answer(
        "Publish it again?",
        tuple(part for part in parts if part != "****"),
        small=(
            "To write it anew first: `undertow publish --again --corrected` on the desk's machine."
        ),
        marks=(("Publish again", Mark(AGAIN, session, withdrawal.edition)),),
    )


async def publish_again(bot: UndertowBot, interaction: Interaction, mark: Mark) -> None:
    """Publish a note again, for an operator who was asked about the withdrawal that stands.

    Raises
    ------
    RefusalError
        If somebody else pressed, the note stands already, or was withdrawn anew meanwhile.
    """
    from bot.discord.run import discord_channel

    await owner_only(interaction)
    await interaction.response.defer()
    withdrawal = await _withdrawal(bot, mark.session)
    if withdrawal.edition != mark.edition:
        words = "It was withdrawn once more since you were asked. Give `/ops publish-again` again."
        raise RefusalError(Answer("That did not work", (words,)))
    channels = [discord_channel(bot), *bot.elsewhere]
    row = await put_back(bot.ledger, channels, mark.session, bot.clock())
    write_down(interaction, "publish-again", mark.session, edition=row.edition)
    bot.archive.look_anew()
    day = full_day(mark.session)
    words = f"The note of {day} stands again: its posts will show it within a minute."
    await interaction.edit_original_response(view=view_of(Answer("Published again", (words,))))


async def _withdrawal(bot: UndertowBot, session: date) -> EditionRow:
    async with bot.ledger.read() as tx:
        story = await read_story(tx, session)
    if story.withdrawn is None:
        words = (
            f"The note of {full_day(session)} is not withdrawn, so there is nothing to put back. "
            "`/ops republish` posts it where it is missing."
        )
        raise RefusalError(Answer("It stands", (words,)))
    return story.withdrawn
