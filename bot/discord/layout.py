"""Set a post in each of the ways Discord can show it.

The ladder goes down only as far as it must: components with the picture; components with bars
drawn in text, where files are not allowed; an embed, where components are refused; plain text,
where not even embeds are allowed. Every rung carries the same buttons, because their marks are
how a post is found again.
"""

from __future__ import annotations

import io
from enum import StrEnum
from typing import TypeVar

import discord
from discord import ui

from bot.discord.buttons import note_buttons
from bot.discord.posts import Post, body_of

V = TypeVar("V", ui.LayoutView, ui.View)

PLAIN_LIMIT = 1_900
CLASSIC_LIMIT = 4_000


class Rung(StrEnum):
    """How a post is set, best first."""

    PICTURE = "picture"
    BARS = "bars"
    CLASSIC = "classic"
    TEXT = "text"

    @property
    def is_layout(self) -> bool:
        """Whether it is made of components; such a message can never be made anything else."""
        return self in {Rung.PICTURE, Rung.BARS}


def best_rung(post: Post, permissions: discord.Permissions | None) -> Rung:
    """Return how to begin, given what we may do there; None means that nobody knows."""
    if permissions is not None and not permissions.embed_links:
        return Rung.TEXT
    may_attach = permissions is None or permissions.attach_files
    return Rung.PICTURE if post.attachments and may_attach else Rung.BARS


def next_rung(rung: Rung) -> Rung | None:
    """Return what to try when Discord will not take a post set this way."""
    if rung.is_layout:
        return Rung.CLASSIC
    return Rung.TEXT if rung is Rung.CLASSIC else None


def files_of(post: Post, rung: Rung) -> list[discord.File]:
    """Return the pictures as files; each try needs its own."""
    if rung not in {Rung.PICTURE, Rung.CLASSIC}:
        return []
    return [
        discord.File(io.BytesIO(one.png), one.name, description=one.alt) for one in post.attachments
    ]


def mentions_of(post: Post) -> discord.AllowedMentions:
    """Allow the one role that was asked for, and nothing else."""
    roles = [discord.Object(post.role_id)] if post.role_id is not None else []
    return discord.AllowedMentions(everyone=False, users=False, roles=roles)


def layout_of(post: Post, rung: Rung) -> ui.LayoutView:
    """Set a post in components."""
    view = ui.LayoutView(timeout=None)
    if post.role_id is not None:
        view.add_item(ui.TextDisplay(f"<@&{post.role_id}>"))
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=post.accent)
    box.add_item(ui.TextDisplay(f"## {post.headline}\n-# {post.dateline}"))
    # Discord leaves no gap between two texts.
    box.add_item(ui.Separator(visible=False))
    parts = body_of(post, bars=rung is not Rung.PICTURE)
    lead = 2 if post.notice else 1
    box.add_item(ui.TextDisplay("\n".join(parts[:lead])))
    if rung is Rung.PICTURE:
        box.add_item(ui.Separator(visible=False))
        box.add_item(_gallery(post))
    for part in parts[lead:]:
        box.add_item(ui.Separator())
        box.add_item(ui.TextDisplay(part))
    if post.buttons or post.url:
        box.add_item(ui.Separator(visible=False))
        box.add_item(note_buttons(post.mark, post.buttons, post.url))
    if post.footer:
        box.add_item(ui.TextDisplay(f"-# {post.footer}"))
    view.add_item(box)
    return forgotten(view)


def _gallery(post: Post) -> ui.MediaGallery[ui.LayoutView]:
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
    for one in post.attachments:
        gallery.add_item(media=f"attachment://{one.name}", description=one.alt)
    return gallery


def embed_of(post: Post) -> discord.Embed:
    """Set a post as a classic embed."""
    # An embed has no small print.
    body = "\n\n".join(body_of(post, bars=not post.attachments)).replace("\n-# ", "\n")
    embed = discord.Embed(
        title=post.headline[:256],
        url=post.url,
        description=f"{post.dateline}\n\n{body}"[:CLASSIC_LIMIT],
        colour=post.accent,
    )
    if post.attachments:
        embed.set_image(url=f"attachment://{post.attachments[0].name}")
    # A footer shows no time of the reader's own, so the standing line is a field.
    if post.footer:
        embed.add_field(name="\u200b", value=post.footer[:1_024], inline=False)
    return embed


def text_of(post: Post) -> str:
    """Set a post as plain text."""
    parts = [f"**{post.headline}**\n{post.dateline}", *body_of(post, bars=True), post.footer]
    if post.role_id is not None:
        parts = [f"<@&{post.role_id}>", *parts]
    if post.url:
        parts.append(f"<{post.url}>")
    return "\n\n".join(part for part in parts if part)[:PLAIN_LIMIT]


def button_view(post: Post) -> ui.View:
    """Return the buttons alone, for the rungs that are not made of components."""
    view = ui.View(timeout=None)
    for item in note_buttons(post.mark, post.buttons, post.url).children:
        view.add_item(item)
    return forgotten(view)


def forgotten(view: V) -> V:
    """Keep the library from remembering a view: its buttons say themselves what they are for."""
    view.stop()
    return view
