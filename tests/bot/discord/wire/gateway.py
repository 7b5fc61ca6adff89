"""The gateway half: sessions that can be resumed, and sockets that can be lost."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from simcord.backend import Backend, serializers

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
HEARTBEAT_MS = 41_250
AUTHENTICATION_FAILED = 4004


@dataclass
class Socket:
    """One connection; with compression, one stream for all it says."""

    ws: web.WebSocketResponse
    request: web.Request
    stream: Any = None

    async def say(self, payload: dict[str, Any]) -> None:
        """Send a payload, if anybody still listens."""
        raw = json.dumps(payload, default=str).encode()
        try:
            if self.stream is not None:
                whole = self.stream.compress(raw) + self.stream.flush(zlib.Z_SYNC_FLUSH)
                await self.ws.send_bytes(whole)
            else:
                await self.ws.send_str(raw.decode())
        except (ConnectionError, RuntimeError):
            return


@dataclass
class Session:
    """What outlives a connection: everything said, for whoever resumes."""

    id: str
    said: list[dict[str, Any]] = field(default_factory=list)
    socket: Socket | None = None


@dataclass
class Gateway:
    """Accepts connections and tells them what happens in the backend."""

    backend: Backend
    token: str
    url: str = ""
    refusals: int = 0
    """That many of the next handshakes are answered with 503."""

    sessions: dict[str, Session] = field(default_factory=dict)
    heard: list[tuple[int, Any]] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _count: int = 0

    def broadcast(self, event: str, payload: Mapping[str, Any]) -> None:
        """Tell every session of an event; one that is away hears it when it resumes."""
        for session in list(self.sessions.values()):
            self._dispatch(session, event, dict(payload))

    def _dispatch(self, session: Session, event: str, data: dict[str, Any]) -> None:
        message = {"op": DISPATCH, "t": event, "s": len(session.said) + 1, "d": data}
        session.said.append(json.loads(json.dumps(message, default=str)))
        if session.socket is not None and not session.socket.ws.closed:
            task = asyncio.get_running_loop().create_task(session.socket.say(session.said[-1]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take a connection."""
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503, text="no gateway today")
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        packed = request.query.get("compress") == "zlib-stream"
        socket = Socket(ws, request, zlib.compressobj() if packed else None)
        await socket.say({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                await self._hear(socket, json.loads(message.data))
        return ws

    async def _hear(self, socket: Socket, said: dict[str, Any]) -> None:
        op, data = int(said["op"]), said.get("d")
        self.heard.append((op, data))
        if op == HEARTBEAT:
            await socket.say({"op": ACK})
        elif op == IDENTIFY and data is not None:
            await self._identify(socket, data)
        elif op == RESUME and data is not None:
            await self._resume(socket, data)

    async def _identify(self, socket: Socket, data: dict[str, Any]) -> None:
        if data["token"] != self.token:
            await socket.ws.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
            return
        self._count += 1
        session = Session(f"session-{self._count}", socket=socket)
        self.sessions[session.id] = session
        guilds = list(self.backend.guilds.values())
        ready = {
            "v": 10,
            "user": dict(serializers.user_payload(self.backend.bot_user)),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": data.get("shard") or [0, 1],
            "application": {"id": str(self.backend.application_id), "flags": 0},
        }
        self._dispatch(session, "READY", ready)
        for guild in guilds:
            self._dispatch(
                session, "GUILD_CREATE", dict(serializers.guild_create_payload(self.backend, guild))
            )

    async def _resume(self, socket: Socket, data: dict[str, Any]) -> None:
        session = self.sessions.get(data["session_id"])
        if session is None:
            await socket.say({"op": INVALID, "d": False})
            return
        session.socket = socket
        for message in list(session.said):
            if message["s"] > (data["seq"] or 0):
                await socket.say(message)
        self._dispatch(session, "RESUMED", {})

    async def lose_sockets(
        self, code: int | None = None, *, ask: bool = False, forget: bool = False
    ) -> None:
        """Cut every connection: with a close code, by asking for it, or, without either, raw.

        With ``forget`` their sessions cannot be resumed.
        """
        for session in list(self.sessions.values()):
            socket, session.socket = session.socket, None
            if forget:
                self.sessions.pop(session.id)
            if socket is None or socket.ws.closed:
                continue
            if ask:
                await socket.say({"op": RECONNECT, "d": None})
            elif code is not None:
                await socket.ws.close(code=code)
            elif socket.request.transport is not None:
                socket.request.transport.abort()

    async def close(self) -> None:
        """Say goodbye to everyone."""
        for session in self.sessions.values():
            if session.socket is not None and not session.socket.ws.closed:
                await session.socket.ws.close()
