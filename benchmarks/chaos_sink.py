"""A far side that misbehaves: it refuses, falls silent, or takes a note and hangs up.

It keeps count of what it really got, which is what the ledger's words are held against.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

REFUSE, SILENT, DROP = 0.10, 0.05, 0.10
"""How often it answers 503, answers nothing, or takes the note and hangs up [fraction]."""

SILENCE_SECONDS = 1.0
KEPT = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Sink:
    """What arrived, by delivery key: the hash of each body, in order."""

    rng: np.random.Generator
    got: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, well or badly; a sender that was killed is simply gone."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            writer.write(await self._answer(head[0], headers, body))
            await writer.drain()
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    async def _answer(self, request: str, headers: Mapping[str, str], body: bytes) -> bytes:
        key = headers["undertow-delivery"]
        if request.startswith("GET"):
            return KEPT if key in self.got else NOT_FOUND
        mood = self.rng.random()
        if mood < REFUSE:
            return BUSY
        if mood < REFUSE + SILENT:
            if self.rng.random() < 0.5:
                self._keep(key, body)
            await asyncio.sleep(SILENCE_SECONDS)
            return b""
        self._keep(key, body)
        return b"" if mood < REFUSE + SILENT + DROP else KEPT

    def _keep(self, key: str, body: bytes) -> None:
        self.got[key].append(hashlib.sha256(body).hexdigest())


@asynccontextmanager
async def running_sink(seed: int) -> AsyncIterator[Sink]:
    """Run a sink on loopback."""
    sink = Sink(np.random.default_rng(seed))
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    async with server:
        yield sink
        # Let those it is still silent to go their way.
        await asyncio.sleep(SILENCE_SECONDS + 0.2)
