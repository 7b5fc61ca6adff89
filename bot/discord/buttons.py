"""Buttons that carry their meaning in their names, so that they outlive any restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, cast

import discord
from discord import ui

from bot.discord.ids import MARK, Mark, read_mark


class Answering(Protocol):
    """The client, as far as a button needs it."""

    async def answer_button(self, interaction: discord.Interaction, mark: Mark) -> None:
        """Answer what a button asks for."""
        ...


Press = Callable[[discord.Interaction], Awaitable[None]]


class NoteButton(ui.DynamicItem[ui.Button[Any]], template=MARK):
    """A button under a note."""

    def __init__(self, mark: Mark, label: str = "…") -> None:
        super().__init__(
            ui.Button(label=label, style=discord.ButtonStyle.secondary, custom_id=str(mark))
        )
        self.mark = mark

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> NoteButton:
        """Read a button that was posted in an earlier life."""
        mark = read_mark(match.string)
        if mark is None:
            raise ValueError(f"the button {match.string!r} names no session; it is not one of ours")
        return cls(mark)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the client."""
        await cast(Answering, interaction.client).answer_button(interaction, self.mark)


def note_buttons(
    mark: Mark, buttons: Iterable[tuple[str, str]], url: str | None
) -> ui.ActionRow[Any]:
    """Return the row of buttons under a note."""
    row: ui.ActionRow[Any] = ui.ActionRow()
    for action, label in buttons:
        row.add_item(NoteButton(Mark(action, mark.session, mark.edition), label))
    if url:
        row.add_item(ui.Button(label="Full note", url=url))
    return row
