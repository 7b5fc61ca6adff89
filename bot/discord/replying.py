"""Set an answer in components and hand it to whoever asked."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import discord
from aiohttp import BytesPayload
from discord import ui

from bot.discord.answers import Answer
from bot.discord.buttons import NoteButton, SectionSelect
from bot.discord.callbacks import letter
from bot.discord.layout import forgotten

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot

Interaction = discord.Interaction[Any]

MOST_PARTS = 12
"""With a gap before each, and the rest, these stay under Discord's forty components."""


def bot_of(interaction: Interaction) -> UndertowBot:
    """Return our client."""
    return cast("UndertowBot", interaction.client)


@lru_cache(maxsize=128)
def view_of(answer: Answer) -> ui.LayoutView:
    """Set an answer in components, once for all who are given it."""
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=answer.accent)
    box.add_item(ui.TextDisplay(f"## {answer.title}"))
    for part in answer.parts[:MOST_PARTS]:
        # Discord leaves no gap between two texts; small print belongs to what is above it.
        if not part.startswith("-# "):
            box.add_item(ui.Separator(visible=False))
        box.add_item(ui.TextDisplay(part))
    if answer.attachments:
        gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
        for one in answer.attachments:
            gallery.add_item(media=f"attachment://{one.name}", description=one.alt)
        box.add_item(ui.Separator(visible=False))
        box.add_item(gallery)
    _add_what_to_press(box, answer)
    if answer.small:
        box.add_item(ui.TextDisplay(f"-# {answer.small}"))
    view.add_item(box)
    return forgotten(view)


def _add_what_to_press(box: ui.Container[ui.LayoutView], answer: Answer) -> None:
    """Add the menu and the buttons, or none, after a gap to the text above them."""
    if not answer.attachments and (answer.choices or answer.marks or answer.links):
        box.add_item(ui.Separator(visible=False))
    if answer.choices and answer.choices_mark is not None:
        menu: ui.ActionRow[Any] = ui.ActionRow()
        menu.add_item(SectionSelect(answer.choices_mark, answer.choices))
        box.add_item(menu)
    if answer.marks or answer.links:
        box.add_item(_row(answer))
    elif answer.small and not answer.choices:
        box.add_item(ui.Separator(visible=False))


def _row(answer: Answer) -> ui.ActionRow[Any]:
    row: ui.ActionRow[Any] = ui.ActionRow()
    for label, mark in answer.marks[:4]:
        row.add_item(NoteButton(mark, label))
    for label, url in answer.links[: 5 - len(answer.marks[:4])]:
        row.add_item(ui.Button(label=label, url=url))
    return row


def files_of(answer: Answer) -> list[discord.File]:
    """Return an answer's pictures as files."""
    return [
        discord.File(io.BytesIO(one.png), one.name, description=one.alt)
        for one in answer.attachments
    ]


@lru_cache(maxsize=64)
def letter_of(answer: Answer, share: bool) -> BytesPayload:
    """Write an answer out, once for all who are given it."""
    components = [item.to_component_dict() for item in view_of(answer).children]
    return letter(components, answer.attachments, share=share)


async def reply(interaction: Interaction, answer: Answer, *, share: bool = False) -> None:
    """Answer, for the asker alone unless they want to share it."""
    if await _handed_over(interaction, letter_of(answer, share)):
        return
    view, files = view_of(answer), files_of(answer)
    if interaction.response.is_done():
        await interaction.followup.send(view=view, files=files, ephemeral=not share)
    else:
        await interaction.response.send_message(view=view, files=files, ephemeral=not share)


async def _handed_over(interaction: Interaction, written: BytesPayload) -> bool:
    bot = bot_of(interaction)
    # Without a login nobody has told us where Discord is.
    if interaction.response.is_done() or not bot.rest.logged_in.is_set():
        return False
    return await bot.callbacks.hand_over(interaction, written)
