"""The command that tells what must be traded by the bell."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.commands.options import Data, Demo, Json, Session, desk_of


def close(
    session: Session = "latest",
    at: Annotated[
        str | None,
        typer.Option(
            help="New York time; with --data only. 25 minutes before the bell.", metavar="HH:MM"
        ),
    ] = None,
    data: Data = None,
    demo: Demo = False,
    as_json: Json = False,
) -> None:
    """Print what leveraged funds must trade by the bell if the market stays where it is.

    Example: undertow close --session 2025-04-09 --at 15:35 --data ../market
    """
    estimate = desk_of(data, demo).into_close(session, at)
    if as_json:
        typer.echo(json.dumps(estimate.as_dict(), ensure_ascii=False, allow_nan=False, indent=2))
        return
    from bot.tables import close_table
    from templates.into_close import render_into_close

    typer.echo(render_into_close(estimate, "text"))
    typer.echo(close_table(estimate))
