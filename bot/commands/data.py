"""Commands that look after fetched data: the archive, replay, and the doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import Json

if TYPE_CHECKING:
    from analysis.sources.archive import Archive

archive = typer.Typer(
    help="Look after fetched data. Example: undertow archive list",
    rich_markup_mode=None,
)


def replay(
    session: Annotated[str, typer.Argument(help="Such as 2025-04-09.", metavar="SESSION")],
    published: Annotated[
        str | None, typer.Option(help="The hash the note went out with.", metavar="sha256:...")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a session's reports again from archived inputs, and compare their hashes.

    What went out is looked up in the ledger; --published names it where there is no ledger.

    Example: undertow replay 2025-04-09
    """
    from bot import replaying
    from bot.settings import read_settings

    found = replaying.replay(_archive(), session)
    if published is None:
        address = read_settings().database_url.get_secret_value()
        went_out = replaying.published_editions(address, session)
    else:
        went_out = [replaying.Published(edition="note", content_hash=published)]
    if not as_json:
        typer.echo(replaying.replay_text(found, went_out))
        return
    typer.echo(replaying.replay_json(found, went_out))
    if not replaying.is_faithful(found, went_out):
        raise typer.Exit(1)


def doctor(
    as_json: Json = False,
    mail: Annotated[
        bool, typer.Option("--mail", help="Look at what mail needs: relay, DNS, addresses.")
    ] = False,
    mail_to: Annotated[
        str | None, typer.Option(help="Send the demo note to yourself.", metavar="ADDRESS")
    ] = None,
) -> None:
    """Ask every source for a little, and check disk, clock, calendar and settings.

    Example: undertow doctor --mail
    """
    from bot.clock import clock_of
    from bot.doctor import examine, findings_json, findings_table, verdict
    from bot.settings import read_settings

    settings = read_settings()
    if mail_to is not None:
        from bot.mail.doctor import mail_to_self

        typer.echo(mail_to_self(settings, mail_to))
        return
    if mail:
        from bot.mail.doctor import examine_mail
        from bot.mail.names import Dns

        findings = examine_mail(settings, Dns())
    else:
        findings = examine(settings, clock_of(settings.now))
    typer.echo(findings_json(findings) if as_json else findings_table(findings))
    if verdict(findings):
        raise typer.Exit(verdict(findings))


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

    typer.echo(listed(_archive(), session, as_json=as_json))


@archive.command("export")
def archive_export(
    out: Annotated[Path, typer.Option(help="A new folder.", metavar="DIR")],
) -> None:
    """Write the archive as a market folder that every command reads with --data.

    Example: undertow archive export --out ./market
    """
    from bot.archiving import exported

    typer.echo(exported(_archive(), out))


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

    typer.echo(imported(_archive(), folder, known_at(clock_of(read_settings().now))))


@archive.command("verify")
def archive_verify() -> None:
    """Unpack and hash everything the archive holds.

    Example: undertow archive verify
    """
    from bot.archiving import verified

    typer.echo(verified(_archive()))


@archive.command("prune")
def archive_prune(
    before: Annotated[str, typer.Option(help="A session.", metavar="D")],
) -> None:
    """Let go of raw answers of older sessions; facts, chains and reports stay.

    Example: undertow archive prune --before 2025-01-02
    """
    from bot.archiving import pruned

    typer.echo(pruned(_archive(), before))


def _archive() -> Archive:
    from bot.live import open_archive
    from bot.settings import read_settings

    return open_archive(read_settings())
