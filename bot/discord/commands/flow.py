"""``/flow``: everything a reader may ask. Answers come from what was published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import discord
from discord import app_commands

from bot.discord import pressing
from bot.discord.answers import (
    Answer,
    compare_answer,
    driver_answer,
    history_answer,
    no_note_answer,
    note_answer,
    withdrawn_answer,
)
from bot.discord.archive import Standing
from bot.discord.commands import choices
from bot.discord.desk_answers import (
    DeskState,
    accuracy_answer,
    newsletter_answer,
    status_answer,
    term_answer,
    within,
)
from bot.discord.errors import RefusalError
from bot.discord.pictures import SESSIONS_DRAWN
from bot.discord.published import DriverFigures, PublishedNote
from bot.discord.replying import bot_of, reply
from bot.discord.wording import full_day, stamp
from bot.ledger.guilds import list_guild_channels
from bot.ledger.record import graded_claims
from bot.ledger.runs import runs_since
from bot.schedule.calendar import NEW_YORK
from templates.glossary import terms

Interaction = discord.Interaction[Any]

EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
BY_ANYONE = app_commands.AppInstallationType(guild=True, user=True)
WINDOWS = {"20 sessions": 20, "60 sessions": 60, "a year": 252, "everything": None}
Window = Literal["20 sessions", "60 sessions", "a year", "everything"]
Level = Literal["plain", "trader", "quant"]


def flow_group() -> app_commands.Group:
    """Return the group with its commands."""
    group = app_commands.Group(
        name="flow",
        description="Who had to trade today, who chose to",
        allowed_contexts=EVERYWHERE,
        allowed_installs=BY_ANYONE,
    )
    commands: tuple[app_commands.Command[Any, ..., Any], ...] = (
        today,
        on_date,
        driver,
        explain,
        compare,
        status,
        accuracy,
        newsletter,
        level,
        archive,
    )
    for command in commands:
        group.add_command(command)
    return group


async def standing_note(interaction: Interaction, session: date | None) -> Standing:
    """Return the note asked for at the reader's level, or refuse plainly."""
    bot = bot_of(interaction)
    reads = await bot.readers.level(interaction.user.id)
    found = (
        await bot.archive.latest(reads) if session is None else await bot.archive.of(session, reads)
    )
    if found is None:
        raise RefusalError(no_note_answer(await bot.coming.next_note()))
    if found.withdrawn is not None:
        raise RefusalError(withdrawn_answer(found.note, found.withdrawn))
    return found


@app_commands.command(
    name="today", description="The day's note: who had to buy or sell, and how sure"
)
@app_commands.describe(
    driver="Only this driver", share="Let everyone here see the answer (default: only you)"
)
@app_commands.autocomplete(driver=choices.drivers)
async def today(interaction: Interaction, driver: str | None = None, share: bool = False) -> None:
    """Answer with the newest published note."""
    found = await standing_note(interaction, None)
    if driver is not None:
        answer = driver_answer(found.note, _driver(found.note, driver))
    else:
        lead = await _what_day_it_is(interaction, found.note)
        answer = whole_note(found, lead, bot_of(interaction).values.public_url)
    await reply(interaction, answer, share=share)


@lru_cache(maxsize=64)
def whole_note(found: Standing, lead: str, public_url: str | None) -> Answer:
    """Return a note as an answer; everyone who asks the same is given the same."""
    return note_answer(found.note, lead=lead, pictures=found.pictures, public_url=public_url)


async def _what_day_it_is(interaction: Interaction, note: PublishedNote) -> str:
    bot = bot_of(interaction)
    parts = []
    now = bot.clock()
    today = now.astimezone(NEW_YORK).date()
    session = await bot.coming.today()
    if session is None and today != note.session:
        parts.append("The exchange is closed today.")
    coming = None if note.session == today else await bot.coming.next_note(after=note.session)
    if coming is not None:
        parts.append(
            f"This is the note of **{full_day(note.session)}**; "
            f"the next is due {stamp(coming, 'R')}."
        )
    estimate = await bot.archive.estimate(session.day) if session is not None else None
    if estimate is not None and session is not None and now < session.closes_at:
        parts.append(f"\n**Into today's close, an estimate.** {estimate}\n")
    if note.level != await bot.readers.level(interaction.user.id):
        parts.append("This note was written at the plain level only.")
    return " ".join(parts)


def _driver(note: PublishedNote, asked: str) -> DriverFigures:
    found = note.driver(asked)
    if found is None:
        known = ", ".join(one.title for one in note.drivers)
        words = f"`{asked[:40].replace('`', '')}` is no driver. There are {known}."
        raise RefusalError(Answer("No such driver", (words,)))
    return found


@app_commands.command(name="date", description="The note of an earlier session")
@app_commands.describe(session="A session, such as 2025-04-09")
@app_commands.rename(session="date")
@app_commands.autocomplete(session=choices.sessions)
async def on_date(interaction: Interaction, session: str) -> None:
    """Answer with an archived note."""
    found = await standing_note(interaction, await choices.asked_session(interaction, session))
    await reply(interaction, whole_note(found, "", bot_of(interaction).values.public_url))


@app_commands.command(name="driver", description="One driver over the last sessions")
@app_commands.describe(name="The driver", days="How many sessions back (5 to 60)")
@app_commands.autocomplete(name=choices.drivers)
async def driver(
    interaction: Interaction, name: str, days: app_commands.Range[int, 5, 60] = 20
) -> None:
    """Answer with a driver's published history."""
    bot = bot_of(interaction)
    newest = await standing_note(interaction, None)
    figures = _driver(newest.note, name)
    notes = []
    for session in (await bot.archive.sessions())[:SESSIONS_DRAWN]:
        found = await bot.archive.of(session)
        if found is not None and found.withdrawn is None:
            notes.append(found.note)
    if not bot.pictures.has_history(notes, figures.slug):
        # Drawing takes a second the first time, and Discord waits for three.
        await interaction.response.defer(ephemeral=True, thinking=True)
    pictures = await bot.pictures.history(notes, figures)
    answer = history_answer(figures, notes[:days], days)
    await reply(interaction, replace(answer, attachments=pictures))


@app_commands.command(name="explain", description="A word of the trade in plain language")
@app_commands.describe(term="Such as gamma, short interest, coverage")
@app_commands.autocomplete(term=choices.glossary)
async def explain(interaction: Interaction, term: str) -> None:
    """Answer with a glossary entry."""
    wanted = " ".join(term.casefold().split())
    for one in terms():
        if wanted in {name.casefold() for name in (one.term, *one.also)}:
            await reply(interaction, term_answer(one))
            return
    words = f"`{term[:40].replace('`', '')}` is not in the glossary; choose a term while you type."
    raise RefusalError(Answer("No such term", (words,)))


@app_commands.command(name="compare", description="Two sessions side by side, driver by driver")
@app_commands.describe(a="One session", b="Another")
@app_commands.autocomplete(a=choices.sessions, b=choices.sessions)
async def compare(interaction: Interaction, a: str, b: str) -> None:
    """Answer with two notes' scores, and a picture of them."""
    first = await standing_note(interaction, await choices.asked_session(interaction, a))
    second = await standing_note(interaction, await choices.asked_session(interaction, b))
    pictures = bot_of(interaction).pictures
    if not pictures.has_comparison(first.note, second.note):
        await interaction.response.defer(ephemeral=True, thinking=True)
    drawn = await pictures.comparison(first.note, second.note)
    answer = compare_answer(first.note, second.note)
    await reply(interaction, replace(answer, attachments=drawn))


@app_commands.command(
    name="status", description="When the desk last worked, and how its sources are"
)
async def status(interaction: Interaction) -> None:
    """Answer with the desk's state, and this server's."""
    bot = bot_of(interaction)
    newest = await bot.archive.latest()
    since = newest.note.session if newest is not None else bot.clock().date()
    async with bot.ledger.read() as tx:
        runs = [run for run in await runs_since(tx, since) if run.job.kind != "begin"]
        places = (
            await list_guild_channels(tx, guild_id=interaction.guild_id)
            if interaction.guild_id is not None
            else []
        )
    runs.sort(key=lambda run: run.started_at)
    state = DeskState(
        newest.note if newest is not None else None,
        runs[-1] if runs else None,
        await bot.coming.next_note(after=since if newest is not None else None),
        places,
    )
    await reply(interaction, status_answer(state))


@app_commands.command(name="accuracy", description="What followed past claims, honestly")
@app_commands.describe(window="How far back")
async def accuracy(interaction: Interaction, window: Window = "everything") -> None:
    """Answer with the graded record."""
    bot = bot_of(interaction)
    async with bot.ledger.read() as tx:
        graded = within(await graded_claims(tx), WINDOWS[window])
    newest = await bot.archive.latest()
    if graded:
        await interaction.response.defer(ephemeral=True, thinking=True)
    pictures = await bot.pictures.record(graded, demo=newest is not None and newest.note.demo)
    answer = accuracy_answer(graded)
    await reply(interaction, replace(answer, attachments=pictures))


@app_commands.command(name="newsletter", description="Get the note by mail: a link to the web form")
async def newsletter(interaction: Interaction) -> None:
    """Answer with a link; an address is never asked for here."""
    await reply(interaction, newsletter_answer(bot_of(interaction).values.public_url))


@app_commands.command(
    name="level", description="How I should write for you: plain, trader or quant"
)
@app_commands.describe(chosen="plain explains every term; quant gives the figures")
@app_commands.rename(chosen="level")
async def level(interaction: Interaction, chosen: Level) -> None:
    """Remember how one reader likes to read."""
    await bot_of(interaction).readers.choose(interaction.user.id, chosen)
    words = f"From now on I write for you at the **{chosen}** level: same figures, other words."
    await reply(interaction, Answer("Noted", (words,), small="/privacy lists what I store."))


@app_commands.command(name="archive", description="All published notes, page by page")
async def archive(interaction: Interaction) -> None:
    """Answer with the first page."""
    await pressing.answer_page(bot_of(interaction), interaction, 0)
