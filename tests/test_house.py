"""The promises the layout makes: one file a driver, and no imports uphill."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from analysis.drivers import all_drivers
from analysis.reading import Driver

ROOT = Path(__file__).parent.parent
WORLD = {"discord", "sqlalchemy", "fastapi", "apscheduler", "yfinance", "requests", "httpx"}
CLOCKS = {"time", "random", "os", "socket", "subprocess"}
FORBIDDEN = {
    "analysis": {"templates", "bot", "jinja2", "typer", "click"},
    "analysis/drivers": {"os", "pathlib", "io", "analysis.sources"} | WORLD | CLOCKS,
    "analysis/options": {"os", "analysis.sources"} | WORLD | CLOCKS,
    "analysis/simulate": {"os", "analysis.sources"} | WORLD | CLOCKS,
    "templates": {"bot", "pandas", "numpy"} | WORLD | CLOCKS,
}
CLOCK_CALLS = (
    "datetime.now",
    "date.today",
    "Timestamp.now",
    "Timestamp.today",
    "utcnow",
    "time.time",
)


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, whole and by its first name."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    names = plain | froms
    return names | {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_nothing_imports_uphill(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        assert not imported(path) & FORBIDDEN[folder], path


@pytest.mark.parametrize("folder", ["analysis", "templates"])
def test_no_clock_and_no_environment_below_the_bot(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        text = path.read_text("utf-8")
        assert not [call for call in CLOCK_CALLS if f"{call}(" in text], path
        assert "os.environ" not in text, path
        assert "getenv" not in text, path


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        path.name
        for path in (ROOT / "bot").rglob("*.py")
        if "os.environ" in path.read_text("utf-8")
    ]

    assert [name for name in readers if name != "settings.py"] == []


@pytest.mark.parametrize("driver", all_drivers(), ids=lambda driver: driver.slug)
def test_a_driver_bears_its_files_name_and_cites_its_source(driver: Driver) -> None:
    source = (ROOT / "analysis" / "drivers" / f"{driver.slug}.py").read_text("utf-8")

    assert "References\n----------" in (ast.get_docstring(ast.parse(source)) or "")


@pytest.mark.parametrize("driver", all_drivers(), ids=lambda driver: driver.slug)
def test_a_drivers_inputs_weigh_one_together(driver: Driver) -> None:
    assert sum(needed.weight for needed in driver.inputs) == pytest.approx(1.0)


@pytest.mark.parametrize("driver", all_drivers(), ids=lambda driver: driver.slug)
def test_every_driver_has_words_of_its_own(driver: Driver) -> None:
    assert (ROOT / "templates" / "phrases" / f"{driver.slug}.md.j2").exists()
