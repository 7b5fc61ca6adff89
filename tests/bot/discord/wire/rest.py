"""The REST half: requests in, simcord's answer or a fault out."""

from __future__ import annotations

import asyncio
import io
import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web
from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.http import router, routes

from tests.bot.discord.wire.faults import SEEN, Fault, Faults, Kind, Limits

__all__ = ["Asked", "Rest", "answer", "routes"]

WITHOUT_TOKEN = ("/interactions/", "/webhooks/")
"""Paths that carry their own secret."""

FOREVER_SECONDS = 3_600.0


@dataclass
class Upload:
    """A file of a request, as simcord wants it."""

    filename: str
    fp: io.BytesIO
    description: str | None = None


@dataclass
class Asked:
    """A line of the log."""

    at: float
    method: str
    path: str
    body: Any
    files: list[str]
    status: int = 0


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return JSON. The library only reads it under exactly this content type."""
    whole = {**(headers or SEEN), "Content-Type": "application/json"}
    return web.Response(body=json.dumps(body, default=str), status=status, headers=whole)


@dataclass
class Rest:
    """Answers requests, remembers nonces, keeps a log."""

    backend: Backend
    token: str
    gateway_url: str = ""
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    log: list[Asked] = field(default_factory=list)
    answered_at: dict[str, float] = field(default_factory=dict)
    _by_nonce: dict[str, Any] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take a request."""
        path = "/" + request.match_info["tail"]
        came_at = time.monotonic()
        body, files = await _read(request)
        line = Asked(came_at, request.method, path, body, [one.filename for one in files])
        self.log.append(line)
        self._note_callback(path, came_at)
        fault = self.faults.take(request.method, path)
        early = await self._before(request, path, fault)
        if early is not None:
            line.status = early.status
            return early
        passes, headers, wait = self.limits.admit(request.method, path)
        if not passes:
            line.status = 429
            return _too_many(headers, wait)
        status, out = self._carry_out(request, path, body, files)
        line.status = status
        return await _after(request, fault, status, out, headers)

    def _note_callback(self, path: str, at: float) -> None:
        parts = path.split("/")
        if parts[1] == "interactions":
            self.answered_at[parts[2]] = at

    async def _before(
        self, request: web.Request, path: str, fault: Fault | None
    ) -> web.Response | None:
        if fault is not None and fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault is not None and fault.kind is Kind.HANG:
            await asyncio.sleep(FOREVER_SECONDS)
        if fault is not None and fault.kind is Kind.DROP:
            return _cut(request)
        if fault is not None and fault.kind is Kind.STATUS:
            return answer(fault.body, fault.status, fault.headers)
        known = request.headers.get("Authorization") == f"Bot {self.token}"
        if not known and not path.startswith(WITHOUT_TOKEN):
            return answer({"message": "401: Unauthorized", "code": 0}, 401)
        return None

    def _carry_out(
        self, request: web.Request, path: str, body: object, files: list[Upload]
    ) -> tuple[int, Any]:
        if path == "/gateway/bot":
            return 200, self._gateway()
        # Discord compares nonces by author, whatever the channel; there is one author here.
        nonce = body.get("nonce") if isinstance(body, dict) and body.get("enforce_nonce") else None
        if nonce is not None and str(nonce) in self._by_nonce:
            return 200, self._by_nonce[str(nonce)]
        try:
            out = router.dispatch(
                self.backend,
                request.method,
                path,
                json=body,
                params=dict(request.query),
                files=files,
                reason=request.headers.get("X-Audit-Log-Reason"),
                message_content_access=False,
            )
        except (router.RouteNotImplemented, router.UnsupportedField) as error:
            return 501, {"message": str(error), "code": 0}
        except BackendError as error:
            return error.status, error.to_json()
        if nonce is not None:
            self._by_nonce[str(nonce)] = out
        return 200, out

    def _gateway(self) -> dict[str, Any]:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": 1, "session_start_limit": limit}


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request)
    raw = await request.read() if request.can_read_body else b""
    return (json.loads(raw) if raw else None), []


async def _read_multipart(request: web.Request) -> tuple[Any, list[Upload]]:
    body: Any = None
    files: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(content)
        else:
            files.append(Upload(part.filename or str(part.name), io.BytesIO(content)))
    for one in (body or {}).get("attachments") or []:
        place = int(one.get("id", -1))
        if 0 <= place < len(files):
            files[place].description = one.get("description")
    return body, files


def _too_many(headers: dict[str, str], wait: float) -> web.Response:
    said = {"message": "You are being rate limited.", "retry_after": wait, "global": False}
    more = {"Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": "user"}
    return answer(said, 429, {**headers, **more})


async def _after(
    request: web.Request, fault: Fault | None, status: int, out: object, headers: dict[str, str]
) -> web.StreamResponse:
    if fault is not None and fault.kind is Kind.DONE_THEN_DROP:
        return _cut(request)
    if fault is not None and fault.kind is Kind.DONE_THEN_HANG:
        await asyncio.sleep(FOREVER_SECONDS)
    if fault is not None and fault.kind is Kind.DONE_THEN_STATUS:
        return answer(fault.body, fault.status, fault.headers)
    if out is None and status == 200:
        return web.Response(status=204, headers=headers)
    return answer(out, status, headers)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
