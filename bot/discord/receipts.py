"""What Discord's answers mean for a delivery."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import discord

from bot.channels import InDoubt, Receipt, Refused, RetryLater
from bot.discord.sending import WIRE_FAULTS

UNKNOWN_CHANNEL = 10003
MISSING_ACCESS = 50001
MISSING_PERMISSIONS = 50013
GONE = frozenset({UNKNOWN_CHANNEL})
BANNED_FOR = timedelta(minutes=15)
"""A 429 that does not come from Discord's own servers is the ban of an address."""

TOKEN_REFUSED_FOR = timedelta(minutes=1)
"""This process asks no more; the next one, with a better token, should not have to wait."""


def receipt_of(error: Exception) -> Receipt:
    """Return what a failed hand-over means; for what is not a fault of the wire, raise it."""
    if isinstance(error, discord.RateLimited):
        after = timedelta(seconds=error.retry_after)
        return RetryLater("Discord asks us to wait", "429", after)
    if isinstance(error, aiohttp.ClientConnectorError):
        return RetryLater("no connection to Discord", "connect")
    if isinstance(error, WIRE_FAULTS):
        status = getattr(error, "status", None)
        return InDoubt(f"no answer: {type(error).__name__}", str(status) if status else None)
    if isinstance(error, discord.HTTPException):
        return _answer(error)
    raise error


def _answer(error: discord.HTTPException) -> Receipt:
    if error.status == 401:
        return RetryLater("Discord refused the token", "401", TOKEN_REFUSED_FOR, whole_channel=True)
    if error.status == 429:
        return RetryLater("Discord refuses this address", "429", BANNED_FOR, whole_channel=True)
    if error.status in {403, 404}:
        return Refused(f"Discord answered {error.status}: {error.text}", str(error.code))
    return Refused(
        f"Discord answered {error.status}: {error.text[:200]}", str(error.code), our_fault=True
    )


def refuses_token(error: BaseException) -> bool:
    """Whether an error says that our token is worth nothing any more."""
    return isinstance(error, discord.LoginFailure) or (
        isinstance(error, discord.HTTPException) and error.status == 401
    )
