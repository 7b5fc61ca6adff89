"""What is stored, how to be forgotten, and a note explained from its menu."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord.answers import Answer, why_answer
from bot.discord.commands.flow import standing_note
from bot.discord.desk_answers import privacy_answer
from bot.discord.errors import RefusalError
from bot.discord.reconcile import marks_in
from bot.discord.replying import bot_of, reply
from bot.ledger.discord import traces_of_user

Interaction = discord.Interaction[Any]


@app_commands.command(
    name="privacy", description="What I store, and whether I store anything of you"
)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def privacy(interaction: Interaction) -> None:
    """List what is stored."""
    async with bot_of(interaction).ledger.read() as tx:
        traces = await traces_of_user(tx, interaction.user.id)
    await reply(interaction, privacy_answer(traces))


@app_commands.command(name="delete-my-data", description="Forget everything that has my id")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def delete_my_data(interaction: Interaction) -> None:
    """Forget a user, at once."""
    await bot_of(interaction).readers.forget(interaction.user.id)
    words = "Your id is gone from everything I store. Settings of servers stay, without it."
    await reply(interaction, Answer("Forgotten", (words,)))


@app_commands.context_menu(name="Explain this note")
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def explain_this_note(interaction: Interaction, message: discord.Message) -> None:
    """Offer the sentences of the note that a message holds."""
    mark = next(marks_in(message.components), None)
    bot = bot_of(interaction)
    if mark is None or bot.user is None or message.author.id != bot.user.id:
        words = "That message is no note of mine. Try it on one, or ask `/flow today`."
        raise RefusalError(Answer("No note there", (words,)))
    found = await standing_note(interaction, mark.session)
    await reply(interaction, why_answer(found.note))
