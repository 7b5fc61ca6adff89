"""Draw every post and answer of the bot as Discord would, for docs/discord.md.

    python -m benchmarks.discord_pictures docs/images/discord [NAME ...]

With names, such as ``flow-driver``, only those are drawn again.

Needs ``pip install "simcord[screenshot]" pillow`` and Debian's chromium. The note is that of the
built-in demo market, so that every figure in the pictures is simulated.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import discord
import simcord
from playwright.async_api import Browser, BrowserType, Page

from analysis.sources.demo import DemoSource
from benchmarks.pictures import shrink
from bot.clock import rehearsal_clock
from bot.desk import Desk
from bot.discord.client import UndertowBot
from bot.discord.ids import Mark
from bot.discord.layout import Rung
from bot.discord.posts import attachments_of, post_of
from bot.discord.published import PublishedNote, read_note
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
LIGHT = {
    "--discord-bg": "#ffffff",
    "--discord-surface": "#f2f3f5",
    "--discord-elevated": "#e3e5e8",
    "--discord-control": "#ebedef",
    "--discord-hover": "#e0e1e5",
    "--discord-text": "#2e3338",
    "--discord-muted": "#5c5e66",
    "--discord-subtle": "#4e5058",
    "--discord-border": "#d9dadd",
    "--component-surface": "#ffffff",
    "--component-border": "#d9dadd",
    "--control-border": "#c9cbd0",
    "--list-surface": "#f8f9f9",
    "--subtle-surface": "#e3e5e8",
    "--subtle-surface-text": "#2e3338",
    "--button-secondary-surface": "#e3e5e8",
    "--input-surface": "#ebedef",
    "--input-placeholder": "#5c5e66",
    "--code-surface": "#f2f3f5",
    "--code-border": "#d9dadd",
    "--code-text": "#2e3338",
    "--embed-field-name": "#2e3338",
    "--entity-text": "#4e5058",
    "--entity-dim": "#5c5e66",
    "--chip-surface": "#ebedef",
    "--button-alt": "#e3e5e8",
    "--link-text": "#006ce7",
    "--link-accent": "#006ce7",
    "color-scheme": "light",
    "background": "#ffffff",
    "color": "#2e3338",
}
"""Discord's light theme, of which simcord draws only the dark one."""

REPAINT = """(light) => {
  for (const place of [document.documentElement, ...document.querySelectorAll("*")])
    for (const [name, value] of Object.entries(light))
      if (place === document.documentElement || name === "--button-secondary-surface")
        place.style.setProperty(name, value);
  for (const place of document.querySelectorAll(".button-style-2, .button-style-5"))
    place.style.color = light.color;
  for (const place of document.querySelectorAll("[class*=mention]"))
    place.style.color = "#4752c4";
}"""
CHROMIUM = "/usr/bin/chromium"
COMMANDS: dict[str, dict[str, object]] = {
    "flow today": {},
    "flow driver": {"name": "leveraged_etf"},
    "flow explain": {"term": "gamma"},
    "flow compare": {"a": "2026-06-30", "b": "2026-06-29"},
    "flow status": {},
    "flow accuracy": {},
    "flow newsletter": {},
    "flow level": {"level": "trader"},
    "flow archive": {},
    "flow date": {"date": "2026-06-28"},
    "privacy": {},
    "delete-my-data": {},
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


async def draw(out: Path, only: Collection[str] = ()) -> None:
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
            # Discord's clock says how far off the next note is.
            env.backend.advance_clock((EVENING - env.backend.clock.now()).total_seconds())
            await bot.sync_commands()
            await _draw_all(env, bot, editions[-1], Gallery(env, out, only))
        await ledger.close()


@dataclass(frozen=True)
class Gallery:
    """Where pictures go, and which of them are wanted; without names all are."""

    env: simcord.Env
    out: Path
    only: Collection[str] = ()

    async def keep(self, name: str, room: simcord.ChannelHandle, who: simcord.MemberActor) -> None:
        """Take a room's picture as one reader sees it, if it is wanted."""
        if not self.only or name in self.only:
            await _shoot(self.env, room, who, self.out, name)


async def _draw_all(env: simcord.Env, bot: UndertowBot, newest: Edition, gallery: Gallery) -> None:
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
        await gallery.keep(f"post-{rung}", room, alice)
    for number, (command, given) in enumerate(COMMANDS.items()):
        room = guild.create_text_channel(command.replace(" ", "-"))
        reader = guild.add_member(env.create_user(f"reader{number}"))
        await reader.slash(room, command, **given)
        await gallery.keep(command.replace(" ", "-"), room, reader)
    await _draw_presses(guild, bot, note, gallery)
    room = guild.create_text_channel("market-close")
    root = guild.add_member(env.create_user("root"), roles=[admin])
    await root.slash(room, "flow-setup channel")
    await gallery.keep("flow-setup", room, root)

    await _draw_operators(guild, bot, note.session, gallery)


async def _draw_presses(
    guild: simcord.GuildHandle, bot: UndertowBot, note: PublishedNote, gallery: Gallery
) -> None:
    for action in ("drivers", "why", "next"):
        room = guild.create_text_channel(action)
        reader = guild.add_member(gallery.env.create_user(f"bea-{action}"))
        await put_message(bot.get_partial_messageable(room.id), post_of(note), Rung.BARS, action)
        await gallery.env.settle()
        if room.last_message is not None:
            mark = Mark(action, note.session, NOTE)
            await reader.click(room.last_message, custom_id=str(mark))
        await gallery.keep(f"button-{action}", room, reader)
    room = guild.create_text_channel("explain-this-note")
    reader = guild.add_member(gallery.env.create_user("bea-explain"))
    await put_message(bot.get_partial_messageable(room.id), post_of(note), Rung.BARS, "explain")
    await gallery.env.settle()
    if room.last_message is not None:
        await reader.context_menu(room, "Explain this note", room.last_message)
    await gallery.keep("explain-this-note", room, reader)


async def _draw_operators(
    guild: simcord.GuildHandle, bot: UndertowBot, session: date, gallery: Gallery
) -> None:
    home = guild.create_text_channel("operators")
    bot.values = replace(bot.values, channel_id=home.id)
    await bot.sync_commands()
    rights = discord.Permissions(administrator=True)
    role = guild.create_role("operators", permissions=rights)
    owner = guild.add_member(gallery.env.create_user("operator"), roles=[role])
    bot.owner_id = owner.id
    day = session.isoformat()
    asked: dict[str, dict[str, object]] = {
        "ops republish": {"date": day},
        "ops deliveries": {},
        "ops channels": {},
        "ops resync": {},
        "ops retract": {"date": day, "reason": "A price file was wrong."},
        "ops publish-again": {"date": day},
    }
    for command, given in asked.items():
        room = guild.create_text_channel(command.replace(" ", "-"))
        await owner.slash(room, command, **given)
        await gallery.keep(command.replace(" ", "-"), room, owner)


async def _shoot(
    env: simcord.Env,
    room: simcord.ChannelHandle,
    who: simcord.MemberActor,
    out: Path,
    name: str,
) -> None:
    for kind, width in WIDTHS.items():
        for theme, painted in (("", contextlib.nullcontext()), ("-light", repainted())):
            path = out / f"{name}-{kind}{theme}.png"
            with painted:
                async with env.preview(
                    room, viewers=[who], width=width, height=1_500, layout="channel"
                ) as page:
                    await page.screenshot(str(path))
            shrink(path)
    print(name, flush=True)


def repainted() -> AbstractContextManager[object]:
    """Give every page the colours of the light theme right before its picture is taken."""
    take = Page.screenshot

    async def taken(self: Page, **given: Any) -> bytes:  # noqa: ANN401 - the library's own
        await self.evaluate(REPAINT, LIGHT)
        return await take(self, **given)

    return mock.patch.object(Page, "screenshot", taken)


def main() -> None:
    """Run."""
    with debians_chromium():
        asyncio.run(draw(Path(sys.argv[1]), sys.argv[2:]))


if __name__ == "__main__":
    main()
