"""A page of the archive, with buttons to turn it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from discord import ui

from bot.discord.answers import archive_answer
from bot.discord.buttons import PageButton
from bot.discord.layout import forgotten


def page_view(page: int, rows: Sequence[tuple[date, str, str]], pages: int) -> ui.LayoutView:
    """Return a page: day, verdict and title of each note."""
    answer = archive_answer(page, rows, pages)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=answer.accent)
    box.add_item(ui.TextDisplay(f"## {answer.title}"))
    box.add_item(ui.Separator(visible=False))
    box.add_item(ui.TextDisplay(answer.parts[0] or "Nothing has been published yet."))
    box.add_item(ui.Separator(visible=False))
    turns: ui.ActionRow[Any] = ui.ActionRow()
    turns.add_item(PageButton(max(page - 1, 0), "Newer", disabled=page == 0))
    # The two must not bear the same name, even where neither can be pressed.
    turns.add_item(PageButton(page + 1, "Older", disabled=page + 1 >= pages))
    box.add_item(turns)
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return forgotten(view)
