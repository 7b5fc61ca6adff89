"""What every answer tells the browser: run nothing, fetch nothing, pass nothing on."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from templates.reader_pages import style_hash

PAGE_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src {style_hash()}",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""Of the newsletter's pages; any other page brings its own."""

FOR_ALL = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), interest-cohort=(), microphone=()",
    # A page's address may hold a reader's secret: no other site is told where a click came from.
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

FOR_HTTPS = {"strict-transport-security": "max-age=31536000"}

OF_READERS = {
    "content-security-policy": PAGE_POLICY,
    # Back and reload must show what is so now, and no cache may keep a page with a secret link.
    "cache-control": "no-store",
}
"""What the newsletter's pages add."""


@dataclass(frozen=True)
class SecureHeaders:
    """Adds to every answer the headers it does not bring itself."""

    app: ASGIApp
    https: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (FOR_ALL | (FOR_HTTPS if self.https else {})).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)
