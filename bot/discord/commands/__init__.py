"""The slash commands, one file a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot


def add_commands(bot: UndertowBot) -> None:
    """Add every command to the bot's tree."""
