"""The command that takes a note back."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

import typer

WITHOUT_REASON = "The desk has withdrawn this note."


def unpublish(
    session: Annotated[str, typer.Option(help="The session, as 2025-04-09.", metavar="D")],
    channel: Annotated[
        list[str] | None,
        typer.Option(help="Only from this blog or webhook; else everywhere.", metavar="NAME"),
    ] = None,
    reason: Annotated[str, typer.Option(help="What readers are told.")] = WITHOUT_REASON,
) -> None:
    """Take a note back: off the blogs, and marked as withdrawn where it was posted.

    Example: undertow unpublish --session 2025-04-09 --reason "A price file was wrong."
    """
    from bot.assembly import open_service
    from bot.commands.options import desk_of
    from bot.errors import BadArgumentError
    from bot.logs import configure_logging
    from bot.settings import read_settings
    from bot.unpublishing import unpublish_now

    configure_logging()
    try:
        day = date.fromisoformat(session)
    except ValueError as error:
        raise BadArgumentError(f"--session is {session!r}; give a day as 2025-04-09") from error
    settings = read_settings()
    service = open_service(settings, desk_of(None, True))

    async def whole() -> None:
        try:
            typer.echo(await unpublish_now(service, settings, day, channel or [], reason))
        finally:
            await service.ledger.close()

    asyncio.run(whole())
