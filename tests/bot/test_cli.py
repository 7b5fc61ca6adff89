"""What a person types, and what comes back: text, one sentence, an exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from tests.market_folder import LAST, PRICES, add_rows, price_row, write_small_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_folder(tmp_path / "market")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command that must refuse, and return its status and its one sentence."""
    status = main(list(arguments))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    assert "Traceback" not in printed.err
    return status, printed.err


def test_the_demo_note_says_that_it_is_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["note", "--demo"]) == 0
    assert "SIMULATED" in capsys.readouterr().out


@pytest.mark.parametrize("edition", ["text", "markdown", "html", "json"])
def test_every_edition_of_a_demo_note_says_that_it_is_simulated(
    edition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["note", "--demo", "--as", edition]) == 0
    printed = capsys.readouterr().out.lower()
    assert "simulated" in printed or '"demo": true' in printed


def test_a_report_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--demo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["demo"] is True


def test_a_drivers_history_has_one_row_a_session(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["driver", "vol_control", "--demo", "--days", "3", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["sessions"]) == 3


def test_a_note_goes_to_a_file_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "deep" / "note.md"

    assert main(["note", "--demo", "--as", "markdown", "--out", str(target)]) == 0
    assert target.read_text("utf-8").startswith("# ")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("session", "words"),
    [
        ("2025-04-18", "holiday"),
        ("2025-04-19", "weekend"),
        ("2098-05-05", "has not come yet"),
        ("yesterday", "no date"),
    ],
)
def test_a_day_that_is_no_session_is_refused_with_two(
    folder: Path, session: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, sentence = refusal(capsys, "note", "--session", session, "--data", str(folder))

    assert (status, words in sentence) == (2, True)


def test_a_session_after_the_last_bar_is_refused_with_three(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, sentence = refusal(capsys, "note", "--session", "2025-06-02", "--data", str(folder))

    assert (status, "no usable bar" in sentence) == (3, True)


def test_an_empty_folder_is_refused_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(capsys, "note", "--data", str(tmp_path))[0] == 3


def test_a_truncated_price_file_is_refused_with_three_and_nothing_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = folder / PRICES
    prices.write_bytes(prices.read_bytes()[:500])
    target = tmp_path / "note.md"

    assert refusal(capsys, "note", "--data", str(folder), "--out", str(target))[0] == 3
    assert not target.exists()


def test_conflicting_bars_of_the_index_are_refused_and_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_rows(folder, PRICES, price_row("^GSPC", LAST, 1.0))

    status, sentence = refusal(capsys, "note", "--data", str(folder))

    assert (status, PRICES in sentence) == (3, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nte"],
        ["note", "--dem"],
        ["note", "--demo", "--data", "."],
        ["note", "--demo", "--as", "papyrus"],
        ["driver", "moon_phase", "--demo"],
        ["driver", "vol_control", "--demo", "--days", "0"],
        ["define", "flux capacitor"],
        ["note", "--data", "no/such/folder"],
    ],
    ids=" ".join,
)
def test_an_argument_that_cannot_be_meant_is_refused_with_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(capsys, *arguments)[0] == 2


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from bot.cli import main; main(['--help']); "
        "heavy = {'pandas', 'numpy', 'jinja2', 'pydantic', 'discord', 'yfinance', 'sqlalchemy'}; "
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own code
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_option_out_of_range_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["driver", "vol_control", "--demo", "--days", "0"]) == 2
    assert "--days" in capsys.readouterr().err


def test_a_figure_that_rounds_to_nothing_has_no_sign(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["driver", "vol_control", "--demo", "--days", "60"]) == 0
    assert not re.search(r"[+-]0(\.0+)?(\s|$)", capsys.readouterr().out)
