"""The command line: one thin function a command, heavy imports inside.

``undertow --help`` must answer at once, so nothing here imports pandas, the drivers or the
templates before a command needs them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from bot.errors import BadArgumentError

if TYPE_CHECKING:
    from analysis.sources.archive import Archive
    from bot.desk import Desk

app = typer.Typer(
    name="undertow",
    help="Who had to trade today, who chose to, and what is known about tomorrow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Session = Annotated[
    str, typer.Option(help="The session, as 2025-04-09, or `latest`.", metavar="D|latest")
]
Data = Annotated[
    Path | None, typer.Option(help="Read this market folder (docs/data-format.md).", metavar="PATH")
]
Demo = Annotated[bool, typer.Option("--demo", help="Use the built-in simulated market.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def note(
    session: Session = "latest",
    data: Data = None,
    demo: Demo = False,
    edition: Annotated[
        str, typer.Option("--as", help="text, markdown, html or json.", metavar="EDITION")
    ] = "text",
    out: Annotated[
        Path | None, typer.Option(help="Write to this file instead.", metavar="FILE")
    ] = None,
) -> None:
    """Write the market note of a session.

    Example: undertow note --session 2025-04-09 --data ../market --as markdown
    """
    _deliver(_desk(data, demo).note(session, edition), out)


@app.command()
def report(
    session: Session = "latest", data: Data = None, demo: Demo = False, as_json: Json = False
) -> None:
    """Print every driver's figures, the verdict and what it rests on.

    Example: undertow report --session 2025-04-09 --data ../market --json
    """
    found = _desk(data, demo).report(session)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, allow_nan=False, indent=2))
        return
    from bot.tables import report_table

    print(report_table(found))


@app.command()
def driver(
    slug: Annotated[str, typer.Argument(help="Such as leveraged_etf.", metavar="SLUG")],
    session: Session = "latest",
    days: Annotated[int, typer.Option(help="Show that many sessions back.", min=1)] = 1,
    data: Data = None,
    demo: Demo = False,
    as_json: Json = False,
) -> None:
    """Print one driver's evidence, or its history with --days.

    Example: undertow driver leveraged_etf --session 2025-04-09 --data ../market --days 20
    """
    desk = _desk(data, demo)
    from bot.tables import driver_json, driver_table, history_json, history_table

    if days == 1:
        reading = desk.reading(slug, session)
        print(driver_json(reading) if as_json else driver_table(reading))
        return
    rows = desk.driver_history(slug, session, days)
    print(history_json(slug, rows) if as_json else history_table(slug, rows))


@app.command()
def gamma(
    file: Annotated[
        Path | None, typer.Argument(help="An option chain in any known format.", metavar="FILE")
    ] = None,
    session: Annotated[
        str | None, typer.Option(help="The session the file must hold.", metavar="D")
    ] = None,
    convention: Annotated[
        str, typer.Option(help="undertow, or published to reproduce what others print.")
    ] = "undertow",
    spot: Annotated[
        float | None, typer.Option(help="Price of the underlying, in place of the file's.", min=0.0)
    ] = None,
    every: Annotated[
        Path | None, typer.Option("--all", help="Measure every chain of a folder.", metavar="DIR")
    ] = None,
    workers: Annotated[
        str | None, typer.Option(help="Processes, or dask://host:port.", metavar="N|dask://…")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write to .parquet, .csv or .json.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure dealers' gamma in an option chain, or in every chain of a folder.

    Example: undertow gamma spx_quotedata.csv --json
    """
    if (file is None) == (every is None):
        raise BadArgumentError("name one chain FILE, or a folder with --all DIR")
    from bot.gamma import every_chain, one_chain

    if every is not None:
        print(every_chain(every, workers, out, as_json=as_json), end="")
        return
    if file is not None:
        _deliver(one_chain(file, session, convention, spot, as_json=as_json), out)


@app.command()
def backfill(
    out: Annotated[Path, typer.Option(help="The Parquet file to fill.", metavar="FILE")],
    first: Annotated[str, typer.Option("--from", help="First day.", metavar="D")] = "2011-05-02",
    last: Annotated[
        str, typer.Option("--to", help="Last day, or `latest`.", metavar="D")
    ] = "latest",
    data: Data = None,
    demo: Demo = False,
    workers: Annotated[
        str | None,
        typer.Option(help="A number of processes, or dask://host:port.", metavar="N|dask://..."),
    ] = None,
) -> None:
    """Work out every driver and verdict of many sessions; a stopped run goes on where it was.

    Example: undertow backfill --from 2011-05-02 --to 2026-08-05 --data ../market --out all.parquet
    """
    market = _desk(data, demo).market("latest")
    from bot.backfilling import fill

    print(fill(market, first, last, out, workers))


@app.command()
def record(data: Data = None, demo: Demo = False, as_json: Json = False) -> None:
    """Print how the desk's claims did; with --data or --demo, how they would have done.

    Example: undertow record --data ../market --json
    """
    market = _desk(data, demo).market("latest")
    from bot.recording import hindsight_of, record_json, record_table

    show = record_json if as_json else record_table
    print(show(hindsight_of(market), demo=market.simulated))


@app.command()
def replay(
    session: Annotated[str, typer.Argument(help="Such as 2025-04-09.", metavar="SESSION")],
    published: Annotated[
        str | None, typer.Option(help="The hash the note went out with.", metavar="sha256:...")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a session's reports again from archived inputs, and compare their hashes.

    Example: undertow replay 2025-04-09
    """
    from bot import archiving

    found = archiving.replay(_archive(), session)
    print(archiving.replay_json(found) if as_json else archiving.replay_text(found, published))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Ask every source for a little, and check disk, clock, calendar and settings.

    Example: undertow doctor
    """
    from bot.clock import clock_of
    from bot.doctor import examine, findings_json, findings_table, verdict
    from bot.settings import read_settings

    settings = read_settings()
    findings = examine(settings, clock_of(settings.now))
    print(findings_json(findings) if as_json else findings_table(findings))
    if verdict(findings):
        raise typer.Exit(verdict(findings))


archive = typer.Typer(
    help="Look after fetched data. Example: undertow archive list", no_args_is_help=True
)
app.add_typer(archive, name="archive")


@archive.command("list")
def archive_list(
    session: Annotated[
        str | None, typer.Option(help="Show every entry of this session.", metavar="D")
    ] = None,
    as_json: Json = False,
) -> None:
    """List what the archive holds, by session.

    Example: undertow archive list --session 2025-04-09
    """
    from bot.archiving import listed

    print(listed(_archive(), session, as_json=as_json))


@archive.command("export")
def archive_export(
    out: Annotated[Path, typer.Option(help="A new folder.", metavar="DIR")],
) -> None:
    """Write the archive as a market folder that every command reads with --data.

    Example: undertow archive export --out ./market
    """
    from bot.archiving import exported

    print(exported(_archive(), out))


@archive.command("import")
def archive_import(
    folder: Annotated[Path, typer.Argument(help="A market folder.", metavar="DIR")],
) -> None:
    """Take a market folder into the archive, so that scores have a history from the start.

    Example: undertow archive import ./market
    """
    from bot.archiving import imported
    from bot.clock import clock_of
    from bot.live import known_at
    from bot.settings import read_settings

    print(imported(_archive(), folder, known_at(clock_of(read_settings().now))))


@archive.command("verify")
def archive_verify() -> None:
    """Unpack and hash everything the archive holds.

    Example: undertow archive verify
    """
    from bot.archiving import verified

    print(verified(_archive()))


@archive.command("prune")
def archive_prune(
    before: Annotated[str, typer.Option(help="A session.", metavar="D")],
) -> None:
    """Let go of raw answers of older sessions; facts, chains and reports stay.

    Example: undertow archive prune --before 2025-01-02
    """
    from bot.archiving import pruned

    print(pruned(_archive(), before))


@app.command()
def define(
    term: Annotated[str, typer.Argument(help="Such as gamma.", metavar="TERM")],
) -> None:
    """Explain a term of the note in plain words.

    Example: undertow define "short interest"
    """
    from templates.glossary import lookup

    found = lookup(term)
    if found is None:
        raise BadArgumentError(
            f"no term {term!r} in the glossary; `undertow define all` lists them"
        )
    print(found)


def _desk(data: Path | None, demo: bool) -> Desk:
    if data is not None and demo:
        raise BadArgumentError("--data and --demo exclude each other; name one of them")
    from bot.desk import open_desk
    from bot.settings import read_settings

    return open_desk(read_settings(), data=data, demo=demo)


def _archive() -> Archive:
    from bot.live import open_archive
    from bot.settings import read_settings

    return open_archive(read_settings())


def _deliver(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
        return
    from bot.files import write_whole

    write_whole(out, text)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; a refusal is one sentence on stderr."""
    try:
        status = app(args=arguments, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return 2
    except click.ClickException as error:
        return _refuse(error.format_message(), 2)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _refuse("stopped", 130)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        return _refuse(*_sentence(error))
    return status if isinstance(status, int) else 0


def _sentence(error: Exception) -> tuple[str, int]:
    """Return what to say of an error and its exit status."""
    status = getattr(error, "exit_code", None)
    if isinstance(status, int):
        return str(error), status
    return f"unexpected {type(error).__name__}: {error}; this is a defect, please report it", 1


def _refuse(sentence: str, status: int) -> int:
    print(f"undertow: {sentence}", file=sys.stderr)
    return status
