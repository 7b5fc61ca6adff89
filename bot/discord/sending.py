"""Put a post into a channel once, by whichever rung Discord will take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import discord

from bot.discord.layout import (
    Rung,
    button_view,
    embed_of,
    files_of,
    layout_of,
    mentions_of,
    next_rung,
    text_of,
)
from bot.discord.posts import Post

T = TypeVar("T")

TRY_AGAIN_AFTER_SECONDS = (1.0, 4.0)
"""Pauses before the same nonce is tried again, for what the library does not retry itself."""

TRY_SECONDS = 30.0
"""Longest single try: the library's own retries of a 502 take 25 seconds."""

TOO_LARGE = 40005
FORM_REFUSED = 50035

WIRE_FAULTS = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError)
"""After any of these nobody knows whether the post is there."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that is there, and how it was set."""

    message_id: int
    rung: Rung


async def with_patience(
    act: Callable[[], Awaitable[T]], pauses: tuple[float, ...] = TRY_AGAIN_AFTER_SECONDS
) -> T:
    """Do something over the wire that may safely be done twice, a few times over."""
    for pause in pauses:
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await act()
        except WIRE_FAULTS:
            await asyncio.sleep(pause)
    async with asyncio.timeout(TRY_SECONDS):
        return await act()


async def post_down_the_ladder(
    post: Post, first: Rung, put: Callable[[Post, Rung], Awaitable[int]]
) -> Posted:
    """Try each rung from ``first`` on; a rung that is refused has left nothing behind."""
    rung = first
    while True:
        try:
            return Posted(await put(post, rung), rung)
        except discord.HTTPException as error:
            lower = _lower(rung, error)
            if lower is None:
                raise
            rung = lower


def _lower(rung: Rung, error: discord.HTTPException) -> Rung | None:
    if error.code == TOO_LARGE or error.status == 413:
        return Rung.BARS if rung is Rung.PICTURE else None
    if error.code == FORM_REFUSED:
        return next_rung(rung)
    return None


async def put_message(channel: discord.abc.Messageable, post: Post, rung: Rung, nonce: str) -> int:
    """Send a post and return its message's id."""
    mentions = mentions_of(post)
    if rung.is_layout:
        view = layout_of(post, rung)
        sent = await channel.send(
            view=view, files=files_of(post, rung), nonce=nonce, allowed_mentions=mentions
        )
    elif rung is Rung.CLASSIC:
        sent = await channel.send(
            content=f"<@&{post.role_id}>" if post.role_id else None,
            embed=embed_of(post),
            files=files_of(post, rung),
            view=button_view(post),
            nonce=nonce,
            allowed_mentions=mentions,
        )
    else:
        sent = await channel.send(
            content=text_of(post), view=button_view(post), nonce=nonce, allowed_mentions=mentions
        )
    return sent.id


async def put_thread(channel: discord.ForumChannel, post: Post, rung: Rung, name: str) -> int:
    """Open a forum post and return its thread's id."""
    mentions, files = mentions_of(post), files_of(post, rung)
    if rung.is_layout:
        made = await channel.create_thread(
            name=name, view=layout_of(post, rung), files=files, allowed_mentions=mentions
        )
    elif rung is Rung.CLASSIC:
        made = await channel.create_thread(
            name=name,
            embed=embed_of(post),
            files=files,
            view=button_view(post),
            allowed_mentions=mentions,
        )
    else:
        made = await channel.create_thread(
            name=name, content=text_of(post), view=button_view(post), allowed_mentions=mentions
        )
    return made.thread.id


async def change_message(message: discord.PartialMessage, post: Post, rung: Rung) -> None:
    """Put a post in place of one that stands; components stay components."""
    files, mentions = files_of(post, rung), mentions_of(post)
    if rung.is_layout:
        await message.edit(view=layout_of(post, rung), attachments=files, allowed_mentions=mentions)
    elif rung is Rung.CLASSIC:
        await message.edit(
            embed=embed_of(post),
            attachments=files,
            view=button_view(post),
            allowed_mentions=mentions,
        )
    else:
        await message.edit(content=text_of(post), view=button_view(post), allowed_mentions=mentions)
