"""WordPress's REST API: where it is, how to sign in, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack
from urllib.parse import urlsplit

import httpx

from bot.blogs.faults import BlogError
from bot.blogs.web import Answer, Request, Web, patience

SETTING = "UNDERTOW_WORDPRESS_URL"
HOW_TO_RETRY = "then `undertow deliveries retry`"

Json = Mapping[str, Any]


@dataclass(frozen=True)
class WordPressApi:
    """One site's REST API and the account that uses it."""

    url: str
    user: str
    password: str = field(repr=False)
    timeout: httpx.Timeout = field(default_factory=patience)
    _roots: list[str] = field(default_factory=list, repr=False)
    _offers_passwords: list[bool] = field(default_factory=list, repr=False)

    @property
    def site(self) -> str:
        """The site's host and folder, without anything secret."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"

    async def ask(self, method: str, path: str, **request: Unpack[Request]) -> Json:
        """Return the object of a good answer, or raise `BlogError`."""
        url, signed = await self._signed(path, request)
        found = await self._web.ask(method, url, **signed)
        if not isinstance(found, dict):
            raise BlogError(f"WordPress answered {path} with no object", "unreadable")
        return found

    async def list(self, path: str, **params: str) -> Sequence[Json]:
        """Return the objects that fit."""
        url, signed = await self._signed(path, {"params": params})
        found = await self._web.ask("GET", url, **signed)
        if not isinstance(found, list):
            raise BlogError(f"WordPress answered {path} with no list", "unreadable")
        return found

    async def fetch(self, method: str, path: str, **request: Unpack[Request]) -> Answer:
        """Return whatever answer comes, refusals included."""
        url, signed = await self._signed(path, request)
        return await self._web.fetch(method, url, **signed)

    def refuse(self, answer: Answer) -> None:
        """Raise `BlogError` for every answer that is not a good one."""
        self._web.refuse(answer)

    @property
    def _web(self) -> Web:
        return Web("WordPress", SETTING, self._explain, self.timeout)

    async def _signed(self, path: str, request: Request) -> tuple[str, Request]:
        """Return a request's address, and the request with its signature."""
        root = await self._root()
        signed: Request = {**request, "auth": httpx.BasicAuth(self.user, self.password)}
        start, query, _ = root.partition("?")
        if not query:
            return f"{root}wp/v2/{path}", signed
        signed["params"] = {"rest_route": f"/wp/v2/{path}", **request.get("params", {})}
        return start, signed

    async def _root(self) -> str:
        """Return where the API is: under a name, or where links are plain, in the query."""
        if self._roots:
            return self._roots[0]
        base = self.url.rstrip("/")
        for root in (f"{base}/wp-json/", f"{base}/?rest_route=/"):
            answer = await self._web.fetch("GET", root)
            if "wp/v2" in answer.fields.get("namespaces", ()):
                self._roots.append(root)
                offered = answer.fields.get("authentication") or {}
                self._offers_passwords.append("application-passwords" in offered)
                return root
            if answer.status not in (200, 404, 403):
                self._web.refuse(answer)
        raise BlogError(
            f"no WordPress REST API at {base}/wp-json/ nor at {base}/?rest_route=/ (answered "
            f"{answer.status}{', a web page' if answer.is_page else ''}); {SETTING} must be the "
            "site's address, and no plugin may switch its REST API off",
            "no api",
            permanent=True,
        )

    def _explain(self, answer: Answer) -> BlogError:
        """Say what a refusal means and what to change."""
        said = str(answer.fields.get("code", ""))[:60]
        code = str(answer.status)
        if answer.status == 401:
            return BlogError(f"{self._password_words()}, {HOW_TO_RETRY}", code, permanent=True)
        if answer.status == 403 and not said:
            words = (
                "WordPress's server answered 403 before WordPress did: a firewall or security "
                "plugin blocks the REST API; allow this machine's address"
            )
            return BlogError(f"{words}, {HOW_TO_RETRY}", code, permanent=True)
        if answer.status == 403:
            return BlogError(self.lacking(said), code, permanent=True)
        if answer.status == 413:
            words = "WordPress takes no file so large; raise upload_max_filesize and post_max_size"
            return BlogError(f"{words}, {HOW_TO_RETRY}", code, permanent=True)
        message = str(answer.fields.get("message", ""))[:160]
        words = f"WordPress answered {code} {said} {message}".strip()
        return BlogError(words, code, permanent=True)

    def lacking(self, what: str) -> str:
        """Say that the account's role is too low."""
        return (
            f"the WordPress account {self.user} may not do this ({what}); give it the role "
            f"Author or Editor (Users, Edit), {HOW_TO_RETRY}"
        )

    def _password_words(self) -> str:
        if self._offers_passwords and not self._offers_passwords[0]:
            return (
                "WordPress offers no application passwords here: they need https, and no plugin "
                "that switches them off; put that right"
            )
        return (
            f"WordPress does not know the account {self.user} with this application password; "
            "make a new one (Users, Profile, Application Passwords; the login password does not "
            "work) and set UNDERTOW_WORDPRESS_PASSWORD, or let the web server pass the "
            "Authorization header on"
        )
