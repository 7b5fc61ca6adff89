"""A whole `undertow serve` in a process of its own, beside a Discord on the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bot.discord.test_ops import given
from tests.bot.discord.wire import TOKEN, WireServer

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 600.0
"""A loaded machine takes its time; what is asked for is what comes, not how soon."""


@dataclass(frozen=True)
class House:
    """A desk's folder, its market folder and its Discord."""

    home: Path
    market: Path
    wire: WireServer

    @asynccontextmanager
    async def serving(self, begins: str, **more: str) -> AsyncIterator[str]:
        """Run the program as an operator does, from a moment on, and give its pages' address.

        ``more`` are settings without their prefix.
        """
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            port = asked.getsockname()[1]
        plain = {name: value for name, value in os.environ.items() if "UNDERTOW" not in name}
        settings = {
            "DATA": str(self.market),
            "NOW": begins,
            "FOLDER": "notes",
            "PORT": str(port),
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_BASE": self.wire.api_base,
            "DISCORD_GATEWAY_URL": self.wire.gateway.url,
            **more,
        }
        prefixed = {f"UNDERTOW_{name}": value for name, value in settings.items()}
        desk = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "undertow", "serve"),
            cwd=self.home,
            env={**plain, **prefixed, "PYTHONPATH": str(ROOT)},
        )
        try:
            yield f"http://127.0.0.1:{port}"
            desk.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(desk.wait(), PATIENCE_SECONDS) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                desk.kill()

    def finished(self) -> list[str]:
        """Return what is done, and what was sent on which channel, by session and kind."""
        address = f"file:{self.home}/var/undertow.sqlite3?mode=ro"
        try:
            with contextlib.closing(sqlite3.connect(address, uri=True)) as ledger:
                runs = ledger.execute("SELECT session, kind FROM runs WHERE state = 'done'")
                sent = ledger.execute(
                    "SELECT session, edition || ' on ' || channel FROM deliveries "
                    "WHERE state = 'sent'"
                )
                return [f"{session} {what}" for session, what in [*runs, *sent]]
        except sqlite3.OperationalError:
            return []

    async def until(self, *wanted: str) -> None:
        """Wait until all that is wanted is done or sent, and Discord knows the commands."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not set(wanted) <= set(self.finished()):
                await asyncio.sleep(0.2)
            while self.wire.backend.find_command("flow", None) is None:
                await asyncio.sleep(0.2)

    async def told(self, who: tuple[int, int], words: str) -> str:
        """Ask `/flow today` until the answer has some words: the bot looks at times only."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while words not in (said := await given(self.wire, who, "flow today")):
                await asyncio.sleep(1.0)
        return said

    def notes(self) -> list[str]:
        """Return the files of the folder channel."""
        return sorted(path.name for path in (self.home / "notes").iterdir())
