"""The only place that reads the environment. Everything else is handed what it needs."""

from __future__ import annotations

from pathlib import Path

from pydantic import AwareDatetime, Field, ValidationError
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
    archive: Path = Field(
        default=Path("var/archive"), description="where fetched data is kept, one folder"
    )
    sources_off: str = Field(default="", description="sources not to ask, with commas between")
    members: Path | None = Field(default=None, description="your own list of S&P 500 members")
    yahoo_url: str = Field(default="", description="address in place of Yahoo's own")
    cboe_url: str = Field(default="https://cdn.cboe.com", description="Cboe's file server")
    finra_url: str = Field(default="https://cdn.finra.org", description="FINRA's file server")
    finra_api_url: str = Field(default="https://api.finra.org", description="FINRA's data service")
    cftc_url: str = Field(
        default="https://publicreporting.cftc.gov", description="the CFTC's data service"
    )
    squeezemetrics_url: str = Field(
        default="https://squeezemetrics.com", description="where DIX.csv lies"
    )
    proshares_url: str = Field(
        default="https://accounts.profunds.com", description="ProShares' fund files"
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
