"""A whole `undertow serve` on a real afternoon: the estimate before the bell, then the note."""

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

import httpx
import pytest

from tests.bot.discord.test_ops import given
from tests.bot.discord.wire import TOKEN, WireServer

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 600.0
"""A loaded machine takes its time; what is asked for is what comes, not how soon."""

AT_THE_TIME_SET, IN_THE_EVENING = "2025-04-09T15:35:00-04:00", "2025-04-09T17:15:00-04:00"


@dataclass(frozen=True)
class House:
    """A desk's folder, its market folder and its Discord."""

    home: Path
    market: Path
    wire: WireServer

    @asynccontextmanager
    async def serving(self, begins: str) -> AsyncIterator[str]:
        """Run the program as an operator does, from a moment on, and give its pages' address."""
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            port = asked.getsockname()[1]
        plain = {name: value for name, value in os.environ.items() if "UNDERTOW" not in name}
        settings = {
            "DATA": str(self.market),
            "NOW": begins,
            "CLOSE_ESTIMATE_AT": "15:35",
            # Late enough that the note of the day before has no revision in the afternoon.
            "REVISION_AT": "22:00",
            "FOLDER": "notes",
            "PORT": str(port),
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_BASE": self.wire.api_base,
            "DISCORD_GATEWAY_URL": self.wire.gateway.url,
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
        """Return what is done and what is sent, by session and kind, in the order of beginning."""
        address = f"file:{self.home}/var/undertow.sqlite3?mode=ro"
        try:
            with contextlib.closing(sqlite3.connect(address, uri=True)) as ledger:
                runs = ledger.execute("SELECT session, kind FROM runs WHERE state = 'done'")
                sent = ledger.execute("SELECT session, state FROM deliveries WHERE state = 'sent'")
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


async def page(address: str) -> str:
    """Return the page that shows the latest note."""
    async with httpx.AsyncClient(trust_env=False, timeout=60.0) as client:
        return (await client.get(address)).raise_for_status().text


@pytest.mark.slow
async def test_a_served_afternoon_has_the_estimate_for_those_who_ask_and_the_note_for_all(
    market_folder: Path, wire: WireServer, guild: int, place: int, tmp_path: Path
) -> None:
    house = House(tmp_path, market_folder, wire)
    reader = int(wire.backend.make_user("alice").id)
    wire.backend.add_member(guild, reader)

    async with house.serving(AT_THE_TIME_SET) as address:
        await house.until("2025-04-09 estimate", "2025-04-08 sent")
        said = await house.told((place, reader), "Into today's close")
        shown = await page(address)

    # docs/into-the-close.md has the table: +9.14 % and 18.6 billion at 15:35.
    assert "**Into today's close, an estimate.**" in said
    assert "Leveraged funds have about $19 billion to buy by the bell." in said
    assert "At prices of 15:35 New York the S&P 500 is up 9.1% on the day." in said
    assert "This is the note of **Tue 8 Apr 2025**" in said
    assert "billion to buy by the bell" not in shown
    assert "8 April 2025" in shown
    assert house.notes() == ["2025-04-08.md"]

    async with house.serving(IN_THE_EVENING) as address:
        await house.until("2025-04-09 publish", "2025-04-09 sent")
        said = await house.told((place, reader), "9 Apr")
        shown = await page(address)

    # The same table: 29.1 billion by all funds at the evening's prices.
    assert "Into today's close" not in said
    assert "This is the note of" not in said
    assert "$29 billion" in shown
    assert house.notes() == ["2025-04-08.md", "2025-04-09.md"]
