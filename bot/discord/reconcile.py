"""Look in a channel for a post that may have got there before somebody died."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import discord

from bot.channels import InDoubt, Receipt, RetryLater, Sent
from bot.discord.ids import Mark, read_mark
from bot.discord.permissions import ours
from bot.discord.receipts import receipt_of, refuses_token
from bot.discord.sending import WIRE_FAULTS

LOOK_BACK = 100
"""Messages searched, newest first: one request."""


def marks_in(components: Iterable[object]) -> Iterator[Mark]:
    """Walk over the marks of a message's buttons, however deep they stand."""
    for component in components:
        custom_id = getattr(component, "custom_id", None)
        mark = read_mark(custom_id) if isinstance(custom_id, str) else None
        if mark is not None:
            yield mark
        yield from marks_in(getattr(component, "children", ()))


def is_post_of(message: discord.Message, session: date, edition: str) -> bool:
    """Say whether a message bears a note's marks."""
    return any(
        mark.session == session and mark.edition == edition for mark in marks_in(message.components)
    )


async def find_message(
    client: discord.Client, channel_id: int, session: date, edition: str
) -> int | None:
    """Return the id of our own post of a session, newest first, or nothing.

    Raises
    ------
    BlindError
        If nothing is seen there because we may not look: Discord answers with an empty list.
    """
    me = client.user.id if client.user is not None else 0
    channel = client.get_partial_messageable(channel_id)
    is_empty = True
    async for message in channel.history(limit=LOOK_BACK):
        is_empty = False
        if message.author.id == me and is_post_of(message, session, edition):
            return message.id
    if is_empty and not await may_look(client, channel_id, me):
        raise BlindError
    return None


class BlindError(discord.ClientException):
    """The channel's past is closed to us."""


async def may_look(client: discord.Client, channel_id: int, me: int) -> bool:
    """Say whether we may read a channel's past, asking Discord where the cache is empty."""
    channel: object = client.get_channel(channel_id)
    permissions = ours(channel)
    if permissions is None:
        channel = await client.fetch_channel(channel_id)
        if not isinstance(channel, discord.TextChannel | discord.Thread):
            return False
        guild = await client.fetch_guild(channel.guild.id, with_counts=False)
        member = await guild.fetch_member(me)
        room = await guild.fetch_channel(channel_id)
        if isinstance(room, discord.Thread):
            room = await guild.fetch_channel(room.parent_id)
        permissions = room.permissions_for(member)
    return permissions.read_message_history


async def find_thread(client: discord.Client, forum_id: int, name: str) -> int | None:
    """Return the id of a forum post of ours by its name, or nothing."""
    me = client.user.id if client.user is not None else 0
    forum = await client.fetch_channel(forum_id)
    if not isinstance(forum, discord.ForumChannel):
        return None
    for thread in await forum.guild.active_threads():
        if (thread.parent_id, thread.owner_id, thread.name) == (forum_id, me, name):
            return thread.id
    return None


async def first_message(client: discord.Client, thread_id: int) -> discord.PartialMessage | None:
    """Return what opens a forum's thread, if it is ours and bears our buttons.

    It has its thread's id as a rule; where it has not, it is the oldest.
    """
    me = client.user.id if client.user is not None else 0
    thread = client.get_partial_messageable(thread_id)
    async for message in thread.history(limit=1, oldest_first=True):
        if message.author.id == me and any(marks_in(message.components)):
            return thread.get_partial_message(message.id)
    return None


def cannot_look(error: Exception) -> Receipt:
    """Return what it means that a channel could not be searched.

    Without the right to read nobody will ever know. A wire that is down is asked again later,
    before anything is sent.
    """
    if refuses_token(error) or isinstance(error, (*WIRE_FAULTS, discord.RateLimited)):
        known = receipt_of(error)
        if isinstance(known, RetryLater):
            return known
        return RetryLater("Discord does not answer, so nobody can look there yet", "unasked")
    if isinstance(error, discord.NotFound):
        return receipt_of(error)
    if isinstance(error, discord.HTTPException | BlindError):
        code = str(getattr(error, "code", "blind"))
        return InDoubt("the channel cannot be searched for the post", code)
    raise error


def looked(found: int | None, attempt: int) -> Receipt:
    """Return what a search came to; a first attempt that left nothing is made up for at once."""
    if found is not None:
        return Sent(str(found))
    if attempt <= 1:
        return RetryLater("it is not there", "absent", timedelta(0))
    return RetryLater("it is not there", "absent")
