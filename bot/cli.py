"""The command line: one thin function a command, heavy imports inside.

``undertow --help`` must answer at once, so nothing here imports pandas, the drivers or the
templates before a command needs them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import data as data_commands
from bot.commands import operations
from bot.commands import subscribers as subscriber_commands
from bot.commands.close import close
from bot.commands.held import held
from bot.commands.options import Data, Demo, Json, Session, desk_of
from bot.commands.site import site as site_commands
from bot.commands.unpublish import unpublish
from bot.errors import BadArgumentError

app = typer.Typer(
    name="undertow",
    help="Who had to trade today, who chose to, and what is known about tomorrow.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def note(
    session: Session = "latest",
    data: Data = None,
    demo: Demo = False,
    edition: Annotated[
        str,
        typer.Option(
            "--as", help="text, markdown, blog, html, mail, discord or json.", metavar="EDITION"
        ),
    ] = "text",
    level: Annotated[str, typer.Option(help="plain, trader or quant.", metavar="LEVEL")] = "plain",
    out: Annotated[
        Path | None, typer.Option(help="Write to this file instead.", metavar="FILE")
    ] = None,
    charts: Annotated[
        Path | None, typer.Option(help="Draw its charts into this folder too.", metavar="DIR")
    ] = None,
) -> None:
    """Write the market note of a session.

    Example: undertow note --session 2025-04-09 --data ../market --as markdown
    """
    desk = desk_of(data, demo)
    _deliver(desk.note(session, edition, level), out)
    if charts is not None:
        from bot.charting import write_charts

        market, found = desk.market(session), desk.report(session)
        chain = desk.source.chain(market.sessions[-1])
        for line in write_charts(market, found, charts, chain):
            print(line, file=sys.stderr)


@app.command()
def report(
    session: Session = "latest", data: Data = None, demo: Demo = False, as_json: Json = False
) -> None:
    """Print every driver's figures, the verdict and what it rests on.

    Example: undertow report --session 2025-04-09 --data ../market --json
    """
    found = desk_of(data, demo).report(session)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, allow_nan=False, indent=2))
        return
    from bot.tables import report_table

    print(report_table(found))


@app.command()
def why(
    session: Annotated[str, typer.Argument(help="As 2025-04-09, or `latest`.", metavar="SESSION")],
    sentence: Annotated[
        str | None, typer.Argument(help="Such as leveraged_etf.flow.buying.", metavar="ID")
    ] = None,
    data: Data = None,
    demo: Demo = False,
    as_json: Json = False,
) -> None:
    """Print what a sentence of the note rests on; without an id, list the sentences.

    Example: undertow why 2025-04-09 leveraged_etf.flow.buying --data ../market
    """
    commentary = desk_of(data, demo).commentary(session)
    from bot.why import answer

    print(answer(commentary, sentence, as_json=as_json))


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
    desk = desk_of(data, demo)
    from bot.tables import driver_json, driver_table, history_json, history_table

    if days == 1:
        reading = desk.reading(slug, session)
        print(driver_json(reading) if as_json else driver_table(reading))
        return
    rows = desk.driver_history(slug, session, days)
    print(history_json(slug, rows) if as_json else history_table(slug, rows))


@app.command()
def gamma(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Option chains in any known format; several add up.", metavar="FILE"),
    ] = None,
    session: Annotated[
        str | None, typer.Option(help="The session the file must hold.", metavar="D")
    ] = None,
    convention: Annotated[
        str, typer.Option(help="undertow, or published to reproduce what others print.")
    ] = "undertow",
    spot: Annotated[
        float | None, typer.Option(help="Price of the underlying, in place of the file's.")
    ] = None,
    least_days: Annotated[
        int, typer.Option(help="Leave out contracts with fewer days to run.", min=0, metavar="N")
    ] = 0,
    weights: Annotated[
        Path | None, typer.Option(help="CSV symbol,weight of an index's members.", metavar="FILE")
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
    """Measure dealers' gamma in option chains, or in every chain of a folder.

    Example: undertow gamma spx_quotedata.csv --json
    """
    if bool(files) == (every is not None):
        raise BadArgumentError("name a chain FILE or several, or a folder with --all DIR")
    from bot.gamma import ChainWish, every_chain, one_chain

    if every is not None:
        print(every_chain(every, workers, out, as_json=as_json), end="")
        return
    wish = ChainWish(session, convention, spot, least_days)
    match files or []:
        case [one]:
            _deliver(one_chain(one, wish, as_json=as_json), out)
        case several:
            from bot.gamma_complex import added_up

            _deliver(added_up(several, weights, wish, as_json=as_json), out)


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
    market = desk_of(data, demo).market("latest")
    from bot.backfilling import fill

    print(fill(market, first, last, out, workers))


@app.command()
def record(data: Data = None, demo: Demo = False, as_json: Json = False) -> None:
    """Print how the desk's claims did; with --data or --demo, how they would have done.

    Example: undertow record --data ../market --json
    """
    desk = desk_of(data, demo)
    market = desk.market("latest")
    from bot.recording import hindsight_of, published_record, record_json, record_table

    live = data is None and not demo
    found = published_record(desk, market) if live else hindsight_of(market)
    show = record_json if as_json else record_table
    print(show(found, demo=market.simulated))


@app.command()
def define(
    term: Annotated[str, typer.Argument(help="Such as gamma.", metavar="TERM")],
) -> None:
    """Explain a term of the note in plain words.

    Example: undertow define "short interest"
    """
    from templates.glossary import lookup, near

    found = lookup(term)
    if found is None:
        offered = ", ".join(near(term))
        meant = f"did you mean {offered}? " if offered else ""
        raise BadArgumentError(
            f"no term {term!r} in the glossary; {meant}`undertow define all` lists them"
        )
    print(found)


app.command()(close)
app.command()(operations.serve)
app.command()(operations.worker)
app.command()(operations.publish)
app.command()(unpublish)
app.command()(operations.setup)
app.command()(data_commands.replay)
app.command()(data_commands.doctor)
app.add_typer(operations.deliveries, name="deliveries")
app.add_typer(held, name="held")
app.add_typer(operations.db, name="db")
app.add_typer(data_commands.archive, name="archive")
app.add_typer(subscriber_commands.subscribers, name="subscribers")
app.add_typer(site_commands, name="site")


def _deliver(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
        return
    from bot.files import write_whole

    write_whole(out, text)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; a refusal is one sentence on stderr."""
    if not (sys.argv[1:] if arguments is None else arguments):
        arguments = ["--help"]
    try:
        status = app(args=arguments, standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        return _refuse("stopped", 130)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        return _refuse(*_sentence(error))
    return status if isinstance(status, int) else 0


def _sentence(error: Exception) -> tuple[str, int]:
    """Return what to say of an error and its exit status.

    The parser's own errors and the desk's alike carry ``exit_code``.
    """
    status = getattr(error, "exit_code", None)
    if isinstance(status, int):
        # The parser's errors name the option only in their long form.
        told = getattr(error, "format_message", None)
        return str(error) if told is None else str(told()), status
    return f"unexpected {type(error).__name__}: {error}; this is a defect, please report it", 1


def _refuse(sentence: str, status: int) -> int:
    print(f"undertow: {sentence}", file=sys.stderr)
    return status
