"""What is offered while somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import discord
from discord import app_commands

from analysis.drivers import all_drivers
from bot.discord.answers import Answer, not_a_session_answer
from bot.discord.archive import Archive
from bot.discord.desk_answers import nearest_sessions
from bot.discord.errors import RefusalError
from bot.discord.replying import bot_of
from bot.discord.wording import full_day, verdict_words
from templates.glossary import terms

Interaction = discord.Interaction[Any]
Choice = app_commands.Choice[str]

MOST_CHOICES = 25
LABEL_LIMIT = 100


def matching(typed: str, named: Iterable[tuple[str, str]]) -> list[Choice]:
    """Return the choices whose label or value has what was typed, those that begin so first."""
    wanted = typed.casefold().strip()
    rows = [(v, n) for v, n in named if wanted in n.casefold() or wanted in v.casefold()]
    rows.sort(key=lambda row: not row[1].casefold().startswith(wanted))
    return [Choice(name=name[:LABEL_LIMIT], value=value) for value, name in rows[:MOST_CHOICES]]


async def drivers(interaction: Interaction, typed: str) -> list[Choice]:
    """Offer the drivers."""
    return matching(typed, [(one.slug, one.title) for one in all_drivers()])


async def glossary(interaction: Interaction, typed: str) -> list[Choice]:
    """Offer the words of the trade, by all their names."""
    named = [(one.term, one.term) for one in terms()]
    named += [(one.term, f"{also} ({one.term})") for one in terms() for also in one.also]
    return matching(typed, named)


async def sessions(interaction: Interaction, typed: str) -> list[Choice]:
    """Offer the published sessions, newest first, with what was found."""
    archive = bot_of(interaction).archive
    return await _offered(archive, await archive.sessions(), typed)


async def withdrawn_sessions(interaction: Interaction, typed: str) -> list[Choice]:
    """Offer the sessions whose note is withdrawn, newest first."""
    archive = bot_of(interaction).archive
    return await _offered(archive, await archive.withdrawn(), typed)


async def _offered(archive: Archive, days: Sequence[date], typed: str) -> list[Choice]:
    offered = []
    for day in [one for one in days if _fits(one, typed)][:MOST_CHOICES]:
        standing = await archive.of(day)
        if standing is not None:
            offered.append((day, verdict_words(standing.note)))
    return [
        Choice(name=f"{full_day(day)} - {words}"[:LABEL_LIMIT], value=day.isoformat())
        for day, words in offered
    ]


def _fits(day: date, typed: str) -> bool:
    wanted = typed.casefold().strip()
    return not wanted or day.isoformat().startswith(wanted) or wanted in full_day(day).casefold()


async def asked_session(interaction: Interaction, text: str) -> date:
    """Read a date that was chosen or typed.

    Raises
    ------
    RefusalError
        If it is no date or has no note; the published days nearest to it are offered.
    """
    bot = bot_of(interaction)
    published = await bot.archive.sessions()
    try:
        asked = date.fromisoformat(text.strip())
    except ValueError as error:
        raise RefusalError(_not_a_date(text, published)) from error
    if asked not in published:
        raise RefusalError(not_a_session_answer(asked, nearest_sessions(asked, published)))
    return asked


def _not_a_date(text: str, published: Sequence[date]) -> Answer:
    newest = f" The newest note is of {full_day(published[0])}." if published else ""
    words = f"I cannot read `{text[:40].replace('`', '')}` as a date; write it as 2025-04-09."
    return Answer("No date", (words + newest,))
