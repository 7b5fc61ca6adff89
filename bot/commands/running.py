"""How a command gets its service, runs to its end, and says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bot.commands.options import desk_of

if TYPE_CHECKING:
    from bot.service import Service


def service_of(data: Path | None, demo: bool) -> Service:
    """Return a service as the settings have it, on the desk that was asked for."""
    from bot.assembly import open_service
    from bot.ledger.database import check_file
    from bot.ledger.faults import one_sentence
    from bot.logs import configure_logging
    from bot.settings import read_settings

    configure_logging()
    service = open_service(read_settings(), desk_of(data, demo))
    with one_sentence():
        check_file(service.ledger)
    return service


def ledger_only() -> Service:
    """Return a service for commands that write no notes: the demo desk opens nothing."""
    return service_of(None, True)


def asked_day(session: str, data: Path | None, demo: bool) -> date:
    """Return the session a command names, which may be the desk's latest."""
    from bot.desk import NEW_YORK

    desk = desk_of(data, demo)
    if session == "latest":
        return desk.report(session).session
    from analysis.sessions import check_session

    asked: date = check_session(session, today=desk.clock().astimezone(NEW_YORK).date()).date()
    return asked


async def with_every_channel(service: Service, act: Callable[[Service], Awaitable[str]]) -> str:
    """Do something with all channels that have their settings, Discord over REST included."""
    from bot.assembly import with_discord
    from bot.settings import read_settings

    async with with_discord(service, read_settings()) as whole:
        return await act(whole)


def run_until_done(work: Coroutine[Any, Any, object]) -> None:
    """Run to the end; what the database refuses becomes one sentence."""
    from bot.ledger.faults import one_sentence

    with one_sentence():
        asyncio.run(work)


def run_and_print(service: Service, work: Coroutine[Any, Any, str]) -> None:
    """Print what came of it, and give the ledger back."""

    async def whole() -> None:
        try:
            typer.echo(await work)
        finally:
            await service.ledger.close()

    run_until_done(whole())
