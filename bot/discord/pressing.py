"""Answer the buttons under a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.discord.ids import Mark

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot


async def answer_button(
    bot: UndertowBot, interaction: discord.Interaction[Any], mark: Mark
) -> None:
    """Answer one press, from the archive, however old the note is."""
    standing = await bot.archive.of(mark.session)
    words = "nothing" if standing is None else standing.note.title
    await interaction.response.send_message(words, ephemeral=True)
