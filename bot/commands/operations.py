"""Commands that run the desk and look after its ledger."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.options import Data, Demo, Json, desk_of
from bot.commands.running import (
    asked_day,
    ledger_only,
    run_and_print,
    run_until_done,
    service_of,
    with_every_channel,
)

if TYPE_CHECKING:
    from bot.service import Service

HISTORY_SESSIONS = 756
"""Three years: what a score is ranked against."""
LISTED = 50
"""Deliveries shown where none are asked for in particular."""

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
    run_until_done(run_desk(read_settings(), desk_of(data, demo)))


def worker(
    on_call: Annotated[
        bool,
        typer.Option(
            "--on-call", help="Wait to be woken instead of asking (PostgreSQL, extra scale)."
        ),
    ] = False,
) -> None:
    """Send from the shared outbox, without a schedule: one more pair of hands.

    Example: undertow worker
    """
    from bot.assembly import run_worker
    from bot.logs import configure_logging
    from bot.settings import read_settings

    configure_logging()
    run_until_done(run_worker(read_settings(), service_of(None, True), on_call=on_call))


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
    again: Annotated[
        bool, typer.Option("--again", help="Put back a note that was unpublished, as it stood.")
    ] = False,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="With --again: write it anew first.")
    ] = False,
) -> None:
    """Write a session and send it now, whatever its age; what was sent stays sent.

    Example: undertow publish --session 2025-04-09 --data ../market --dry-run
    """
    act = _sending(channel or [], dry_run=dry_run, again=again, corrected=corrected)
    service = service_of(data, demo)
    day = asked_day(session, data, demo)
    run_and_print(service, with_every_channel(service, lambda whole: act(whole, day)))


def _sending(
    names: Sequence[str], *, dry_run: bool, again: bool, corrected: bool
) -> Callable[[Service, date], Awaitable[str]]:
    """Return what `publish` shall do, after refusing options that do not go together."""
    from bot.errors import BadArgumentError
    from bot.republishing import Wish, publish_again
    from bot.sending import plan, publish_now

    if corrected and not again:
        raise BadArgumentError("--corrected goes with --again: it corrects a note taken back")
    if again and dry_run:
        raise BadArgumentError("--again has no dry run; `undertow deliveries` says what stands")
    if again:
        wish = Wish(names, corrected)
        return lambda service, day: publish_again(service, day, wish)
    act = plan if dry_run else publish_now
    return lambda service, day: act(service, day, names)


def setup(data: Data = None, demo: Demo = False) -> None:
    """Prepare a new desk: ledger, folders, and three years of scores to look back on.

    Example: undertow setup --data ../market
    """
    from bot.backfilling import fill
    from bot.ledger.migrate import upgrade as run

    service = service_of(data, demo)
    run_and_print(service, _said(run(service.ledger), "the ledger is ready"))
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
    state: Annotated[
        str | None, typer.Option(help="Only those, such as failed.", metavar="STATE")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help=f"The newest N; else {LISTED}, with a state all."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what was sent where, newest first. Example: undertow deliveries --in-doubt."""
    if context.invoked_subcommand is None:
        from bot.errors import BadArgumentError
        from bot.sending import delivery_state, listed

        if in_doubt and state is not None:
            raise BadArgumentError("--in-doubt is a state already; leave out --state")
        wanted = delivery_state("in_doubt" if in_doubt else state)
        shown = limit if limit or wanted else LISTED
        service = ledger_only()
        run_and_print(service, listed(service.ledger, wanted, shown, as_json=as_json))


@deliveries.command()
def retry(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Send a delivery again that failed or is in doubt.

    Example: undertow deliveries retry 7
    """
    from bot.sending import settled_by_hand

    service = ledger_only()
    run_and_print(service, settled_by_hand(service, number, again=True))


@deliveries.command()
def skip(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Leave a delivery unsent for good.

    Example: undertow deliveries skip 7
    """
    from bot.sending import settled_by_hand

    service = ledger_only()
    run_and_print(service, settled_by_hand(service, number, again=False))


@db.command()
def upgrade() -> None:
    """Create the ledger's tables or bring them up to date.

    Example: undertow db upgrade
    """
    from bot.ledger.migrate import upgrade as run

    service = ledger_only()
    run_and_print(service, _said(run(service.ledger), "the ledger is up to date"))


@db.command()
def downgrade(revision: Annotated[str, typer.Argument(metavar="REVISION")]) -> None:
    """Take the ledger's tables back to an earlier revision; what later ones hold is lost.

    Example: undertow db downgrade 0001
    """
    from bot.ledger.migrate import downgrade as run

    service = ledger_only()
    run_and_print(service, _said(run(service.ledger, revision), f"the ledger is at {revision}"))


@db.command()
def prune(
    keep_days: Annotated[
        int, typer.Option("--keep-days", help="Keep deliveries of this many days.", metavar="N")
    ],
) -> None:
    """Forget who was sent what long ago; notes, claims, grades and readers stay.

    Example: undertow db prune --keep-days 400
    """
    from bot.sending import pruned

    service = ledger_only()
    run_and_print(service, pruned(service, keep_days))


@db.command()
def backup(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Copy the ledger to a file while it is in use.

    Example: undertow db backup var/backup.sqlite3
    """
    from bot.ledger.backup import backup as run

    service = ledger_only()
    run_and_print(service, _said(run(service.ledger, file), f"copied to {file}"))


@db.command()
def restore(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Put a backup in place of the whole ledger; deliveries under way then are listed in doubt.

    Example: undertow db restore var/backup.sqlite3
    """
    from bot.ledger.backup import restore as run

    service = ledger_only()
    run_and_print(
        service, _said(run(service.ledger, file, service.clock()), f"restored from {file}")
    )


async def _said(work: Coroutine[Any, Any, object], words: str) -> str:
    await work
    return words
