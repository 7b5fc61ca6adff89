"""How many personalised mails a second leave the desk, and in what memory.

    python -m benchmarks.mail [--readers 20000] [--million]

Every mail is completed for its reader (about 30 KB), handed to a sink on this machine
(``smtp-sink``, of Postfix) and kept in the ledger: a mark before its text, an outcome after.
Beside it, in the same run and to the same sink: ``smtp-source``, which is what the machine can
do, and aiosmtplib alone, which is what Python's wire can do. With ``--million`` the note is
promised to a million readers and some of them are served, to see the memory.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import multiprocessing
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.queues import Queue
from pathlib import Path

import aiosmtplib
import structlog

from benchmarks.chaos_worker import Mute
from benchmarks.mail_crowd import channel_at, promise_note, subscribe_crowd
from benchmarks.private_postfix import install
from benchmarks.private_postgres import NoPostgresError, new_database, private_postgres
from bot.clock import real_clock
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.migrate import upgrade
from bot.outbox import Outbox
from bot.worker import process_name

SIZE_BYTES = 30_000
CONNECTIONS, BATCH = 4, 10
SECONDS_A_TRIAL = 12.0
SINK, SOURCE = "/usr/sbin/smtp-sink", "/usr/sbin/smtp-source"

Result = tuple[int, float, float, float]
"""Mails sent, seconds taken, processor seconds used, peak memory [MiB]."""


def peak_mib() -> float:
    """Return the most memory this process ever held [MiB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def running_sink() -> Iterator[int]:
    """Run a sink that takes everything and keeps nothing, and give its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    process = subprocess.Popen(  # noqa: S603 - a fixed command
        [SINK, "-u", "postfix", f"127.0.0.1:{port}", "200"], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def smtp_source(port: int, mails: int) -> float:
    """Return how many mails a second ``smtp-source`` hands over [mails/s]."""
    begun = time.monotonic()
    subprocess.run(  # noqa: S603 - a fixed command
        [SOURCE, "-s", str(CONNECTIONS), "-d", "-m", str(mails), "-l", str(SIZE_BYTES),
         "-f", "note@desk.test", "-t", "r@many.test", f"127.0.0.1:{port}"],
        check=True,
    )  # fmt: skip
    return mails / (time.monotonic() - begun)


async def bare_aiosmtplib(port: int, mails: int) -> Result:
    """Hand over one text to many with aiosmtplib and nothing else."""
    text = b"Subject: x\r\n\r\n" + b"Funds had to buy by the bell.\r\n" * (SIZE_BYTES // 31)

    async def line(share: int) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        for number in range(share):
            await client.mail("note@desk.test")
            await client.rcpt(f"r{number}@many.test")
            await client.data(text)
        await client.quit()

    begun, begun_cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(line(mails // CONNECTIONS) for _ in range(CONNECTIONS)))
    return mails, time.monotonic() - begun, time.process_time() - begun_cpu, peak_mib()


def mail_for_a_while(database: str, port: int, batch: int, answer: Queue[Result]) -> None:
    """Be a worker for some seconds, and report."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    answer.put(asyncio.run(_mail(database, port, batch)))


async def _mail(database: str, port: int, batch: int) -> Result:
    ledger = open_ledger(database)
    channel = channel_at(ledger, port, CONNECTIONS, batch)
    outbox = Outbox(ledger, [channel], real_clock, process_name(), Mute().alarm)
    # The first round opens the lines and the database; it does not count.
    await outbox.run_once()
    begun, begun_cpu, sent = time.monotonic(), time.process_time(), 0
    while time.monotonic() - begun < SECONDS_A_TRIAL and (moved := await outbox.run_once()):
        sent += moved
    seconds, cpu = time.monotonic() - begun, time.process_time() - begun_cpu
    await outbox.rest()
    await ledger.close()
    return sent, seconds, cpu, peak_mib()


def race(database: str, port: int, batch: int, workers: int) -> list[Result]:
    """Let workers mail side by side, and return what each did."""
    context = multiprocessing.get_context("spawn")
    answers: Queue[Result] = context.Queue()
    crew = [
        context.Process(target=mail_for_a_while, args=(database, port, batch, answers))
        for _ in range(workers)
    ]
    for process in crew:
        process.start()
    results = [answers.get() for _ in crew]
    for process in crew:
        process.join()
    return results


def line_of(title: str, done: list[Result]) -> str:
    """Return one line of the table."""
    rate = sum(sent / seconds for sent, seconds, _, _ in done)
    cpu_ms = 1e3 * sum(cpu for _, _, cpu, _ in done) / max(sum(one[0] for one in done), 1)
    return (
        f"{title:<52} {rate:>6,.0f} mails/s, {cpu_ms:.2f} ms of processor each, "
        f"peak {max(one[3] for one in done):.0f} MiB"
    )


async def prepared(database: str, port: int, readers: int) -> Ledger:
    """Return a ledger in which the note is promised to so many readers."""
    ledger = open_ledger(database)
    await upgrade(ledger)
    await subscribe_crowd(ledger, readers, "many.test")
    await promise_note(ledger, channel_at(ledger, port, 1, 1), SIZE_BYTES)
    return ledger


async def trials(port: int, readers: int) -> None:
    """Measure the ledger's two databases, and print their lines."""
    with tempfile.TemporaryDirectory(prefix="undertow-mail-") as folder:
        database = str(Path(folder) / "ledger.sqlite3")
        ledger = await prepared(database, port, readers)
        await ledger.close()
        for batch in (BATCH, 1):
            done = await asyncio.to_thread(race, database, port, batch, 1)
            print(line_of(f"SQLite (WAL, synchronous FULL), marks of {batch}, 1 worker", done))
    try:
        async with private_postgres() as server:
            database = await new_database(server, "undertow_mail")
            ledger = await prepared(database, port, readers)
            await ledger.close()
            for workers in (1, 2):
                done = await asyncio.to_thread(race, database, port, BATCH, workers)
                print(line_of(f"PostgreSQL, marks of {BATCH}, {workers} worker(s)", done))
    except NoPostgresError as error:
        print(f"PostgreSQL: not run: {error}", file=sys.stderr)


async def million(port: int, readers: int) -> None:
    """Promise the note to many, serve some, and print the memory."""
    with tempfile.TemporaryDirectory(prefix="undertow-mail-") as folder:
        database = str(Path(folder) / "ledger.sqlite3")
        ledger = open_ledger(database)
        await upgrade(ledger)
        await subscribe_crowd(ledger, readers, "many.test")
        begun = time.monotonic()
        count = await promise_note(ledger, channel_at(ledger, port, 1, 1), SIZE_BYTES)
        seconds = time.monotonic() - begun
        print(
            f"{count:,} readers promised in {seconds:.0f} s ({count / seconds:,.0f}/s), "
            f"this process peaks at {peak_mib():.0f} MiB"
        )
        await ledger.close()
        print(line_of(f"SQLite, {readers:,} waiting", race(database, port, BATCH, 1)))


def load() -> str:
    """Return how busy the machine is."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description="mail by the thousand")
    parser.add_argument("--readers", type=int, default=40_000)
    parser.add_argument("--million", action="store_true")
    options = parser.parse_args()
    install()
    print(f"before: {load()}")
    with running_sink() as port:
        if options.million:
            asyncio.run(million(port, 1_000_000))
        else:
            print(f"{'smtp-source, 4 lines':<52} {smtp_source(port, 8_000):>6,.0f} mails/s")
            bare = asyncio.run(bare_aiosmtplib(port, 4_000))
            print(line_of("aiosmtplib alone, 4 lines, one text for all", [bare]))
            asyncio.run(trials(port, options.readers))
    print(f"after: {load()}")


if __name__ == "__main__":
    main()
