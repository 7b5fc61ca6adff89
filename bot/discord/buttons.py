"""Buttons that carry their meaning in their names, so that they outlive any restart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol, cast

import discord
from discord import ui

from bot.discord.ids import BUTTON_MARK, Mark, read_mark


class Answering(Protocol):
    """The client, as far as a button needs it."""

    async def answer_button(self, interaction: discord.Interaction, mark: Mark) -> None:
        """Answer what a button asks for."""
        ...

    async def answer_section(
        self, interaction: discord.Interaction, mark: Mark, section: str
    ) -> None:
        """Explain a part of a note."""
        ...

    async def answer_page(self, interaction: discord.Interaction, page: int) -> None:
        """Turn to a page of the archive."""
        ...


class NoteButton(ui.DynamicItem[ui.Button[Any]], template=BUTTON_MARK):
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


SECTION_MARK = r"ut:part:(?P<day>\d{8}):(?P<edition>[a-z_]+(?:-\d+)?)"


class SectionSelect(ui.DynamicItem[ui.Select[Any]], template=SECTION_MARK):
    """A menu of a note's parts."""

    def __init__(self, mark: Mark, choices: Iterable[tuple[str, str]] = ()) -> None:
        options = [discord.SelectOption(label=label[:100], value=value) for value, label in choices]
        name = str(Mark("part", mark.session, mark.edition))
        super().__init__(
            ui.Select(custom_id=name, placeholder="A part of the note", options=options)
        )
        self.mark = mark

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> SectionSelect:
        """Read a menu that was posted in an earlier life."""
        mark = read_mark(match.string)
        if mark is None:
            raise ValueError(f"the menu {match.string!r} names no session; it is not one of ours")
        return cls(mark)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the choice to the client."""
        [section] = self.item.values[:1] or [""]
        await cast(Answering, interaction.client).answer_section(interaction, self.mark, section)


class PageButton(ui.DynamicItem[ui.Button[Any]], template=r"ut:archive:(?P<page>\d+)"):
    """Turns the pages of the archive."""

    def __init__(self, page: int, label: str = "…", *, disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"ut:archive:{page}", disabled=disabled))
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> PageButton:
        """Read a button of an earlier life."""
        return cls(int(match["page"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the turn to the client."""
        await cast(Answering, interaction.client).answer_page(interaction, self.page)
