"""How the API answers: JSON with a version mark, problems as RFC 9457 has them, for any origin."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from bot.api.limits import RateLimit
from bot.site.router import is_known

JSON, PROBLEM = "application/json", "application/problem+json"

OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Anyone's page may read the API: it holds nothing that is not public."""

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ProblemError(Exception):
    """A question that cannot be answered, with its status and what to do instead."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    told = {**OPEN, "Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status.value, told, media_type=PROBLEM)


def answer(
    request: Request, body: object, *, raw: bytes | None = None, links: str = ""
) -> Response:
    """Return a body as JSON, or that the asker has it already; ``raw`` is JSON as it stands."""
    text = orjson.dumps(body) if raw is None else raw
    etag = f'W/"{hashlib.sha256(text).hexdigest()[:24]}"'
    headers = {**OPEN, "ETag": etag, "Cache-Control": "public, max-age=60"}
    if links:
        headers["Link"] = links
    if is_known(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(text, 200, headers, media_type=JSON)


def limited_route(limit: RateLimit, seconds: Callable[[], float]) -> type[APIRoute]:
    """Return a kind of route that keeps a limit and tells every refusal as a problem."""

    class LimitedRoute(APIRoute):
        """A route of the API; who asks for the head alone is answered like who asks for all."""

        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            """Say whether a question is for this route."""
            return super().matches(_as_get(scope))

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            """Answer a question."""
            # The server leaves the body of the answer out by itself.
            await super().handle(_as_get(scope), receive, send)

        def get_route_handler(self) -> Handler:
            """Return the handler with its limit and its refusals."""
            handle = super().get_route_handler()

            async def handled(request: Request) -> Response:
                host = None if request.client is None else request.client.host
                wait = limit.wait_seconds(host, seconds())
                if wait > 0.0:
                    return _too_many(wait)
                return await _told(handle, request)

            return handled

    return LimitedRoute


def _as_get(scope: Scope) -> Scope:
    return {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope


async def _told(handle: Handler, request: Request) -> Response:
    try:
        return await handle(request)
    except RequestValidationError as error:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, _sentence(error))
    except ProblemError as error:
        return problem(error.status, str(error), error.headers)
    except HTTPException as error:
        return problem(HTTPStatus(error.status_code), str(error.detail), error.headers)


def _too_many(wait: float) -> Response:
    whole = math.ceil(wait)
    detail = f"too many requests; ask again in {whole} s, and keep what you were given (ETag)"
    return problem(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(whole)})


def _sentence(error: RequestValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}; /api/v1/openapi.json says what is expected"
