"""Ask a blog's API over HTTP, and turn whatever comes back into an answer or a `BlogError`.

Nothing is followed and nothing is guessed: a redirect would carry the password elsewhere, and a
web page where JSON should be means that something stands between us and the blog.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

import httpx

from bot.blogs.faults import BlogError
from bot.channels.webhook import retry_after

ANSWER_LIMIT_BYTES = 8_000_000
LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524})


def patience() -> httpx.Timeout:
    """Return how long to wait for a blog [s]."""
    return httpx.Timeout(30.0, connect=10.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a blog answered, read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether it is a web page and not an API's answer."""
        return "html" in self.headers.get("Content-Type", "")

    @property
    def fields(self) -> Mapping[str, Any]:
        """The JSON object, empty where there is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Request(TypedDict, total=False):
    """The parts of a request, as httpx knows them."""

    params: Mapping[str, str]
    headers: Mapping[str, str]
    json: Mapping[str, object]
    data: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes, str]]
    auth: httpx.Auth


Explain = Callable[[Answer], BlogError]
"""Says what a refusal means."""


@dataclass(frozen=True)
class Web:
    """One blog's API. ``setting`` is where its address comes from, for the sentences."""

    blog: str
    setting: str
    explain: Explain
    timeout: httpx.Timeout = field(default_factory=patience)

    async def ask(self, method: str, url: str, **request: Unpack[Request]) -> object:
        """Return the JSON of a good answer.

        Raises
        ------
        BlogError
            For everything else.
        """
        answer = await self.fetch(method, url, **request)
        self.refuse(answer)
        try:
            found: object = json.loads(answer.body)
        except ValueError as error:
            what = "a web page" if answer.is_page else "something unreadable"
            raise BlogError(
                f"{self.blog} answered with {what} where JSON was expected: a cache, a firewall "
                f"or a maintenance page may stand in between, or {self.setting} is not the "
                "blog's address",
                "not json",
            ) from error
        return found

    async def fetch(self, method: str, url: str, **request: Unpack[Request]) -> Answer:
        """Return whatever answer comes."""
        host = urlsplit(url).hostname or ""
        try:
            # No proxy and no netrc of the machine: the request holds a password.
            async with (
                httpx.AsyncClient(timeout=self.timeout, trust_env=False, verify=_tls()) as client,
                client.stream(method, url, follow_redirects=False, **request) as answer,
            ):
                return Answer(answer.status_code, answer.headers, await self._read(answer))
        except httpx.TimeoutException as error:
            raise BlogError(f"{host} did not answer in time", "timeout") from error
        except httpx.TransportError as error:
            problem = str(error)[:120] or type(error).__name__
            raise BlogError(f"no connection to {host}: {problem}", "connect") from error
        except (httpx.InvalidURL, httpx.DecodingError) as error:
            raise BlogError(f"{host} cannot be asked: {error}", "unreadable") from error

    async def _read(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > ANSWER_LIMIT_BYTES:
                raise BlogError(f"{self.blog}'s answer has no end", "too long")
        return bytes(body)

    def refuse(self, answer: Answer) -> None:
        """Raise for every answer that is not a good one."""
        if 200 <= answer.status < 300:
            return
        code = str(answer.status)
        if 300 <= answer.status < 400:
            raise BlogError(
                f"{self.blog} redirects to {_place(answer.headers.get('Location', ''))}; "
                f"set {self.setting} to the address it redirects to",
                code,
                permanent=True,
            )
        if answer.status in LATER:
            raise BlogError(f"{self.blog} answered {code}", code, after=retry_after(answer.headers))
        raise self.explain(answer)


def _place(location: str) -> str:
    # Only where it leads: the rest of the address may hold a secret.
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "another page"


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Reading all the world's certificates takes longer than a post does, so once is enough.
    return httpx.create_ssl_context(trust_env=False)
