"""Draw every post and answer of the bot as Discord would, for docs/discord.md.

    python -m benchmarks.discord_pictures docs/images/discord

Needs ``pip install "simcord[screenshot]"`` and Debian's chromium. The note is that of the
built-in demo market, so that every figure in the pictures is simulated.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import discord
import simcord
from playwright.async_api import Browser, BrowserType

from analysis.sources.demo import DemoSource
from bot.clock import rehearsal_clock
from bot.desk import Desk
from bot.discord.ids import Mark
from bot.discord.layout import Rung
from bot.discord.posts import attachments_of, post_of
from bot.discord.published import read_note
from bot.discord.rest import DiscordValues
from bot.discord.run import discord_bot
from bot.discord.sending import put_message
from bot.edition import NOTE, Edition
from bot.ledger.database import open_ledger
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade
from bot.publishing import NoteWriter

EVENING = datetime(2026, 6, 30, 21, 20, tzinfo=UTC)
WIDTHS = {"desktop": 960, "mobile": 390}
CHROMIUM = "/usr/bin/chromium"
COMMANDS: dict[str, dict[str, object]] = {
    "flow today": {},
    "flow driver": {"name": "leveraged_etf"},
    "flow explain": {"term": "gamma"},
    "flow compare": {"a": "2026-06-30", "b": "2026-06-29"},
    "flow status": {},
    "flow accuracy": {},
    "flow newsletter": {},
    "flow archive": {},
    "privacy": {},
}


def debians_chromium() -> AbstractContextManager[object]:
    """Let the browser library take the browser that is here, and download none."""
    launch = BrowserType.launch

    async def launched(self: BrowserType, **given: object) -> Browser:
        return await launch(self, executable_path=CHROMIUM, args=["--no-sandbox"])

    return mock.patch.object(BrowserType, "launch", launched)


def demo_editions(days: int) -> list[Edition]:
    """Return the last notes of the demo market, oldest first."""
    desk = Desk(DemoSource())
    write = NoteWriter(desk.report).write
    return [write(stamp.date()) for stamp in desk.market("latest").sessions[-days:]]


async def draw(out: Path) -> None:
    """Publish the demo's notes, ask everything, and keep the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        ledger = open_ledger(f"{name}/ledger.sqlite3")
        await upgrade(ledger)
        editions = await asyncio.to_thread(demo_editions, 12)
        for edition in editions:
            async with ledger.write() as tx:
                await freeze(tx, edition, Terms(NOTE), EVENING)
        values = DiscordValues("x.y.z", public_url="https://desk.example")
        bot = discord_bot(values, ledger, rehearsal_clock(EVENING))
        bot.rest.was_used = True
        async with simcord.run(bot, shard_count=1, check_errors=False) as env:
            await bot.sync_commands()
            await _draw_all(env, bot, editions[-1], out)
        await ledger.close()


async def _draw_all(env: simcord.Env, bot: discord.Client, newest: Edition, out: Path) -> None:
    note = read_note(newest.texts["note.json"])
    pictures = attachments_of(note, newest.texts)
    guild = env.create_guild("Market desk")
    admin = guild.create_role("admins", permissions=discord.Permissions(manage_guild=True))
    for rung in Rung:
        room = guild.create_text_channel(f"post-{rung}")
        alice = guild.add_member(env.create_user(f"alice-{rung}"))
        await put_message(
            bot.get_partial_messageable(room.id), post_of(note, pictures), rung, rung.value
        )
        await env.settle()
        await _shoot(env, room, alice, out, f"post-{rung}")
    for number, (command, given) in enumerate(COMMANDS.items()):
        room = guild.create_text_channel(command.replace(" ", "-"))
        reader = guild.add_member(env.create_user(f"reader{number}"))
        await reader.slash(room, command, **given)
        await _shoot(env, room, reader, out, command.replace(" ", "-"))
    for action in ("drivers", "why", "next"):
        room = guild.create_text_channel(action)
        reader = guild.add_member(env.create_user(f"bea-{action}"))
        await put_message(bot.get_partial_messageable(room.id), post_of(note), Rung.BARS, action)
        await env.settle()
        if room.last_message is not None:
            mark = Mark(action, note.session, NOTE)
            await reader.click(room.last_message, custom_id=str(mark))
        await _shoot(env, room, reader, out, f"button-{action}")
    room = guild.create_text_channel("market-close")
    root = guild.add_member(env.create_user("root"), roles=[admin])
    await root.slash(room, "flow-setup channel")
    await _shoot(env, room, root, out, "flow-setup")


async def _shoot(
    env: simcord.Env,
    room: simcord.ChannelHandle,
    who: simcord.MemberActor,
    out: Path,
    name: str,
) -> None:
    for kind, width in WIDTHS.items():
        async with env.preview(
            room, viewers=[who], width=width, height=1_500, layout="channel"
        ) as page:
            await page.screenshot(str(out / f"{name}-{kind}.png"))
    print(name, flush=True)


def main() -> None:
    """Run."""
    with debians_chromium():
        asyncio.run(draw(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
