"""Notes that are held back: list them, let one go out all the same, or give it up."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bot.commands.options import Data, Demo, Json
from bot.commands.running import ledger_only, run_and_print, service_of, with_every_channel

held = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Day = Annotated[str, typer.Argument(help="As 2025-04-09.", metavar="SESSION")]


@held.callback()
def list_held(context: typer.Context, as_json: Json = False) -> None:
    """List what is held back, and why; `release` or `drop` a note. Example: undertow held."""
    if context.invoked_subcommand is None:
        from bot.holding import listed

        service = ledger_only()
        run_and_print(service, listed(service.ledger, as_json=as_json))


@held.command()
def release(session: Day, data: Data = None, demo: Demo = False) -> None:
    """Publish a held note over its objections; it is written anew first.

    Example: undertow held release 2026-03-02
    """
    from bot.holding import released

    service, day = service_of(data, demo), _date(session)
    run_and_print(service, with_every_channel(service, lambda whole: released(whole, day)))


@held.command()
def drop(session: Day) -> None:
    """Give a held note up for good; the reason stays in the ledger.

    Example: undertow held drop 2026-03-02
    """
    from bot.holding import dropped

    service, day = ledger_only(), _date(session)
    run_and_print(service, dropped(service, day))


def _date(text: str) -> date:
    from bot.errors import BadArgumentError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadArgumentError(f"{text!r} is no date; write for example 2025-04-09") from error
