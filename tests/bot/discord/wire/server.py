"""Backend, REST and gateway behind one port."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from simcord import interactions
from simcord.backend import Backend, serializers
from simcord.backend.models import Interaction

from tests.bot.discord.wire.faults import Fault, Limit
from tests.bot.discord.wire.gateway import Gateway
from tests.bot.discord.wire.rest import Asked, Rest

TOKEN = "wire.token"  # noqa: S105 - of a server that runs on the loopback for a test
BIGGEST_REQUEST_BYTES = 64 << 20
COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4
BUTTON, SELECT = 2, 3


class WireServer:
    """A Discord of our own on the loopback.

    ``backend`` is where guilds, channels and users are made; ``rest.log`` is what was asked.
    """

    def __init__(self, backend: Backend | None = None, port: int = 0) -> None:
        self.backend = backend or Backend()
        self.rest = Rest(self.backend, TOKEN)
        self.gateway = Gateway(self.backend, TOKEN)
        self.port = port

    @property
    def api_base(self) -> str:
        """Where REST is."""
        return f"http://127.0.0.1:{self.port}/api/v10"

    async def __aenter__(self) -> Self:
        """Open the port."""
        app = web.Application(client_max_size=BIGGEST_REQUEST_BYTES)
        app.router.add_route("*", "/api/v10/{tail:.*}", self.rest.handle)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        self.rest.gateway_url = self.gateway.url = f"ws://127.0.0.1:{self.port}/gateway/"
        self.backend.subscribers.append(self.gateway.broadcast)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.gateway.close()
        await self._runner.cleanup()

    def fault(self, fault: Fault) -> None:
        """Let requests fail."""
        self.rest.faults.waiting.append(fault)

    def limit(self, method: str, path: str, requests: int, seconds: float) -> None:
        """Let only so many requests through."""
        self.rest.limits.rules.append(Limit(method, path, requests, seconds))

    def asked(self, method: str, path_end: str) -> list[Asked]:
        """Return the requests of a kind, in order."""
        return [
            one for one in self.rest.log if one.method == method and one.path.endswith(path_end)
        ]

    def messages(self, channel_id: int) -> list[dict[str, Any]]:
        """Return what stands in a channel."""
        return [
            dict(serializers.message_payload(self.backend, message))
            for message in self.backend.messages.get(channel_id, {}).values()
        ]

    async def act(
        self,
        kind: int,
        place: tuple[int, int],
        data: dict[str, Any],
        *,
        message_id: int | None = None,
        wait_seconds: float = 5.0,
    ) -> Interaction:
        """Let a user (``place`` is channel and user) do something, and wait for the answer."""
        channel_id, user_id = place
        channel = self.backend.get_channel(channel_id)
        record, payload = interactions.base_payload(
            self.backend,
            type=kind,
            channel_id=channel_id,
            guild_id=channel.guild_id,
            user_id=user_id,
            data=data,
        )
        if message_id is not None:
            record.source_message_id = message_id
            stored = self.backend.get_message(channel_id, message_id)
            payload["message"] = serializers.message_payload(self.backend, stored)
        self.backend.emit("INTERACTION_CREATE", payload)
        until = time.monotonic() + wait_seconds
        while time.monotonic() < until and not record.responded:
            await asyncio.sleep(0.005)
        return record

    def command(
        self, channel_id: int, name: str, options: dict[str, Any], focused: str | None = None
    ) -> dict[str, Any]:
        """Return a slash command as Discord sends it."""
        first, *rest = name.split()
        guild_id = self.backend.get_channel(channel_id).guild_id
        root = self.backend.find_command(first, guild_id)
        if root is None:
            raise LookupError(f"/{first} was never synced; the bot must sync its commands first")
        leaf, nesting = interactions.walk_to_subcommand(root, rest)
        kinds = {one["name"]: one["type"] for one in leaf.get("options") or []}
        given = [
            {"name": k, "type": kinds[k], "value": v} | ({"focused": True} if k == focused else {})
            for k, v in options.items()
        ]
        nested = interactions.nest_options(root, nesting, given)
        # A command that one guild alone has says so.
        where = {"guild_id": root["guild_id"]} if root.get("guild_id") else {}
        return {"id": root["id"], "name": root["name"], "type": 1, "options": nested, **where}

    async def slash(self, place: tuple[int, int], name: str, /, **options: object) -> Interaction:
        """Let a user give a command."""
        return await self.act(COMMAND, place, self.command(place[0], name, options))

    async def complete(self, place: tuple[int, int], name: str, option: str, typed: str) -> object:
        """Let a user begin to type an option, and return the choices offered."""
        data = self.command(place[0], name, {option: typed}, option)
        return (await self.act(AUTOCOMPLETE, place, data)).autocomplete_choices

    async def click(self, place: tuple[int, int], message_id: int, custom_id: str) -> Interaction:
        """Let a user press a button."""
        data = {"custom_id": custom_id, "component_type": BUTTON}
        return await self.act(COMPONENT, place, data, message_id=message_id)
