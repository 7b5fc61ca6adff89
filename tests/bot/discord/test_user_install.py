"""A reader who installed the bot for themselves asks in places where the bot is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simcord import interactions

from tests.bot.discord.notes import a_note
from tests.bot.discord.rooms import THURSDAY, Room, words_of
from tests.bot.discord.test_commands import COMMANDS

STRANGERS = "424242424242424242"
Change = Callable[[dict[str, Any]], None]


def in_a_strangers_server(payload: dict[str, Any]) -> None:
    """Move a question from a direct message into a server that has no bot of ours."""
    user = payload.pop("user")
    payload["context"] = 0
    payload["authorizing_integration_owners"] = {"1": user["id"]}
    payload["guild_id"] = STRANGERS
    payload["guild"] = {"id": STRANGERS, "features": [], "locale": "en-US"}
    payload["guild_locale"] = "en-US"
    payload["member"] = {
        "user": user,
        "roles": [],
        "permissions": "0",
        "joined_at": "2025-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }
    payload["channel"] = {
        "id": payload["channel_id"],
        "type": 0,
        "guild_id": STRANGERS,
        "name": "their-room",
        "permissions": "0",
        "position": 0,
        "permission_overwrites": [],
    }


def in_a_group_message(payload: dict[str, Any]) -> None:
    """Move a question from a direct message into one of several people."""
    payload["context"] = 2
    payload["authorizing_integration_owners"] = {"1": payload["user"]["id"]}
    payload["channel"] = {
        "id": payload["channel_id"],
        "type": 3,
        "name": "friends",
        "icon": None,
        "owner_id": payload["user"]["id"],
        "recipients": [payload["user"]],
    }


@pytest.fixture(params=[in_a_strangers_server, in_a_group_message], ids=["server", "group"])
def elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every question come from a place where the bot is not."""
    change: Change = request.param
    made = interactions.base_payload

    def changed(*given: Any, **named: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401
        record, payload = made(*given, **named)
        change(payload)
        return record, payload

    monkeypatch.setattr(interactions, "base_payload", changed)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_answers_where_only_the_reader_installed_the_bot(
    room: Room, command: str
) -> None:
    await room.publish(a_note(THURSDAY))
    await room.publish(a_note())
    reader = room.env.create_user("bea")

    result = await reader.slash(command, **COMMANDS[command])

    assert result.response is not None
    said = words_of(result.response.components)
    assert result.ephemeral
    assert "Something went wrong" not in said
    assert "did not work" not in said


@pytest.mark.usefixtures("elsewhere")
async def test_a_shared_answer_is_shared_there_too(room: Room) -> None:
    await room.publish(a_note())
    reader = room.env.create_user("bea")

    result = await reader.slash("flow today", share=True)

    assert not result.ephemeral
