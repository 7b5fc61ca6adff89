"""Bounces and complaints by webhook: a mail server's report as it is, or an adapter's JSON.

Whoever calls must know the secret, shown as ``Authorization: Bearer …`` or by a signature over
time and body as our own webhook channel writes it. After that every report gets the same answer,
whether it was about one of our deliveries or about none: the answer tells nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from time import monotonic

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from bot.api.limits import RateLimit
from bot.channels.webhook import sign
from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.bounces import Bounce
from bot.mail.bounces import LARGEST_READ, Mark, read_report
from bot.mail.noting import note_report
from bot.mail.told import UnreadableError, read_told

log = structlog.get_logger(__name__)

PER_MINUTE = 600
"""Reports a minute from one address: a provider's after a mailing, and too few to guess."""

CLOCKS_APART = timedelta(minutes=5)
"""How far a signature's time may be from ours; one that was overheard is soon worth nothing."""

REPORT, JSON = "message/rfc822", "application/json"


@dataclass(frozen=True)
class BounceHook:
    """Takes reports from whoever knows ``secret``."""

    ledger: Ledger
    mark: Mark
    secret: str = field(repr=False)
    clock: Clock
    limit: RateLimit = field(default_factory=lambda: RateLimit(usual=PER_MINUTE))

    def router(self) -> APIRouter:
        """Return the one address, to be put into an application."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/bounces/{provider}", self.take, methods=["POST"])
        return router

    async def take(self, request: Request, provider: str) -> Response:
        """Take one report. ``provider`` is the operator's name for who sends it."""
        host = None if request.client is None else request.client.host
        wait = self.limit.wait_seconds(host, monotonic())
        if wait > 0.0:
            return _answer(429, {"retry-after": str(int(wait) + 1)})
        body = await _body(request)
        if body is None:
            return _answer(413)
        if not self._is_known(request, body):
            log.warning("bounce_hook_refused")
            return _answer(401, {"www-authenticate": "Bearer"})
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (REPORT, JSON):
            return PlainTextResponse(f"send {REPORT} or {JSON}\n", 415)
        try:
            bounce = self._read(kind, body)
        except UnreadableError as error:
            return PlainTextResponse(f"{error}; docs/mail.md shows the form\n", 422)
        if bounce is None:
            log.info("bounce_ignored", size=len(body))
        else:
            await note_report(self.ledger, self.mark.key, self.clock, bounce)
        return _answer(202)

    def _read(self, kind: str, body: bytes) -> Bounce | None:
        return read_told(body, self.mark) if kind == JSON else read_report(body, self.mark)

    def _is_known(self, request: Request, body: bytes) -> bool:
        """Whether the caller knows the secret, in a time that tells nothing about it."""
        shown = request.headers.get("authorization", "")
        if shown:
            return _same(shown, f"Bearer {self.secret}")
        moment = request.headers.get("undertow-timestamp", "")
        signature = request.headers.get("undertow-signature", "")
        if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
            return False
        apart = abs(self.clock().timestamp() - int(moment))
        is_now = apart <= CLOCKS_APART.total_seconds()
        return _same(signature, sign(self.secret, moment, body)) and is_now


def _same(shown: str, expected: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8"), expected.encode("utf-8"))


async def _body(request: Request) -> bytes | None:
    """Return what was sent, nothing if it is more than a report ever is."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_READ:
            return None
    return body


def _answer(status: int, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{HTTPStatus(status).phrase}\n", status, headers)
