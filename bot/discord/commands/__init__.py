"""The slash commands, one file a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.discord.commands.flow import flow_group
from bot.discord.commands.privacy import delete_my_data, explain_this_note, privacy
from bot.discord.commands.setup import setup_group

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot


def add_commands(bot: UndertowBot) -> None:
    """Add every command to the bot's tree."""
    bot.tree.add_command(flow_group())
    bot.tree.add_command(setup_group())
    bot.tree.add_command(privacy)
    bot.tree.add_command(delete_my_data)
    bot.tree.add_command(explain_this_note)
