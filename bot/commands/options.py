"""Options that several commands share, and the desk they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadArgumentError

if TYPE_CHECKING:
    from bot.desk import Desk

Session = Annotated[
    str, typer.Option(help="The session, as 2025-04-09, or `latest`.", metavar="D|latest")
]
Data = Annotated[
    Path | None, typer.Option(help="Read this market folder (docs/data-format.md).", metavar="PATH")
]
Demo = Annotated[bool, typer.Option("--demo", help="Use the built-in simulated market.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def desk_of(data: Path | None, demo: bool) -> Desk:
    """Return the desk that a command's options and the settings name."""
    if data is not None and demo:
        raise BadArgumentError("--data and --demo exclude each other; name one of them")
    from bot.desk import open_desk
    from bot.settings import read_settings

    return open_desk(read_settings(), data=data, demo=demo)
