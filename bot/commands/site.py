"""The public site as files, for any web server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import Data, Demo, desk_of

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.settings import Settings
    from bot.site.build import Built, Tick
    from bot.site.frame import Site
    from bot.site.shelf import Shelf

site = typer.Typer(
    help="Make the public site. Example: undertow site build --out public",
    rich_markup_mode=None,
)


@site.callback()
def about_site() -> None:
    """Make the public site. Example: undertow site build --out public."""


@site.command("build")
def build_site(
    out: Annotated[Path, typer.Option(help="The folder to fill.", metavar="DIR")],
    data: Data = None,
    demo: Demo = False,
    sessions: Annotated[
        int, typer.Option(help="With --data or --demo: so many sessions back.", min=1)
    ] = 20,
    url: Annotated[
        str, typer.Option(help="Where readers will find it; else UNDERTOW_PUBLIC_URL.")
    ] = "",
    cache: Annotated[
        Path, typer.Option(help="Where notes written from --data are kept.", metavar="DIR")
    ] = Path("var/site-cache"),
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Show drafts too, kept from search engines.")
    ] = False,
    subscribe: Annotated[
        bool, typer.Option(help="Show the form that asks for the newsletter.")
    ] = True,
) -> None:
    """Write the site: the ledger's notes, or the last sessions of a market folder.

    Example: undertow site build --out public --data ../market --sessions 60
    """
    from bot.settings import read_settings
    from bot.site.frame import Site

    settings = read_settings()
    address = (url or settings.public_url).rstrip("/")
    form = f"{settings.public_url.rstrip('/')}/subscribe" if subscribe else ""
    place = Site(address=address, subscribe=form)
    began = perf_counter()
    if data is not None or demo:
        desk = desk_of(data, demo)
        built = asyncio.run(_from_market(place, desk, sessions, cache, out))
    else:
        built = asyncio.run(_from_ledger(place, settings, out, drafts=drafts))
    typer.echo(said(built, out, perf_counter() - began))


def said(built: Built, out: Path, seconds: float) -> str:
    """Say what was done, and how fast."""
    rate = f", {built.made / seconds:,.0f} a second" if built.made else ""
    gone = f", {built.removed} removed" if built.removed else ""
    return (
        f"{built.sessions} sessions in {out}: {built.files} files, {built.made} made"
        f"{gone} in {seconds:.1f} s{rate}"
    )


async def _from_market(place: Site, desk: Desk, sessions: int, cache: Path, out: Path) -> Built:
    from bot.site.market_shelf import market_shelf

    began = perf_counter()
    with progress("notes") as tick:
        shelf = await market_shelf(desk, sessions, cache, tick)
    if shelf.written:
        seconds = perf_counter() - began
        rate = f"{seconds / shelf.written:.1f} s each"
        typer.echo(f"{shelf.written} notes written in {seconds:.1f} s, {rate}; kept in {cache}")
    return await _build(place, shelf, out)


async def _from_ledger(place: Site, settings: Settings, out: Path, *, drafts: bool) -> Built:
    from bot.assembly import ledger_of
    from bot.service import prepare
    from bot.site.ledger_shelf import LedgerShelf

    ledger = ledger_of(settings)
    try:
        await prepare(ledger)
        return await _build(place, LedgerShelf(ledger, drafts=drafts), out)
    finally:
        await ledger.close()


async def _build(place: Site, shelf: Shelf, out: Path) -> Built:
    from bot.site.build import build

    with progress("files") as tick:
        return await build(place, shelf, out, tick)


@contextmanager
def progress(what: str) -> Iterator[Tick]:
    """Show a bar on a terminal, and nothing anywhere else."""
    import sys

    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
