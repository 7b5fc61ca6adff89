"""A PostgreSQL server of our own, on loopback, for trials and slow tests.

It lives in a temporary folder, on a free port, under an account that is not root (PostgreSQL
refuses root), and is gone with the ``async with``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

URL_VARIABLE = "UNDERTOW_TEST_POSTGRES"
"""An address of a server to use instead, whose databases may be made and dropped."""


class NoPostgresError(Exception):
    """There is no PostgreSQL on this machine and none was named."""


def find_binaries() -> Path:
    """Return the folder that holds ``initdb``.

    Raises
    ------
    NoPostgresError
        Where PostgreSQL is not installed.
    """
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise NoPostgresError(f"install PostgreSQL (apt install postgresql) or set {URL_VARIABLE}")
    return Path(on_path).resolve().parent


@asynccontextmanager
async def private_postgres() -> AsyncIterator[str]:
    """Give the address of a running server, such as ``postgresql://postgres@127.0.0.1:5999``."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        yield named.rstrip("/")
        return
    binaries = find_binaries()
    home = Path(tempfile.mkdtemp(prefix="undertow-pg-"))
    _give_to_postgres(home)
    try:
        async with _running(binaries, home) as address:
            yield address
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def _running(binaries: Path, home: Path) -> AsyncIterator[str]:
    data, port = home / "data", _free_port()
    await _run(binaries / "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}"
    control = (binaries / "pg_ctl", "-D", str(data), "-w", "-l", str(home / "log"))
    await _run(*control, "-o", options, "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        with contextlib.suppress(RuntimeError):
            await _run(*control, "-m", "immediate", "stop")


async def new_database(server: str, name: str) -> str:
    """Make an empty database on a server, in place of one of that name, and return its address."""
    import asyncpg

    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"{server}/{name}"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _give_to_postgres(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")


async def _run(program: Path, *arguments: str) -> None:
    # Without a start of its own the server would hold our terminal and take our signals.
    account = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    process = await asyncio.create_subprocess_exec(
        *(account if os.geteuid() == 0 else ()),
        str(program),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd="/",
        start_new_session=True,
    )
    # The server keeps the pipe of pg_ctl open, so wait for the exit and not for the pipe's end.
    status = await process.wait()
    if status != 0:
        words = await process.stderr.read() if process.stderr else b""
        raise RuntimeError(f"{program.name} failed ({status}): {words.decode(errors='replace')}")
