"""``/flow-setup``: what a server wants, where and when. For those with Manage Server."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import discord
from discord import app_commands

from bot.channels.discord import LONGEST_HOLD
from bot.discord import setting
from bot.discord.answers import Answer
from bot.discord.commands.choices import Choice, matching
from bot.discord.errors import RefusalError
from bot.discord.panel_items import KINDS, id_of
from bot.discord.replying import bot_of
from bot.ledger.guilds import GuildChannel

Interaction = discord.Interaction[Any]
Level = Literal["plain", "trader", "quant"]

AT_PUBLICATION = "at publication"


class ChannelId(app_commands.Transformer):
    """A channel, thread or forum, of which only the id is wanted."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What Discord offers."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Where a note can be posted."""
        return KINDS

    async def transform(self, _interaction: Interaction, value: object, /) -> int:
        """Read what was chosen."""
        return id_of(value)


Place = app_commands.Transform[int, ChannelId]


def setup_group() -> app_commands.Group:
    """Return the group with its commands."""
    group = app_commands.Group(
        name="flow-setup",
        description="Where, when and how this server gets the market note",
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_guild=True),
    )
    commands: tuple[app_commands.Command[Any, ..., Any], ...] = (
        show,
        channel,
        at_time,
        role,
        drivers,
        style,
        pause,
        resume,
        preview,
        remove,
    )
    for command in commands:
        group.add_command(command)
    return group


async def chosen(interaction: Interaction, asked: int | None) -> GuildChannel:
    """Return the settings of the channel named, or of the one the command was given in."""
    guild = setting.guild_of(interaction)
    channel_id = asked if asked is not None else interaction.channel_id or 0
    return await setting.place_in(bot_of(interaction), guild, channel_id)


async def keep(interaction: Interaction, place: GuildChannel) -> None:
    """Store settings, and show the panel with what is missing."""
    bot = bot_of(interaction)
    place = await setting.save(bot, interaction, place)
    said = setting.checked(setting.guild_of(interaction), place)
    await setting.show(bot, interaction, place, said)


@app_commands.command(name="show", description="The panel: every channel, and whether I can post")
async def show(interaction: Interaction) -> None:
    """Show the panel."""
    await setting.show(bot_of(interaction), interaction, None)


@app_commands.command(name="channel", description="Post the note in a channel, thread or forum")
@app_commands.describe(where="Here, if you name none")
async def channel(interaction: Interaction, where: Place | None = None) -> None:
    """Add a channel, or switch it on again."""
    await keep(interaction, replace(await chosen(interaction, where), enabled=True))


async def zones(interaction: Interaction, typed: str) -> list[Choice]:
    """Offer time zones."""
    names = sorted(one for one in available_timezones() if "/" in one)
    return matching(typed.replace(" ", "_"), [(one, one) for one in names])


async def hours(interaction: Interaction, typed: str) -> list[Choice]:
    """Offer the usual times."""
    named = [
        AT_PUBLICATION,
        *(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)),
    ]
    return matching(typed, [(one, one) for one in named])


@app_commands.command(name="time", description="When a channel gets the note")
@app_commands.describe(
    when="at publication, or a time such as 07:30",
    zone="The time's zone, such as Europe/Berlin",
    where="Here, if you name none",
)
@app_commands.autocomplete(when=hours, zone=zones)
async def at_time(
    interaction: Interaction,
    when: str,
    zone: str = "America/New_York",
    where: Place | None = None,
) -> None:
    """Set a channel's hour."""
    place = await chosen(interaction, where)
    if when.strip().casefold() == AT_PUBLICATION:
        await keep(interaction, replace(place, at_publication=True, local_time=None))
        return
    hour = _hour(when)
    if zone not in available_timezones():
        words = f"`{zone[:40].replace('`', '')}` is no time zone; choose one while you type."
        raise RefusalError(Answer("No such time zone", (words,)))
    _check_hold(hour, zone, await bot_of(interaction).coming.next_note())
    await keep(interaction, replace(place, at_publication=False, local_time=hour, zone=zone))


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text.strip().zfill(5)).replace(second=0, microsecond=0)
    except ValueError as error:
        words = f"`{text[:20].replace('`', '')}` is no time; write it as 07:30, or: at publication."
        raise RefusalError(Answer("No time", (words,))) from error


def _check_hold(hour: time, zone: str, coming: datetime | None) -> None:
    """Refuse an hour at which the note would have expired; asked of the next note."""
    if coming is None:
        return
    local = coming.astimezone(ZoneInfo(zone))
    at = datetime.combine(local.date(), hour, local.tzinfo)
    at = at if at >= local else at + timedelta(days=1)
    if at - local > LONGEST_HOLD:
        hours = int(LONGEST_HOLD.total_seconds() // 3600)
        words = (
            f"At that time the note would be more than {hours} hours old: it comes out at "
            f"{local:%H:%M} {zone}. Choose an earlier hour, or: at publication."
        )
        raise RefusalError(Answer("Too late for that note", (words,)))


@app_commands.command(name="role", description="Call a role with each note, or none")
@app_commands.describe(who="Nobody, if you name none", where="Here, if you name none")
async def role(
    interaction: Interaction, who: discord.Role | None = None, where: Place | None = None
) -> None:
    """Set the role that is called."""
    role_id = who.id if who is not None else None
    await keep(interaction, replace(await chosen(interaction, where), role_id=role_id))


@app_commands.command(name="drivers", description="Choose which drivers a channel's posts name")
@app_commands.describe(where="Here, if you name none")
async def drivers(interaction: Interaction, where: Place | None = None) -> None:
    """Open the panel with the menu of drivers."""
    place = await chosen(interaction, where)
    await setting.show(bot_of(interaction), interaction, place, "Choose the drivers below.")


@app_commands.command(name="style", description="How a channel's posts are written")
@app_commands.describe(level="plain, trader or quant", where="Here, if you name none")
async def style(interaction: Interaction, level: Level, where: Place | None = None) -> None:
    """Set a channel's level."""
    await keep(interaction, replace(await chosen(interaction, where), level=level))


@app_commands.command(name="pause", description="Stop posting in a channel for now")
@app_commands.describe(where="Here, if you name none")
async def pause(interaction: Interaction, where: Place | None = None) -> None:
    """Switch a channel off and keep its settings."""
    await keep(interaction, replace(await chosen(interaction, where), enabled=False))


@app_commands.command(name="resume", description="Post in a channel again")
@app_commands.describe(where="Here, if you name none")
async def resume(interaction: Interaction, where: Place | None = None) -> None:
    """Switch a channel on again."""
    await keep(interaction, replace(await chosen(interaction, where), enabled=True))


@app_commands.command(name="test", description="Post a preview of the last note, to be deleted")
@app_commands.describe(where="Here, if you name none")
async def preview(interaction: Interaction, where: Place | None = None) -> None:
    """Post a preview."""
    await setting.preview_post(bot_of(interaction), interaction, await chosen(interaction, where))


@app_commands.command(name="remove", description="Never post in a channel again, and forget it")
@app_commands.describe(where="Here, if you name none")
async def remove(interaction: Interaction, where: Place | None = None) -> None:
    """Forget a channel."""
    await setting.remove(bot_of(interaction), interaction, await chosen(interaction, where))
