"""Run a small web server beside a test, with faults that it is told of."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

Handle = Callable[[Request], Awaitable[Response]]

LONG_SECONDS = 1.4
"""Longer than the tests' clients wait."""


@dataclass
class Faulty:
    """Puts faults in front of, or behind, what a server does.

    ``faults`` are used up in order by requests whose ``METHOD path`` contains their first part.
    """

    faults: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: Request, handle: Handle) -> Response:
        """Answer one request."""
        await request.body()
        line = f"{request.method} {request.url.path}"
        self.asked.append(line)
        fault = self._fault(line)
        if fault == "slow":
            answer = await handle(request)
            await asyncio.sleep(LONG_SECONDS)
            return answer
        if fault == "500 after":
            await handle(request)
            return HTMLResponse("<h1>There has been a critical error</h1>", 500)
        return instead_of(fault) or await handle(request)

    def _fault(self, line: str) -> str:
        for number, (where, fault) in enumerate(self.faults):
            if where in line:
                self.faults.pop(number)
                return fault
        return ""


def instead_of(fault: str) -> Response | None:
    """Return what a fault answers without doing anything."""
    match fault:
        case "html":
            return HTMLResponse("<!doctype html><title>Back soon</title>")
        case "redirect":
            return RedirectResponse("https://blog.example/secret-path", 301)
        case "firewall":
            return HTMLResponse("<h1>Blocked</h1>", 403)
        case "busy":
            return JSONResponse({}, 429, {"Retry-After": "1800"})
        case "gone away":
            return JSONResponse({}, 502)
        case "garbage":
            return JSONResponse({"posts": [], "id": None})
    return None


async def form_of(request: Request) -> dict[str, tuple[str, bytes]]:
    """Return a form's fields, each with the name of its file and its content."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + await request.body()).get_payload()
    assert isinstance(parts, list)
    fields = {}
    for part in parts:
        assert isinstance(part, Message)
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        name = str(part.get_param("name", header="Content-Disposition"))
        fields[name] = (part.get_filename() or "", body)
    return fields


@contextmanager
def serving(handle: Handle, port: int = 0) -> Iterator[str]:
    """Give the address of a running server."""
    route = Route("/{path:path}", handle, methods=["GET", "POST", "PUT", "DELETE", "HEAD"])
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    config = uvicorn.Config(
        Starlette(routes=[route]),
        log_config=None,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    listener.listen()
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
