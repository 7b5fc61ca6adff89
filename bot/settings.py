"""The only place that reads the environment. Everything else is handed what it needs."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import time, timedelta
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import AwareDatetime, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.edition import ESTIMATE_BEFORE_CLOSE
from bot.errors import BadArgumentError

log = logging.getLogger(__name__)

PREFIX = "UNDERTOW_"
FILE = "_FILE"
ENV_FILE, ENCODING = Path(".env"), "utf-8-sig"
"""An editor may put a byte-order mark before the first name."""

NOT_SETTINGS = frozenset({"UNDERTOW_MARKET", "UNDERTOW_TEST_POSTGRES"})
"""What the tests read; a desk started beside them need not be warned of it."""

LOGIN = re.compile(r"(?<=://)\S*@")
"""User and password of an address: a password may hold any sign, so rather too much than less."""

HIDDEN = "**********"


class Settings(BaseSettings):
    """What an operator may set, by a ``UNDERTOW_`` variable or a line in ``.env``.

    Every setting is optional. A channel without its settings is off, never half on. A secret
    may lie in a file instead, named by the variable with ``_FILE`` behind it. A name that is no
    setting is told and not read.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        env_file_encoding=ENCODING,
        # Other programs' lines may stand in the same file; ours that are misspelt are named.
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
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

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield each setting as it may be shown: an address without who logs in there."""
        for name, value in super().__repr_args__():
            yield name, without_login(value) if isinstance(value, str) else value

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
    for sentence in unknown_settings():
        _warn_once(sentence)
    try:
        return Settings(**_from_files())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]).upper().removeprefix(PREFIX)
        raise BadArgumentError(
            f"setting {PREFIX}{name}: {first['msg']}; .env.example shows every setting"
        ) from error


def unknown_settings() -> list[str]:
    """Return a sentence for each ``UNDERTOW_`` name, in the environment or ``.env``, that is none.

    Nothing follows from such a name, so a slip would go unnoticed until a note is missed. Only
    names are told, never values.
    """
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    secrets = {f"{PREFIX}{field.upper()}{FILE}" for field in _secret_fields()}
    named = {name: "the environment" for name in os.environ} | dict.fromkeys(_env_file(), ".env")
    return [
        _no_setting(name, where, known | secrets)
        for name, where in sorted(named.items())
        if name.upper().startswith(PREFIX) and name.upper() not in known | secrets | NOT_SETTINGS
    ]


def _no_setting(name: str, where: str, known: Iterable[str]) -> str:
    short = {one.removeprefix(PREFIX): one for one in sorted(known)}
    [near] = get_close_matches(name.upper().removeprefix(PREFIX), short, n=1, cutoff=0.0)
    return (
        f"{name} in {where} is no setting and is not read; did you mean {short[near]}? "
        ".env.example shows every setting"
    )


@cache
def _warn_once(sentence: str) -> None:
    """Say a sentence once in a process, however often the settings are read."""
    log.warning(sentence)


def without_login(text: str) -> str:
    """Return a text in which no address shows the user and password it holds.

    >>> without_login("http://ana:word@mirror.example/yahoo")
    'http://**********@mirror.example/yahoo'
    """
    return LOGIN.sub(f"{HIDDEN}@", text)


def _secret_fields() -> list[str]:
    return [name for name, it in Settings.model_fields.items() if "SecretStr" in str(it.annotation)]


def _env_file() -> Mapping[str, str | None]:
    """Return the lines of ``.env``, of all programs that have lines there."""
    return dotenv_values(ENV_FILE, encoding=ENCODING)


def _from_files() -> dict[str, Any]:
    """Read the secrets that lie in files, such as a container's mounted ones."""
    named = {**_env_file(), **os.environ}
    found = {}
    for field in _secret_fields():
        name = f"{PREFIX}{field.upper()}"
        path = named.get(f"{name}{FILE}")
        if not path:
            continue
        if named.get(name):
            raise BadArgumentError(f"{name} and {name}{FILE} are both set; keep one of them")
        try:
            found[field] = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            raise BadArgumentError(f"{name}{FILE} cannot be read: {why}") from error
    return found
