"""What the settings make of Discord."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.discord.run import discord_values
from bot.settings import Settings

TOKEN = "a.b.c"  # noqa: S105 - invented


def test_without_a_token_discord_is_off() -> None:
    assert discord_values(Settings(), "https://desk.example") is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://desk.example", "https://desk.example"),
        ("http://localhost:8080", None),
        ("http://127.0.0.1:8080", None),
        (None, None),
    ],
)
def test_pages_that_only_this_machine_can_reach_are_not_linked_to(
    address: str | None, expected: str | None
) -> None:
    settings = Settings(discord_token=SecretStr(TOKEN))

    values = discord_values(settings, address)

    assert values is not None
    assert (values.token, values.public_url) == (TOKEN, expected)


def test_the_token_is_in_no_representation() -> None:
    values = discord_values(Settings(discord_token=SecretStr(TOKEN)))

    assert TOKEN not in repr(values)
