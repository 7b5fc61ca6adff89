"""The panel of a server: which channels get the note, when, and how. Pure words and layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from analysis.drivers import all_drivers
from bot.discord.health import health_words
from bot.discord.layout import forgotten
from bot.discord.panel_items import (
    PanelButton,
    PanelChannels,
    PanelDrivers,
    PanelLevel,
    PanelRole,
)
from bot.discord.posts import NEITHER
from bot.discord.published import LEVELS
from bot.ledger.guilds import GuildChannel

MOST_CHANNELS = 15
"""Channels listed on a panel; Discord takes no more text than this needs."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A server's channels, the one being set, and what was just found out about it."""

    places: Sequence[GuildChannel]
    chosen: GuildChannel | None = None
    checked: str = ""


def place_line(place: GuildChannel) -> str:
    """Say what a channel gets, in one line."""
    when = "at publication"
    if not place.at_publication and place.local_time is not None:
        when = f"at {place.local_time:%H:%M} {place.zone}"
    parts = [f"<#{place.channel_id}>", when, f"{place.level} level"]
    if place.role_id is not None:
        parts.append(f"calls <@&{place.role_id}>")
    if place.drivers:
        parts.append(", ".join(place.drivers))
    if place.crosspost:
        parts.append("sent on to followers")
    parts.append(health_words(place))
    return " · ".join(parts)


def panel_view(panel: Panel) -> ui.LayoutView:
    """Set the panel: a list of channels, then the settings of the chosen one."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=NEITHER)
    box.add_item(ui.TextDisplay("## The market note in this server"))
    box.add_item(ui.Separator(visible=False))
    lines = [place_line(place) for place in panel.places[:MOST_CHANNELS]]
    box.add_item(ui.TextDisplay("\n".join(lines) or "No channel gets the note yet."))
    if panel.checked:
        box.add_item(ui.TextDisplay(panel.checked))
    box.add_item(ui.Separator())
    box.add_item(_row(PanelChannels()))
    if panel.chosen is not None:
        for row in _settings(panel.chosen):
            box.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return forgotten(view)


def _settings(place: GuildChannel) -> list[ui.ActionRow[Any]]:
    channel_id = place.channel_id
    drivers = [(one.slug, one.title) for one in all_drivers()]
    rows = [
        _row(PanelLevel(channel_id, LEVELS, place.level)),
        _row(PanelDrivers(channel_id, drivers, place.drivers)),
        _row(PanelRole(channel_id, place.role_id)),
    ]
    switch = ("resume", "Resume") if not place.enabled else ("pause", "Pause")
    buttons = [PanelButton(channel_id, *switch), PanelButton(channel_id, "test", "Test")]
    if place.kind == "news":
        words = "Keep from followers" if place.crosspost else "Send to followers"
        buttons.append(PanelButton(channel_id, "crosspost", words))
    remove = PanelButton(channel_id, "remove", "Remove", discord.ButtonStyle.danger)
    rows.append(_row(*buttons, remove))
    return rows


def _row(*items: ui.Item[Any]) -> ui.ActionRow[Any]:
    row: ui.ActionRow[Any] = ui.ActionRow()
    for item in items:
        row.add_item(item)
    return row
