"""Programs from outside: installed where they are missing, run in good order, ended after."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(
    *command: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """Return what a program prints, or fail with what it complains of."""
    done = subprocess.run(  # noqa: S603 - programs the tests name
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]} failed: {done.stderr[-2000:]}{done.stdout[-500:]}"
    return done.stdout


def need(program: str, packages: Sequence[str]) -> None:
    """Make sure that a program is there.

    Raises
    ------
    AssertionError
        With what to install, where this machine cannot install it by itself.
    """
    if shutil.which(program) or Path("/usr/sbin", program).exists():
        return
    wanted = " ".join(packages)
    assert shutil.which("apt-get"), f"{program} is missing; install {wanted}"
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]
    run(*apt, "update", "-qq")
    run(*apt, "install", "-y", "-qq", "--no-install-recommends", *packages)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def start(*command: str | Path, log: Path, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a server that writes into a log."""
    with log.open("ab") as file:
        return subprocess.Popen(  # noqa: S603 - programs the tests name
            [str(part) for part in command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a server."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def page(url: str) -> tuple[int, str]:
    """Return a page as a reader gets it."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def wait_for_page(url: str, log: Path) -> None:
    """Wait until a server answers at all."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            page(url)
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} never answered: {log.read_text('utf-8')[-1000:]}")
