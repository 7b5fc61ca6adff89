"""What a reader can type or read about is written down."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.main

from analysis.drivers import all_drivers
from analysis.reading import Driver
from benchmarks.notes import demo_beginning, readme_with
from bot.cli import app

ROOT = Path(__file__).parent.parent
COMMANDS = sorted(typer.main.get_group(app).commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"undertow {command}" in (ROOT / "docs" / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    assert f"undertow {command}" in (typer.main.get_group(app).commands[command].help or "")


@pytest.mark.parametrize("driver", all_drivers(), ids=lambda driver: driver.slug)
def test_every_driver_is_documented(driver: Driver) -> None:
    assert f"## {driver.slug}" in (ROOT / "docs" / "drivers.md").read_text("utf-8")


def test_the_readme_opens_with_the_note_the_demo_prints() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert readme_with(demo_beginning(), readme) == readme


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_no_setting_is_shown_with_a_remark_behind_it(page: Path) -> None:
    """Systemd reads such a remark as a part of the value."""
    shown = [line for line in page.read_text("utf-8").splitlines() if line.startswith("UNDERTOW_")]

    assert [line for line in shown if " #" in line] == []
