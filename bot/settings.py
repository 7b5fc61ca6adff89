"""The only place that reads the environment. Everything else is handed what it needs."""

from __future__ import annotations

from pathlib import Path

from pydantic import AwareDatetime, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import BadArgumentError


class Settings(BaseSettings):
    """What an operator may set, by a ``UNDERTOW_`` variable or a line in ``.env``.

    Every setting is optional.
    """

    model_config = SettingsConfigDict(
        env_prefix="UNDERTOW_",
        env_file=".env",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    data: Path | None = Field(default=None, description="a market folder to read")
    discord_token: SecretStr | None = Field(default=None, description="token of the Discord bot")
    discord_channel_id: int | None = Field(
        default=None, description="a Discord channel that gets the note without the panel"
    )
    discord_api_base: str | None = Field(
        default=None, description="Discord's REST at another address, for a proxy or a test"
    )
    discord_gateway_url: str | None = Field(
        default=None, description="Discord's gateway at another address, for a proxy or a test"
    )
    now: AwareDatetime | None = Field(default=None, description="where a rehearsal clock starts")


def read_settings() -> Settings:
    """Read the environment and ``.env``, or say in one sentence which setting is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]).upper().removeprefix("UNDERTOW_")
        raise BadArgumentError(
            f"setting UNDERTOW_{name}: {first['msg']}; .env.example shows every setting"
        ) from error
