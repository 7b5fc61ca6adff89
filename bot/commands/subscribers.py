"""Commands for the newsletter's readers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import Json

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.ledger import Ledger

subscribers = typer.Typer(
    help="Look after the newsletter's readers. Example: undertow subscribers list --json",
    rich_markup_mode=None,
)

Tick = Callable[[int], None]
State = Annotated[str | None, typer.Option(help="Only those, such as confirmed.", metavar="STATE")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS")]


@subscribers.command("list")
def list_readers(state: State = None, as_json: Json = False) -> None:
    """List the readers whose address is known.

    Example: undertow subscribers list --state confirmed
    """
    from bot.newsletter.listing import print_readers

    _check_state(state)

    async def work(ledger: Ledger, clock: Clock) -> None:
        await print_readers(ledger, state, sys.stdout, as_json=as_json)

    _with_ledger(work)


@subscribers.command("import")
def import_readers(
    file: Annotated[Path, typer.Argument(help="CSV with a column email.", metavar="FILE")],
    state: Annotated[
        str,
        typer.Option(
            help="Of lines without a state. Say confirmed only if you can prove their consent.",
            metavar="STATE",
        ),
    ] = "pending",
    report: Annotated[
        Path | None,
        typer.Option(help="Where lines that added nobody are listed.", metavar="FILE"),
    ] = None,
) -> None:
    """Add readers from a CSV file: email,state,cadence,level,zone,hour.

    Example: undertow subscribers import readers.csv --report left-out.csv
    """
    from bot.newsletter.takeover import File, take_in

    _check_state(state)
    key = _key()

    async def work(ledger: Ledger, clock: Clock) -> None:
        taken = File(file, state, report)
        with _progress(taken.lines) as tick:
            told = await take_in(ledger, key, clock, taken, tick)
        typer.echo(told)

    _with_ledger(work)


@subscribers.command("export")
def export_readers(
    file: Annotated[Path, typer.Argument(metavar="FILE")], state: State = None
) -> None:
    """Write the readers to a CSV file that `import` takes back.

    Example: undertow subscribers export readers.csv --state confirmed
    """
    from bot.newsletter.listing import write_readers

    _check_state(state)

    async def work(ledger: Ledger, clock: Clock) -> None:
        with _progress() as tick:
            count = await write_readers(ledger, file, state, tick)
        typer.echo(f"{count:,} readers in {file}")

    _with_ledger(work)


@subscribers.command("erase")
def erase_reader(address: Address) -> None:
    """Forget a reader; a keyed mark keeps the address from being signed up again.

    Example: undertow subscribers erase ana@reader.test
    """
    from bot.newsletter.listing import erase_address

    key = _key()

    async def work(ledger: Ledger, clock: Clock) -> None:
        typer.echo(await erase_address(ledger, key, address, clock))

    _with_ledger(work)


@subscribers.command("allow")
def allow_reader(address: Address) -> None:
    """Let an address subscribe again that was erased, bounced or complained.

    Example: undertow subscribers allow ana@reader.test
    """
    from bot.newsletter.listing import allow_address

    key = _key()

    async def work(ledger: Ledger, clock: Clock) -> None:
        typer.echo(await allow_address(ledger, key, address))

    _with_ledger(work)


def _check_state(state: str | None) -> None:
    from bot.errors import BadArgumentError
    from bot.newsletter.table_file import STATES

    if state is not None and state not in STATES:
        raise BadArgumentError(f"no state {state!r}; --state takes one of {', '.join(STATES)}")


def _key() -> str:
    from bot.errors import DeskError
    from bot.safety import SHORTEST_KEY
    from bot.settings import read_settings, reveal

    key = reveal(read_settings().secret_key) or ""
    if len(key) < SHORTEST_KEY:
        raise DeskError(
            "readers' links and erased addresses need UNDERTOW_SECRET_KEY, of at least "
            f"{SHORTEST_KEY} characters: openssl rand -hex 32"
        )
    return key


def _with_ledger(work: Callable[[Ledger, Clock], Awaitable[None]]) -> None:
    from bot.assembly import ledger_of
    from bot.clock import clock_of
    from bot.service import prepare
    from bot.settings import read_settings

    async def whole() -> None:
        settings = read_settings()
        ledger = ledger_of(settings)
        try:
            await prepare(ledger)
            await work(ledger, clock_of(settings.now))
        finally:
            await ledger.close()

    asyncio.run(whole())


@contextmanager
def _progress(count: Callable[[], int] | None = None) -> Iterator[Tick]:
    """Show a bar on a terminal, and nothing anywhere else; ``count`` says how many there are."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("readers", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("readers", total=count() if count else None)
        yield lambda done: bar.update(task, completed=done)
