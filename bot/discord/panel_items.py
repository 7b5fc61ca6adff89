"""The panel's menus and buttons: each carries the channel it is about in its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self, cast

import discord
from discord import ui

Interaction = discord.Interaction[Any]

KINDS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
]
"""Where a note can be posted."""


class PanelKeeper(Protocol):
    """The client, as far as the panel needs it."""

    async def change_panel(
        self, interaction: Interaction, action: str, channel_id: int, values: Sequence[str]
    ) -> None:
        """Do what a menu or button of the panel asks for."""
        ...


async def changed(
    interaction: Interaction, action: str, channel_id: int, values: Sequence[str] = ()
) -> None:
    """Hand a change to the client."""
    await cast(PanelKeeper, interaction.client).change_panel(
        interaction, action, channel_id, values
    )


def id_of(chosen: object) -> int:
    """Return the id of what was chosen; Discord may send the whole thing or only its id.

    >>> id_of(discord.Object(7)), id_of("7")
    (7, 7)
    """
    return int(str(getattr(chosen, "id", chosen)))


class PanelChannels(ui.DynamicItem[ui.ChannelSelect[Any]], template=r"ut:set:channel"):
    """Chooses the channel to set, or to begin with."""

    def __init__(self) -> None:
        super().__init__(
            ui.ChannelSelect(
                custom_id="ut:set:channel",
                channel_types=KINDS,
                placeholder="Add or change a channel",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read a menu of an earlier life."""
        return cls()

    async def callback(self, interaction: Interaction) -> None:
        """Choose."""
        await changed(interaction, "channel", id_of(self.item.values[0]))


class PanelLevel(ui.DynamicItem[ui.Select[Any]], template=r"ut:set:level:(?P<id>\d+)"):
    """Chooses the level of a channel's posts."""

    def __init__(self, channel_id: int, levels: Iterable[str] = (), now: str = "") -> None:
        options = [
            discord.SelectOption(label=f"{one} level", value=one, default=one == now)
            for one in levels
        ]
        super().__init__(ui.Select(custom_id=f"ut:set:level:{channel_id}", options=options))
        self.channel_id = channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read a menu of an earlier life."""
        return cls(int(match["id"]))

    async def callback(self, interaction: Interaction) -> None:
        """Choose."""
        await changed(interaction, "level", self.channel_id, self.item.values)


class PanelDrivers(ui.DynamicItem[ui.Select[Any]], template=r"ut:set:drivers:(?P<id>\d+)"):
    """Chooses the drivers a channel's posts may name; none means the strongest of all."""

    def __init__(
        self,
        channel_id: int,
        drivers: Sequence[tuple[str, str]] = (),
        now: Sequence[str] = (),
    ) -> None:
        options = [
            discord.SelectOption(label=title, value=slug, default=slug in now)
            for slug, title in drivers
        ]
        super().__init__(
            ui.Select(
                custom_id=f"ut:set:drivers:{channel_id}",
                placeholder="All drivers",
                min_values=0,
                max_values=max(1, len(options)),
                options=options,
            )
        )
        self.channel_id = channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read a menu of an earlier life."""
        return cls(int(match["id"]))

    async def callback(self, interaction: Interaction) -> None:
        """Choose."""
        await changed(interaction, "drivers", self.channel_id, self.item.values)


class PanelRole(ui.DynamicItem[ui.RoleSelect[Any]], template=r"ut:set:role:(?P<id>\d+)"):
    """Chooses the role that a post calls; none by default."""

    def __init__(self, channel_id: int, now: int | None = None) -> None:
        super().__init__(
            ui.RoleSelect(
                custom_id=f"ut:set:role:{channel_id}",
                placeholder="No role is called",
                min_values=0,
                max_values=1,
                default_values=[] if now is None else [discord.Object(now, type=discord.Role)],
            )
        )
        self.channel_id = channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read a menu of an earlier life."""
        return cls(int(match["id"]))

    async def callback(self, interaction: Interaction) -> None:
        """Choose."""
        roles = [str(id_of(one)) for one in self.item.values]
        await changed(interaction, "role", self.channel_id, roles)


BUTTON = r"ut:set:(?P<action>pause|resume|test|crosspost|remove):(?P<id>\d+)"


class PanelButton(ui.DynamicItem[ui.Button[Any]], template=BUTTON):
    """Does one thing to a channel."""

    def __init__(
        self,
        channel_id: int,
        action: str,
        label: str = "…",
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        name = f"ut:set:{action}:{channel_id}"
        super().__init__(ui.Button(label=label, style=style, custom_id=name))
        self.channel_id, self.action = channel_id, action

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read a button of an earlier life."""
        return cls(int(match["id"]), match["action"])

    async def callback(self, interaction: Interaction) -> None:
        """Do it."""
        await changed(interaction, self.action, self.channel_id)


PANEL_ITEMS = (PanelChannels, PanelLevel, PanelDrivers, PanelRole, PanelButton)
