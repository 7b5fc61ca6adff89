"""Real processes on one ledger: a job is done once, and SIGTERM ends in good order."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.alerts import AlertDesk
from bot.channels.folder import FolderChannel
from bot.clock import rehearsal_clock
from bot.edition import NOTE, Edition
from bot.errors import DeskError
from bot.ledger import LedgerError
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.migrate import WrongRevisionError, upgrade
from bot.ledger.runs import runs_since
from bot.service import Service, closures_file, prepare, serve, work

EVENING = datetime(2025, 11, 21, 22, 15, tzinfo=UTC)


def desk(address: str, folder: Path, port: int | None) -> None:
    """Be one process of a desk; the test's other processes are its like."""
    ledger, clock = open_ledger(address), rehearsal_clock(EVENING)

    def write(session: date) -> Edition:
        with (folder / "written.txt").open("a") as file:
            file.write(f"{session} {os.getpid()}\n")
        time.sleep(0.2)
        return Edition(session, {"blog.md": b"# Note\n"}, f"sha256:{session}")

    service = Service(
        ledger,
        [FolderChannel(folder / "notes")],
        AlertDesk(ledger, clock),
        writers={NOTE: write},
        clock=clock,
    )
    asyncio.run(work(service) if port is None else serve(service, port=port))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.05)


def ask(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.slow
def test_two_desks_and_a_worker_publish_a_session_once_and_end_well(
    ledger_address: str, tmp_path: Path
) -> None:
    asyncio.run(_upgraded(ledger_address))
    folder = tmp_path / "desk"
    folder.mkdir()
    context = multiprocessing.get_context("spawn")
    ports = [free_port(), free_port(), None]
    crew = [context.Process(target=desk, args=(ledger_address, folder, p)) for p in ports]
    for process in crew:
        process.start()
    wait_for(folder / "notes" / "2025-11-21.md")
    time.sleep(1.5)
    health = [ask(port, "/readyz") for port in ports if port]
    for process in crew:
        os.kill(process.pid or 0, signal.SIGTERM)
    for process in crew:
        process.join(30)

    assert health == [200, 200]
    assert [process.exitcode for process in crew] == [0, 0, 0]
    assert len((folder / "written.txt").read_text("utf-8").splitlines()) == 1
    assert asyncio.run(_told(ledger_address)) == (["publish done 1"], ["sent 1"])


async def _upgraded(address: str) -> None:
    ledger = open_ledger(address)
    await upgrade(ledger)
    await ledger.close()


async def _told(address: str) -> tuple[list[str], list[str]]:
    ledger = open_ledger(address)
    async with ledger.read() as tx:
        runs = [r for r in await runs_since(tx, EVENING.date()) if r.job.kind != "begin"]
        rows = await list_deliveries(tx)
    await ledger.close()
    return (
        [f"{run.job.kind} {run.state} {run.tries}" for run in runs],
        [f"{row.state} {row.attempts}" for row in rows],
    )


async def test_an_unplanned_closure_beside_the_ledger_is_followed_at_the_next_ring(
    tmp_path: Path,
) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await prepare(ledger)
    runner = Service(
        ledger,
        [],
        AlertDesk(ledger, lambda: EVENING),
        writers={NOTE: lambda session: Edition(session, {}, "sha256:x")},
        clock=lambda: EVENING,
    ).runner()
    before = [due.job.session for due in await runner.due()]

    closed = "date,close,reason\n2025-11-21,,A storm\n"
    closures_file(ledger).write_text(closed, "utf-8")
    after = [due.job.session for due in await runner.due()]

    assert (before, after) == ([EVENING.date()], [])
    assert closures_file(ledger) == tmp_path / "closures.csv"
    await ledger.close()


async def test_a_new_sqlite_desk_needs_no_set_up(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "var" / "undertow.sqlite3"))

    await prepare(ledger)
    await prepare(ledger)

    async with ledger.read() as tx:
        assert await list_deliveries(tx) == []
    await ledger.close()


async def test_a_database_that_is_away_is_one_sentence_without_its_password() -> None:
    ledger = open_ledger("postgresql://desk:geheim@127.0.0.1:1/undertow")

    with pytest.raises(LedgerError, match="check UNDERTOW_DATABASE_URL") as refusal:
        await prepare(ledger)

    assert "geheim" not in str(refusal.value)
    await ledger.close()


async def test_a_port_that_is_taken_is_one_sentence_before_any_work_begins(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    service = Service(ledger, [], AlertDesk(ledger, rehearsal_clock(EVENING)))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(DeskError, match=f"cannot listen on 127.0.0.1 port {port}: Address"):
            await serve(service, port=port)


async def test_a_companion_that_refuses_ends_the_desk_with_its_own_sentence(
    tmp_path: Path,
) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    service = Service(ledger, [], AlertDesk(ledger, rehearsal_clock(EVENING)))

    async def refuse(_stopping: asyncio.Event) -> None:
        raise DeskError("the token is refused")

    with pytest.raises(DeskError, match="the token is refused"):
        await serve(service, port=free_port(), beside=[refuse])


async def test_a_worker_does_not_touch_tables_it_does_not_know(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    service = Service(ledger, [], AlertDesk(ledger, rehearsal_clock(EVENING)))

    with pytest.raises(WrongRevisionError, match="undertow db upgrade"):
        await work(service)
    await ledger.close()
