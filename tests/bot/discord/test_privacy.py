"""What is stored are ids; no name, no word and no address, and it can be forgotten."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
from discord import app_commands

from bot.ledger.discord import traces_of_user
from tests.bot.discord.notes import a_note
from tests.bot.discord.rooms import Room, words_of
from tests.bot.discord.test_panel import an_admin, said_to


def over(code: int) -> discord.NotFound:
    """Return what Discord says of an interaction that is over."""
    response = cast(aiohttp.ClientResponse, SimpleNamespace(status=404, reason="Not Found"))
    return discord.NotFound(response, {"code": code, "message": "Unknown interaction"})


def every_option(told: list[dict[str, Any]]) -> list[str]:
    """Return the names and descriptions of all options of all commands."""
    found, waiting = [], list(told)
    while waiting:
        one = waiting.pop()
        waiting += one.get("options") or []
        if one.get("type", 1) > 2:
            found.append(f"{one['name']} {one.get('description', '')}".casefold())
    return found


async def test_the_ledger_has_nobodys_name(room: Room, tmp_path: Path) -> None:
    await room.publish(a_note())
    admin = an_admin(room)
    await said_to(admin, room, "flow-setup channel")
    await said_to(admin, room, "flow-setup style", level="quant")
    await room.ask("flow level", level="trader")

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("undertow.sqlite3*"))

    assert b"quant" in stored
    for name in (b"Market desk", b"market-close", b"alice", b"root", b"admins"):
        assert name not in stored


async def test_whoever_asks_is_forgotten_wherever_their_id_stands(room: Room) -> None:
    admin = an_admin(room)
    await said_to(admin, room, "flow-setup channel")
    await said_to(admin, room, "flow level", level="quant")
    async with room.ledger.read() as tx:
        before = await traces_of_user(tx, admin.id)
    await said_to(admin, room, "delete-my-data")

    async with room.ledger.read() as tx:
        after = await traces_of_user(tx, admin.id)

    assert before == {"reader": 1, "panel": 1, "installer": 1}
    assert after == {"reader": 0, "panel": 0, "installer": 0}


async def test_no_command_asks_for_an_address(room: Room) -> None:
    told = [command.to_dict(room.bot.tree) for command in room.bot.tree.get_commands()]

    options = every_option(told)

    assert options
    assert not [one for one in options if "mail" in one or "address" in one]


@pytest.mark.parametrize("code", [10062, 40060, 10015])
async def test_an_interaction_that_is_over_is_logged_and_not_answered(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    async def too_late(*_: object) -> None:
        raise over(code)

    monkeypatch.setattr(room.bot.archive, "latest", too_late)

    result = await room.alice.slash(room.channel, "flow today")

    assert result.response is None
    assert "interaction_over" in capsys.readouterr().out


async def test_a_command_of_an_older_version_says_to_load_anew(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: object) -> None:
        raise app_commands.CommandNotFound("flow", [])

    monkeypatch.setattr(room.bot.archive, "latest", unknown)

    result = await room.alice.slash(room.channel, "flow today")

    assert result.response is not None
    assert "I have been updated. Press Ctrl+R" in words_of(result.response.components)
