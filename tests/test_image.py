"""No container engine is needed to see that the image's own steps make a desk that answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")

SENT = (ROOT / ".dockerignore").read_text("utf-8").split()
"""What is kept away from the build, and behind exclamation marks what is not."""

PATIENCE_SECONDS = 120.0
"""A loaded machine takes its time; what is asked for is that the desk answers, not how soon."""


def copied(place: Path) -> Path:
    """Copy what the first stage copies out of what the build is sent, and nothing else."""
    source = place / "src"
    for told in re.findall(r"^COPY (?!--)(.+)$", DOCKERFILE, re.MULTILINE):
        *names, target = told.split()
        for name in names:
            assert f"!{Path(name).parts[0]}" in SENT, f"{name} is not sent to the build"
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / target)
            else:
                (source / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, source / target)
    return source


def installed(place: Path) -> Path:
    """Run the first stage's install in a clean environment; return its programs' folder."""
    (wanted,) = re.findall(r'/opt/undertow/bin/pip install "(.+?)"', DOCKERFILE)
    programs = place / "undertow" / "bin"
    steps = [
        [sys.executable, "-m", "venv", str(place / "undertow")],
        [str(programs / "pip"), "install", "-q", wanted],
    ]
    source = copied(place)
    for step in steps:
        subprocess.run(step, check=True, cwd=source)  # noqa: S603
    return programs


def health_check(programs: Path, port: int) -> list[str]:
    """Return the image's health check, put to a port of ours."""
    (told,) = re.findall(r"^HEALTHCHECK .*\\\n\s+CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    python, *rest = json.loads(told)
    return [str(programs / python), *(word.replace(":8080", f":{port}") for word in rest)]


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
    return port


@pytest.mark.slow
def test_the_images_steps_make_a_desk_that_answers_its_health_check_and_ends_well(
    tmp_path: Path,
) -> None:
    programs = installed(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    port = free_port()
    plain = {name: value for name, value in os.environ.items() if "UNDERTOW" not in name}
    settings = {"UNDERTOW_PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"}

    desk = subprocess.Popen(  # noqa: S603
        [str(programs / "undertow"), "serve"], cwd=home, env={**plain, **settings}
    )
    try:
        check = health_check(programs, port)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run(check, check=False, stderr=subprocess.DEVNULL).returncode:  # noqa: S603
            assert desk.poll() is None, "the desk ended before it answered"
            assert time.monotonic() < give_up, "the desk never answered"
        desk.send_signal(signal.SIGTERM)
        status = desk.wait(timeout=PATIENCE_SECONDS)
    finally:
        desk.kill()

    assert status == 0
    assert {path.name for path in home.iterdir()} == {"var"}
