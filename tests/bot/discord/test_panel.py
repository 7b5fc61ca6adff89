"""A server's panel: what it stores, what it says is missing, whom it refuses."""

from __future__ import annotations

from datetime import time

import discord
import simcord

from bot.discord.panel import Panel, panel_view
from bot.ledger.guilds import GuildChannel, list_guild_channels
from tests.bot.discord.notes import a_note
from tests.bot.discord.rooms import Room, deny, words_of


def an_admin(room: Room) -> simcord.MemberActor:
    """Return someone with Manage Server."""
    guild = room.env.guild
    role = guild.create_role("admins", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(room.env.create_user("root"), roles=[role])


async def said_to(actor: simcord.MemberActor, room: Room, command: str, **given: object) -> str:
    """Let somebody give a command, and return what is said."""
    result = await actor.slash(room.channel, command, **given)
    assert result.response is not None
    assert result.ephemeral
    return words_of(result.response.components)


async def stored(room: Room) -> list[GuildChannel]:
    """Return what the ledger has."""
    async with room.ledger.read() as tx:
        return await list_guild_channels(tx)


async def test_one_command_makes_a_channel_get_the_note(room: Room) -> None:
    said = await said_to(an_admin(room), room, "flow-setup channel")

    [place] = await stored(room)
    assert (place.channel_id, place.kind, place.enabled) == (room.channel.id, "text", True)
    assert "I can post there." in said
    assert "at publication · plain level · fine" in said


async def test_what_is_missing_is_named_as_discord_names_it(room: Room) -> None:
    deny(room.env.backend, room.channel.id, send_messages=True, attach_files=True)

    said = await said_to(an_admin(room), room, "flow-setup channel")

    [place] = await stored(room)
    assert "I cannot post there. Missing: **Send Messages**." in said
    assert place.health == "missing:send_messages"


async def test_without_attach_files_the_panel_says_what_is_lost(room: Room) -> None:
    deny(room.env.backend, room.channel.id, attach_files=True)

    said = await said_to(an_admin(room), room, "flow-setup channel")

    assert "Without **Attach Files** (posts have bars in place of the picture)." in said


async def test_the_panel_looks_anew_at_what_i_may_do(room: Room) -> None:
    admin = an_admin(room)
    before = await said_to(admin, room, "flow-setup channel")
    deny(room.env.backend, room.channel.id, send_messages=True)

    shown = await said_to(admin, room, "flow-setup show")
    tried = await said_to(admin, room, "flow-setup test")

    assert "· fine" in before
    assert "missing **Send Messages**" in shown
    assert "I cannot post there. Missing: **Send Messages**." in shown
    assert "I cannot post there. Missing: **Send Messages**." in tried


async def test_a_channel_may_have_an_hour_of_its_own(room: Room) -> None:
    said = await said_to(
        an_admin(room), room, "flow-setup time", when="07:30", zone="Europe/Berlin"
    )

    [place] = await stored(room)
    assert (place.at_publication, place.local_time) == (False, time(7, 30))
    assert "at 07:30 Europe/Berlin" in said


async def test_an_hour_at_which_the_note_has_expired_is_refused(room: Room) -> None:
    said = await said_to(an_admin(room), room, "flow-setup time", when="17:00")

    assert "At that time the note would be more than 17 hours old" in said
    assert await stored(room) == []


async def test_pause_style_role_and_remove(room: Room) -> None:
    admin = an_admin(room)
    role = room.env.guild.create_role("readers")
    deny(room.env.backend, room.channel.id, mention_everyone=True)
    await said_to(admin, room, "flow-setup style", level="quant")
    called = await said_to(admin, room, "flow-setup role", who=role)
    paused = await said_to(admin, room, "flow-setup pause")
    [place] = await stored(room)
    removed = await said_to(admin, room, "flow-setup remove")

    assert (place.level, place.role_id, place.enabled) == ("quant", role.id, False)
    assert "would not be notified" in called
    assert "paused" in paused
    assert "no longer gets the note" in removed
    assert await stored(room) == []


def test_the_panels_menu_names_the_role_that_is_called() -> None:
    place = GuildChannel(1, 2, role_id=7)

    [box] = [item.to_component_dict() for item in panel_view(Panel([place], place)).children]

    [menu] = [
        one
        for row in box["components"]
        for one in row.get("components", ())
        if one.get("custom_id") == "ut:set:role:1"
    ]
    assert [int(one["id"]) for one in menu["default_values"]] == [7]


async def test_the_menus_of_the_panel_change_what_is_stored(room: Room) -> None:
    admin = an_admin(room)
    panel = await admin.slash(room.channel, "flow-setup channel")
    assert panel.response is not None
    here = room.channel.id

    await admin.select(panel.response.message, ["trader"], custom_id=f"ut:set:level:{here}")
    await admin.select(panel.response.message, ["dealer_gamma"], custom_id=f"ut:set:drivers:{here}")
    await admin.click(panel.response.message, custom_id=f"ut:set:pause:{here}")

    [place] = await stored(room)
    assert (place.level, place.drivers, place.enabled) == ("trader", ("dealer_gamma",), False)


async def test_a_preview_can_be_deleted_and_is_no_post(room: Room) -> None:
    await room.publish(a_note())
    admin = an_admin(room)
    said = await said_to(admin, room, "flow-setup test")
    preview = room.channel.last_message
    assert preview is not None
    shown = words_of([dict(one.to_dict()) for one in preview.components])

    await admin.click(preview, custom_id="ut:dismiss:20251121:preview")

    assert "A preview stands in" in said
    assert "**A preview.**" in shown
    assert room.channel.last_message is None


async def test_the_panel_is_offered_in_servers_to_those_with_manage_server(room: Room) -> None:
    command = room.bot.tree.get_command("flow-setup")

    assert command is not None
    told = command.to_dict(room.bot.tree)
    assert told["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    assert (told["contexts"], told["integration_types"]) == ([0], [0])
