"""Programs from outside: installed where they are missing, run in good order, ended after."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
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
    # A run level of one keeps a package from starting its service.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    apt = [*quiet, "apt-get", "-o", "DPkg::Lock::Timeout=300"]
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


def wait_until(
    is_ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path, seconds: float = 90
) -> None:
    """Wait for a server, but not for one that has ended."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        is_late = time.monotonic() > deadline or server.poll() is not None
        assert not is_late, f"the server does not answer: {log.read_text('utf-8')[-1000:]}"
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Say whether a web server answers at all."""
    try:
        page(url)
    except (OSError, urllib.error.URLError):
        return False
    return True
