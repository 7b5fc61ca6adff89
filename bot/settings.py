"""The only place that reads the environment. Everything else is handed what it needs."""

from __future__ import annotations

import os
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.edition import ESTIMATE_BEFORE_CLOSE
from bot.errors import BadArgumentError

PREFIX = "UNDERTOW_"


class Settings(BaseSettings):
    """What an operator may set, by a ``UNDERTOW_`` variable or a line in ``.env``.

    Every setting is optional. A channel without its settings is off, never half on. A secret
    may lie in a file instead, named by the variable with ``_FILE`` behind it.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
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
    events: Path | None = Field(default=None, description="your file of news, events.csv")
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
    database_url: SecretStr = Field(
        default=SecretStr("var/undertow.sqlite3"), description="a path for SQLite, or a URL"
    )
    secret_key: SecretStr | None = Field(default=None, description="signs links and forms")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = "http://localhost:8080"
    alert_url: SecretStr | None = Field(default=None, description="where troubles are told")
    folder: Path | None = Field(default=None, description="where the folder channel writes")
    blog_folder: Path | None = Field(
        default=None, description="a Hugo or Jekyll site, or the folder of its posts"
    )
    blog_engine: Literal["", "hugo", "jekyll", "plain"] = Field(
        default="", description="what builds the site; empty looks for its configuration"
    )
    blog_git: Literal["", "commit", "push"] = Field(
        default="", description="whether the blog's files are committed, and pushed"
    )
    wordpress_url: str | None = Field(default=None, description="a WordPress site's address")
    wordpress_user: str | None = Field(default=None, description="the account that writes there")
    wordpress_password: SecretStr | None = Field(
        default=None, description="an application password of that account"
    )
    wordpress_category: str = Field(default="", description="the category of the notes there")
    ghost_url: str | None = Field(default=None, description="a Ghost site's address")
    ghost_admin_key: SecretStr | None = Field(
        default=None, description="the Admin API key of a custom integration there"
    )
    webhook_url: SecretStr | None = None
    webhook_secret: SecretStr | None = Field(default=None, min_length=16)
    signups_per_network: int | None = Field(
        default=None, ge=1, description="sign-ups an hour from one network"
    )
    signups_per_domain: int | None = Field(
        default=None, ge=1, description="sign-ups an hour for one mail domain"
    )
    letters_per_hour: int | None = Field(
        default=None, ge=1, description="confirm mails an hour in all"
    )
    letters_per_address: int | None = Field(
        default=None, ge=1, description="confirm mails a day to one address"
    )
    form_seconds: float | None = Field(
        default=None, ge=0.0, description="least seconds a person needs for the form"
    )
    smtp_url: SecretStr | None = Field(default=None, description="the relay that takes the mail")
    mail_from: str | None = Field(default=None, description="whom the mail is from")
    mail_connections: int = Field(default=4, ge=1, le=100, description="lines to the relay at once")
    mail_marker_batch: int = Field(
        default=10, ge=1, le=100, description="messages a line may leave in doubt by a crash"
    )
    postal_address: str | None = Field(default=None, description="where the sender gets letters")
    bounce_url: SecretStr | None = Field(default=None, description="where bounces are read")
    bounce_webhook_secret: SecretStr | None = Field(
        default=None, min_length=16, description="what callers of the bounce webhook must know"
    )
    bounces_per_minute: int | None = Field(
        default=None, ge=1, description="reports a minute from one address to that webhook"
    )
    dkim_key: SecretStr | None = Field(default=None, description="private key that signs mail")
    dkim_selector: str | None = Field(default=None, description="the key's name in the DNS")
    api_requests_per_minute: int | None = Field(
        default=None, ge=1, description="API requests a minute from one address"
    )
    draft_after_close_min: int = Field(default=35, ge=0, description="minutes after the close")
    publish_after_close_min: int = Field(default=75, ge=1, description="minutes after the close")
    revision_at: time = Field(default=time(8, 33), description="New York time of the revision")

    close_estimate_at: time | None = Field(
        default=None, description="New York time of the estimate into the close; empty for none"
    )

    @property
    def estimate_before_close(self) -> timedelta:
        """How long before the bell of a full day an estimate is due, if one is wanted."""
        at = self.close_estimate_at
        if at is None:
            return ESTIMATE_BEFORE_CLOSE
        return timedelta(hours=16 - at.hour, minutes=-at.minute)

    @property
    def draft_after_close(self) -> timedelta:
        """How long after the close a draft is written."""
        return timedelta(minutes=self.draft_after_close_min)

    @property
    def publish_after_close(self) -> timedelta:
        """How long after the close the note goes out."""
        return timedelta(minutes=self.publish_after_close_min)


def reveal(secret: SecretStr | None) -> str | None:
    """Return a secret's text, or None where it is not set."""
    return None if secret is None else secret.get_secret_value()


def read_settings() -> Settings:
    """Read the environment, secret files and ``.env``, or say which setting is wrong.

    Raises
    ------
    BadArgumentError
        In one sentence that never repeats a value.
    """
    try:
        return Settings(**_from_files())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]).upper().removeprefix(PREFIX)
        raise BadArgumentError(
            f"setting {PREFIX}{name}: {first['msg']}; .env.example shows every setting"
        ) from error


def _from_files() -> dict[str, Any]:
    """Read the secrets that lie in files, such as a container's mounted ones."""
    found = {}
    for field, about in Settings.model_fields.items():
        name = f"{PREFIX}{field.upper()}"
        path = os.environ.get(f"{name}_FILE")
        if not path or "SecretStr" not in str(about.annotation):
            continue
        if os.environ.get(name):
            raise BadArgumentError(f"{name} and {name}_FILE are both set; keep one of them")
        try:
            found[field] = Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise BadArgumentError(f"{name}_FILE cannot be read: {error.strerror}") from error
    return found
