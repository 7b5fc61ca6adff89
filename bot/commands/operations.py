"""Commands that run the desk and look after its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.options import Data, Demo, Json, desk_of

if TYPE_CHECKING:
    from bot.service import Service

HISTORY_SESSIONS = 756
"""Three years: what a score is ranked against."""

db = typer.Typer(
    help="Look after the ledger. Example: undertow db backup var/copy.sqlite3",
    rich_markup_mode=None,
)
deliveries = typer.Typer(
    rich_markup_mode=None,
    invoke_without_command=True,
)


def serve(data: Data = None, demo: Demo = False) -> None:
    """Run the desk: write, publish, revise and answer, until told to stop.

    Example: undertow serve --data ../market
    """
    from bot.assembly import run_desk
    from bot.logs import configure_logging
    from bot.settings import read_settings

    configure_logging()
    _run(run_desk(read_settings(), desk_of(data, demo)))


def worker() -> None:
    """Send from the shared outbox, without a schedule: one more pair of hands.

    Example: undertow worker
    """
    from bot.service import work

    _run(work(_service(None, True)))


def publish(
    session: Annotated[str, typer.Option(help="The session.", metavar="D|latest")] = "latest",
    data: Data = None,
    demo: Demo = False,
    channel: Annotated[
        list[str] | None, typer.Option(help="Only to this channel.", metavar="NAME")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go where, and send nothing.")
    ] = False,
) -> None:
    """Write a session and send it now, whatever its age; what was sent stays sent.

    Example: undertow publish --session 2025-04-09 --data ../market --dry-run
    """
    from bot.sending import plan, publish_now

    service = _service(data, demo)
    act = plan if dry_run else publish_now
    _run_and_print(service, act(service, _day(session, data, demo), channel or []))


def setup(data: Data = None, demo: Demo = False) -> None:
    """Prepare a new desk: ledger, folders, and three years of scores to look back on.

    Example: undertow setup --data ../market
    """
    from bot.backfilling import fill
    from bot.ledger.migrate import upgrade as run

    service = _service(data, demo)
    _run_and_print(service, _said(run(service.ledger), "the ledger is ready"))
    market = desk_of(data, demo).market("latest")
    first = market.sessions[-min(len(market.sessions) - 1, HISTORY_SESSIONS)]
    out = Path("var/history.parquet")
    typer.echo(fill(market, f"{first:%Y-%m-%d}", "latest", out))
    typer.echo(
        "these scores are worked out afterwards, each from what was known that evening: they "
        "give today's score its past, and count in no record"
    )


@deliveries.callback()
def list_deliveries(
    context: typer.Context,
    in_doubt: Annotated[
        bool, typer.Option("--in-doubt", help="Only those nobody can know about.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what was sent where. Example: undertow deliveries --in-doubt."""
    if context.invoked_subcommand is None:
        from bot.sending import listed

        service = _ledger_only()
        _run_and_print(service, listed(service.ledger, in_doubt=in_doubt, as_json=as_json))


@deliveries.command()
def retry(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Send a delivery again that failed or is in doubt.

    Example: undertow deliveries retry 7
    """
    from bot.sending import settled_by_hand

    service = _ledger_only()
    _run_and_print(service, settled_by_hand(service, number, again=True))


@deliveries.command()
def skip(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Leave a delivery unsent for good.

    Example: undertow deliveries skip 7
    """
    from bot.sending import settled_by_hand

    service = _ledger_only()
    _run_and_print(service, settled_by_hand(service, number, again=False))


@db.command()
def upgrade() -> None:
    """Create the ledger's tables or bring them up to date.

    Example: undertow db upgrade
    """
    from bot.ledger.migrate import upgrade as run

    service = _ledger_only()
    _run_and_print(service, _said(run(service.ledger), "the ledger is up to date"))


@db.command()
def downgrade(revision: Annotated[str, typer.Argument(metavar="REVISION")]) -> None:
    """Take the ledger's tables back to an earlier revision.

    Example: undertow db downgrade 0001
    """
    from bot.ledger.migrate import downgrade as run

    service = _ledger_only()
    _run_and_print(service, _said(run(service.ledger, revision), f"the ledger is at {revision}"))


@db.command()
def backup(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Copy the ledger to a file while it is in use.

    Example: undertow db backup var/backup.sqlite3
    """
    from bot.ledger.backup import backup as run

    service = _ledger_only()
    _run_and_print(service, _said(run(service.ledger, file), f"copied to {file}"))


@db.command()
def restore(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Fill an empty ledger from a backup; deliveries under way then are listed in doubt.

    Example: undertow db restore var/backup.sqlite3
    """
    from bot.ledger.backup import restore as run

    service = _ledger_only()
    _run_and_print(
        service, _said(run(service.ledger, file, service.clock()), f"restored from {file}")
    )


async def _said(work: Coroutine[Any, Any, object], words: str) -> str:
    await work
    return words


def _service(data: Path | None, demo: bool) -> Service:
    from bot.assembly import open_service
    from bot.logs import configure_logging
    from bot.settings import read_settings

    configure_logging()
    return open_service(read_settings(), desk_of(data, demo))


def _ledger_only() -> Service:
    """Return a service for commands that write no notes: the demo desk opens nothing."""
    return _service(None, True)


def _day(session: str, data: Path | None, demo: bool) -> date:
    from bot.desk import NEW_YORK

    desk = desk_of(data, demo)
    if session == "latest":
        return desk.report(session).session
    from analysis.sessions import check_session

    asked: date = check_session(session, today=desk.clock().astimezone(NEW_YORK).date()).date()
    return asked


def _run(work: Coroutine[Any, Any, object]) -> None:
    asyncio.run(work)


def _run_and_print(service: Service, work: Coroutine[Any, Any, str]) -> None:
    async def whole() -> None:
        try:
            typer.echo(await work)
        finally:
            await service.ledger.close()

    _run(whole())
