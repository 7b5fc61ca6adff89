"""Do what the panel asks for, check what we may, and say exactly what is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.answers import Answer
from bot.discord.errors import RefusalError
from bot.discord.health import MISSING
from bot.discord.ids import DISMISS, Mark
from bot.discord.layout import best_rung
from bot.discord.panel import Panel, panel_view
from bot.discord.permissions import check_words, kind_of, missing_here, ours, role_words
from bot.discord.posts import Post, Wish, fitted, post_of
from bot.discord.sending import post_down_the_ladder, put_message
from bot.ledger.discord import CHANNEL, OK, find_guild_channel, set_installer
from bot.ledger.guilds import (
    GuildChannel,
    join_guild,
    list_guild_channels,
    remove_guild_channel,
    save_guild_channel,
)
from bot.ledger.settling import cancel_waiting

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot

Interaction = discord.Interaction[Any]
PREVIEW = "preview"


def guild_of(interaction: Interaction) -> discord.Guild:
    """Return the server the panel belongs to, or refuse those who may not change it.

    Discord lets a server's owner offer the command to others, so it is asked again here.
    """
    guild = interaction.guild
    if guild is None:
        raise RefusalError(Answer("Only in a server", ("The panel belongs to a server.",)))
    if not interaction.permissions.manage_guild:
        words = "Only those with **Manage Server** may change what I post here."
        raise RefusalError(Answer("That did not work", (words,)))
    return guild


def permissions_in(guild: discord.Guild, channel_id: int) -> discord.Permissions | None:
    """Return what we may do in a channel of a server."""
    return ours(guild.get_channel_or_thread(channel_id))


def checked(guild: discord.Guild, place: GuildChannel) -> str:
    """Say what is missing for a channel's settings to work."""
    permissions = permissions_in(guild, place.channel_id)
    role = guild.get_role(place.role_id) if place.role_id is not None else None
    words = [check_words(permissions, place.kind), role_words(role, permissions)]
    return f"<#{place.channel_id}>: " + " ".join(word for word in words if word)


def health_now(guild: discord.Guild, place: GuildChannel) -> str:
    """Return how a channel stands now; where the cache does not know it, how it last stood."""
    permissions = permissions_in(guild, place.channel_id)
    if permissions is None:
        return place.health
    missing = missing_here(permissions, place.kind)
    return f"{MISSING}{','.join(missing)}"[:60] if missing else OK


async def place_in(bot: UndertowBot, guild: discord.Guild, channel_id: int) -> GuildChannel:
    """Return a channel's settings, those of a new one if it has none."""
    async with bot.ledger.read() as tx:
        found = await find_guild_channel(tx, channel_id)
    if found is not None and found.guild_id == guild.id:
        return found
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        raise RefusalError(Answer("No such channel", (check_words(None, "text"),)))
    return GuildChannel(channel_id, guild.id, kind_of(channel))


async def save(bot: UndertowBot, interaction: Interaction, place: GuildChannel) -> GuildChannel:
    """Store a channel's settings, with its health as it is now."""
    guild = guild_of(interaction)
    seen = permissions_in(guild, place.channel_id) is not None
    health = health_now(guild, place) if seen else f"{MISSING}view_channel"
    place = replace(place, health=health, health_told_at=None, updated_by=interaction.user.id)
    now = bot.clock()
    async with bot.ledger.write() as tx:
        await join_guild(tx, guild.id, now, locale=str(guild.preferred_locale))
        await set_installer(tx, guild.id, interaction.user.id)
        await save_guild_channel(tx, place, now)
    return place


async def show(
    bot: UndertowBot, interaction: Interaction, chosen: GuildChannel | None, said: str = ""
) -> None:
    """Show the panel, in place of the one before where there is one."""
    guild = guild_of(interaction)
    async with bot.ledger.read() as tx:
        stored = await list_guild_channels(tx, guild_id=guild.id)
    places = [replace(place, health=health_now(guild, place)) for place in stored]
    if not said and chosen is None:
        said = "\n".join(checked(guild, place) for place in places if place.health != OK)
    view = panel_view(Panel(places, chosen, said))
    if interaction.type is discord.InteractionType.component:
        await interaction.response.edit_message(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def change_panel(
    bot: UndertowBot, interaction: Interaction, action: str, channel_id: int, values: Sequence[str]
) -> None:
    """Do what a menu or button asks for."""
    guild = guild_of(interaction)
    place = await place_in(bot, guild, channel_id)
    if action in ACTIONS:
        await ACTIONS[action](bot, interaction, place)
        return
    place = await save(bot, interaction, changed_place(place, action, values))
    await show(bot, interaction, place, checked(guild, place))


def changed_place(place: GuildChannel, action: str, values: Sequence[str]) -> GuildChannel:
    """Return a channel's settings after one change.

    >>> changed_place(GuildChannel(1, 2), "level", ["quant"]).level
    'quant'
    """
    changes: Mapping[str, Callable[[], GuildChannel]] = {
        "channel": lambda: replace(place, enabled=True),
        "level": lambda: replace(place, level=values[0]),
        "drivers": lambda: replace(place, drivers=tuple(values)),
        "role": lambda: replace(place, role_id=int(values[0]) if values else None),
        "pause": lambda: replace(place, enabled=False),
        "resume": lambda: replace(place, enabled=True),
        "crosspost": lambda: replace(place, crosspost=not place.crosspost),
    }
    return changes[action]()


async def remove(bot: UndertowBot, interaction: Interaction, place: GuildChannel) -> None:
    """Forget a channel, and cancel what waits for it."""
    now = bot.clock()
    async with bot.ledger.write() as tx:
        await remove_guild_channel(tx, place.channel_id)
        await cancel_waiting(tx, CHANNEL, str(place.channel_id), "removed from the panel", now)
    await show(bot, interaction, None, f"<#{place.channel_id}> no longer gets the note.")


async def preview_post(bot: UndertowBot, interaction: Interaction, place: GuildChannel) -> None:
    """Post the newest note as a preview, with a button to delete it."""
    guild = guild_of(interaction)
    permissions = permissions_in(guild, place.channel_id)
    if permissions is None or missing_here(permissions, place.kind) or place.kind == "forum":
        said = checked(guild, place) if place.kind != "forum" else "A forum has no preview."
        await show(bot, interaction, place, said)
        return
    newest = await bot.archive.latest(place.level)
    if newest is None or newest.withdrawn is not None:
        await show(bot, interaction, place, "There is no published note to show yet.")
        return
    wish = Wish(drivers=place.drivers)
    post = preview_of(post_of(newest.note, newest.pictures, wish))
    target = bot.get_partial_messageable(place.channel_id)
    nonce = f"t{interaction.id}"
    await post_down_the_ladder(
        post, best_rung(post, permissions), lambda one, how: put_message(target, one, how, nonce)
    )
    await show(bot, interaction, place, f"A preview stands in <#{place.channel_id}>.")


def preview_of(post: Post) -> Post:
    """Return a post that says it is a preview, and that can be deleted with its own button.

    Its mark differs from a real post's, so that it is never taken for one.
    """
    mark = Mark("post", post.mark.session, PREVIEW)
    notice = f"**A preview.** {post.notice}".strip()
    return fitted(replace(post, mark=mark, notice=notice, buttons=((DISMISS, "Delete preview"),)))


async def dismiss(interaction: Interaction) -> None:
    """Delete a preview."""
    guild_of(interaction)
    await interaction.response.defer()
    if interaction.message is not None:
        await interaction.message.delete()


Action = Callable[["UndertowBot", Interaction, GuildChannel], Awaitable[None]]
ACTIONS: Mapping[str, Action] = {"remove": remove, "test": preview_post}
