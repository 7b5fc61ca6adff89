"""What people are told when something goes wrong: one short line, with an id to quote."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.discord.answers import Answer
from bot.discord.in_hand import InHand
from bot.discord.wording import stamp

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot

log = structlog.get_logger(__name__)

TOO_LATE = frozenset({10062, 40060, 10015})
"""The interaction is over: nobody can be answered any more."""

PATIENCE = (5, 10.0)
"""How often one person may give one command, in how many seconds."""

ASKERS_KEPT = 5_000

Interaction = discord.Interaction[Any]


class RefusalError(app_commands.AppCommandError):
    """We will not, or cannot; the answer says why and what to do instead."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.title)


class AnsweringTree(app_commands.CommandTree[Any]):
    """A tree that keeps anyone from asking too fast, and tells whoever asked of every failure."""

    def __init__(self, client: discord.Client, ticks: Callable[[], float] = time.monotonic) -> None:
        super().__init__(client)
        self.ticks = ticks
        self._asked: OrderedDict[tuple[int, str], app_commands.Cooldown] = OrderedDict()

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Take a command on, if there is room, and count it against its asker's patience.

        What is offered while typing is free. Each command is counted by itself, so that trying
        one after the other is never too fast. Seconds are our own: a proxy's clock may stand, and
        then nobody would be let in again.
        """
        if not in_hand_of(interaction).take():
            return False
        self._place(interaction)
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        key = (interaction.user.id, _name(interaction))
        cooldown = self._asked.setdefault(key, app_commands.Cooldown(*PATIENCE))
        self._asked.move_to_end(key)
        while len(self._asked) > ASKERS_KEPT:
            self._asked.popitem(last=False)
        wait = cooldown.update_rate_limit(self.ticks())
        if wait:
            raise app_commands.CommandOnCooldown(cooldown, wait)
        return True

    def _place(self, interaction: Interaction) -> None:
        """Say that a command is one server's own, where a stand-in for Discord leaves it out."""
        data = cast("dict[str, Any]", interaction.data)
        is_typed = data.get("type", 1) == discord.AppCommandType.chat_input.value
        if is_typed and interaction.guild_id and self.get_command(data["name"]) is None:
            data.setdefault("guild_id", str(interaction.guild_id))

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer a command that failed."""
        await tell(interaction, error)


async def tell(interaction: Interaction, error: Exception) -> None:
    """Say what went wrong, for the asker alone, or log that nobody can be told."""
    cause = getattr(error, "original", error)
    if isinstance(cause, discord.HTTPException) and cause.code in TOO_LATE:
        log.info("interaction_over", code=cause.code, command=_name(interaction))
        return
    answer = _answer(interaction, cause if isinstance(cause, Exception) else error)
    from bot.discord.replying import reply

    try:
        await reply(interaction, answer)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as problem:
        code = getattr(problem, "code", type(problem).__name__)
        log.info("error_not_told", code=code, command=_name(interaction))


def _answer(interaction: Interaction, error: Exception) -> Answer:
    if isinstance(error, RefusalError):
        return error.answer
    known = _known(interaction, error)
    if known is not None:
        return Answer("That did not work", (known,))
    name = error_id(interaction.id)
    log.error("command_failed", error_id=name, command=_name(interaction), exc_info=error)
    words = f"Something went wrong on our side. If it goes on, quote error `{name}`."
    return Answer("That did not work", (words,))


def _known(interaction: Interaction, error: Exception) -> str | None:
    if isinstance(error, app_commands.CommandOnCooldown):
        again = interaction.created_at + timedelta(seconds=error.retry_after)
        return f"That was quick. Ask again {stamp(again, 'R')}."
    if isinstance(error, app_commands.MissingPermissions):
        return "Only those with **Manage Server** may change what I post here."
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return "I have been updated. Press Ctrl+R, or restart the app, and try again."
    if isinstance(error, app_commands.NoPrivateMessage):
        return "That only works in a server."
    if isinstance(error, app_commands.TransformerError):
        return "I cannot read that value; choose one of those offered while you type."
    return None


def in_hand_of(interaction: Interaction) -> InHand:
    """Return what our client is answering now."""
    return cast("UndertowBot", interaction.client).in_hand


def error_id(interaction_id: int) -> str:
    """Return the short name of a failure, which the log has too.

    >>> error_id(1234567890123456789)
    '7de98115'
    """
    return f"{interaction_id:x}"[-8:]


def _name(interaction: Interaction) -> str:
    command = interaction.command
    return command.qualified_name if command is not None else "component"


async def guarded(interaction: Interaction, answering: Coroutine[Any, Any, None]) -> None:
    """Give a component's answer, if there is room; its failure is told like a command's.

    The library would only log it, and the person would see "This interaction failed".
    """
    if not in_hand_of(interaction).take():
        answering.close()
        return
    failure: BaseException | None
    [failure] = await asyncio.gather(answering, return_exceptions=True)
    if isinstance(failure, Exception):
        await tell(interaction, failure)
    elif failure is not None:
        raise failure
