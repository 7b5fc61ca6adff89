"""Ghost's Admin API: the signature it asks for, and what its refusals mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Unpack
from urllib.parse import urlsplit

import httpx

from bot.blogs.faults import BlogError
from bot.blogs.web import Answer, Request, Web, patience
from bot.clock import Clock, real_clock

SETTING = "UNDERTOW_GHOST_URL"
KEY_SETTING = "UNDERTOW_GHOST_ADMIN_KEY"
HOW_TO_RETRY = "then `undertow deliveries retry`"
VERSION = "v5.0"
"""The oldest API we speak; newer Ghosts answer it as well."""

TOKEN_LIFE = timedelta(minutes=5)
AUDIENCE = "/admin/"

Json = Mapping[str, Any]


@dataclass(frozen=True)
class GhostApi:
    """One site's Admin API.

    Parameters
    ----------
    url
        The site's address.
    key
        The Admin API key of a custom integration: an id, a colon, and a secret of 64 hex digits.

    Raises
    ------
    ValueError
        If the key has another form.
    """

    url: str
    key: str = field(repr=False)
    timeout: httpx.Timeout = field(default_factory=patience)
    clock: Clock = real_clock

    def __post_init__(self) -> None:
        number, _, secret = self.key.partition(":")
        try:
            whole = bool(number) and len(bytes.fromhex(secret)) >= 16
        except ValueError:
            whole = False
        if not whole:
            raise ValueError(
                "the Ghost Admin API key is an id, a colon and hex digits; copy the one named "
                "Admin API key (Settings, Integrations), not the Content API key"
            )

    @property
    def site(self) -> str:
        """The site's host and folder, without anything secret."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"

    async def ask(self, method: str, path: str, **request: Unpack[Request]) -> Json:
        """Return the object of a good answer, or raise `BlogError`."""
        url, signed = self._signed(path, request)
        found = await self._web.ask(method, url, **signed)
        if not isinstance(found, dict):
            raise BlogError(f"Ghost answered {path} with no object", "unreadable")
        return found

    async def fetch(self, method: str, path: str, **request: Unpack[Request]) -> Answer:
        """Return whatever answer comes, refusals included."""
        url, signed = self._signed(path, request)
        return await self._web.fetch(method, url, **signed)

    async def has_file(self, url: str) -> bool:
        """Say whether a picture can be had at an address. Nothing secret is sent along."""
        answer = await self._web.fetch("GET", url)
        return answer.status == 200 and answer.headers.get("Content-Type", "").startswith("image/")

    def refuse(self, answer: Answer) -> None:
        """Raise `BlogError` for every answer that is not a good one."""
        self._web.refuse(answer)

    @property
    def _web(self) -> Web:
        return Web("Ghost", SETTING, _explain, self.timeout)

    def _signed(self, path: str, request: Request) -> tuple[str, Request]:
        url = f"{self.url.rstrip('/')}/ghost/api/admin/{path}/"
        headers = {
            "Authorization": f"Ghost {token(self.key, int(self.clock().timestamp()))}",
            "Accept-Version": VERSION,
        }
        return url, {**request, "headers": headers}


def token(key: str, now: int) -> str:
    """Return a signed token of five minutes' life (JSON Web Token, HS256).

    Parameters
    ----------
    key
        Id and hex secret, with a colon between.
    now
        The time [s since 1970].

    References
    ----------
    Jones, M., Bradley, J. and Sakimura, N. (2015). JSON Web Token. RFC 7519.
    """
    number, _, secret = key.partition(":")
    head = {"alg": "HS256", "kid": number, "typ": "JWT"}
    claims = {"iat": now, "exp": now + int(TOKEN_LIFE.total_seconds()), "aud": AUDIENCE}
    signed = f"{_packed(head)}.{_packed(claims)}"
    digest = hmac.new(bytes.fromhex(secret), signed.encode("ascii"), hashlib.sha256).digest()
    return f"{signed}.{_url_safe(digest)}"


def _packed(fields: Mapping[str, object]) -> str:
    return _url_safe(json.dumps(fields, separators=(",", ":")).encode())


def _url_safe(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")


def _explain(answer: Answer) -> BlogError:
    """Say what a refusal means and what to change."""
    code = str(answer.status)
    errors = answer.fields.get("errors") or [{}]
    said = " ".join(str(errors[0].get(part) or "") for part in ("message", "context"))[:200].strip()
    if answer.status == 401:
        words = (
            f"Ghost does not take the key ({said}); set {KEY_SETTING} to the Admin API key of "
            "a custom integration (Settings, Integrations), and check this machine's clock"
        )
    elif answer.status == 403:
        words = (
            f"Ghost refuses the integration ({said or 'no reason given'}); it may have been "
            "limited by your plan, or a firewall stands in between"
        )
    elif answer.status == 404 and not answer.fields:
        words = (
            f"no Ghost Admin API there; {SETTING} must be the site's address, the one before /ghost"
        )
    elif answer.status == 413:
        words = "Ghost's web server takes no file so large; raise client_max_body_size"
    else:
        words = f"Ghost answered {code} {said}".strip()
    return BlogError(f"{words}, {HOW_TO_RETRY}", code, permanent=True)
