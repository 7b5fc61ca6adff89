"""Tell Discord of our commands only when they differ from those it has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from discord import app_commands
from discord.http import Route

if TYPE_CHECKING:
    import discord

log = structlog.get_logger(__name__)

DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "options": [],
    "type": 1,
    "nsfw": False,
    "required": False,
    "autocomplete": False,
    "default_member_permissions": None,
}
OF_NO_CONCERN = frozenset(
    {
        "id",
        "application_id",
        "guild_id",
        "version",
        "dm_permission",
        "default_permission",
        "name_localized",
        "description_localized",
    }
)
"""What Discord adds to a command of its own accord."""


def canonical(command: object) -> object:
    """Return a command without what Discord adds and without what goes without saying."""
    if isinstance(command, list):
        return [canonical(one) for one in command]
    if not isinstance(command, dict):
        return command
    kept = {key: canonical(value) for key, value in command.items() if key not in OF_NO_CONCERN}
    return {
        key: value if key != "default_member_permissions" else str(value)
        for key, value in sorted(kept.items())
        if value is not None and value != {} and DEFAULTS.get(key, ...) != value
    }


def fingerprint(commands: Iterable[object]) -> str:
    """Return a hash of a list of commands, whatever their order."""
    rows = sorted(json.dumps(canonical(one), sort_keys=True) for one in commands)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


async def sync_if_changed(
    tree: app_commands.CommandTree[Any], guild: discord.abc.Snowflake | None = None
) -> bool:
    """Compare our commands with Discord's, and replace those if they differ.

    Discord allows two hundred new commands a day and remembers what it was told, so a bot
    that syncs at every start runs out on a day of many restarts.
    """
    client = tree.client
    application_id = client.application_id or 0
    commands = tree.get_commands(guild=guild)
    if tree.translator is None:
        ours = [command.to_dict(tree) for command in commands]
    else:
        ours = [await one.get_translated_payload(tree, tree.translator) for one in commands]
    where = f"/guilds/{guild.id}" if guild is not None else ""
    # The library asks without the other languages, and would never see that they changed.
    route = Route(
        "GET",
        f"/applications/{{application_id}}{where}/commands?with_localizations=true",
        application_id=application_id,
    )
    theirs = await client.http.request(route)
    if fingerprint(ours) == fingerprint(theirs):
        return False
    await tree.sync(guild=guild)
    log.info("commands_synced", commands=len(ours))
    return True
