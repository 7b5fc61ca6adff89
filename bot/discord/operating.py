"""What only the operator may do: who that is, and a line in the log for what they did."""

from __future__ import annotations

from datetime import date
from typing import Any

import discord
import structlog

from bot.discord.answers import Answer
from bot.discord.errors import RefusalError
from bot.discord.replying import bot_of

log = structlog.get_logger(__name__)

Interaction = discord.Interaction[Any]


async def owner_only(interaction: Interaction) -> None:
    """Refuse everyone but the application's owner, or the owning team.

    Raises
    ------
    RefusalError
        If somebody else asks.
    """
    if not await bot_of(interaction).is_owner(interaction.user):
        words = "Only the owner of this application may do that."
        raise RefusalError(Answer("That did not work", (words,)))


def write_down(interaction: Interaction, what: str, session: date, **more: object) -> None:
    """Leave a line in the log of what the operator changed; nobody's id is in it."""
    log.info("operator_did", what=what, session=str(session), interaction=interaction.id, **more)
