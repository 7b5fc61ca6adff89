"""What an operator types about readers, and what comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main

KEY = "a key of at least thirty-two characters"


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERTOW_DATABASE_URL", str(tmp_path / "ledger.sqlite3"))
    monkeypatch.setenv("UNDERTOW_SECRET_KEY", KEY)
    readers = tmp_path / "readers.csv"
    readers.write_text(
        "email,state,cadence,level,zone,hour\n"
        "ana@reader.test,confirmed,weekly,trader,Europe/Berlin,7\n"
        "bo@reader.test,paused,daily,plain,America/New_York,\n"
        "nobody,confirmed,daily,plain,America/New_York,\n",
        "utf-8",
    )
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["subscribers", *words])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_readers_come_from_a_file_and_go_into_one(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told, _ = run(capsys, "import", "readers.csv")
    run(capsys, "export", "out.csv", "--state", "confirmed")
    _, listed, _ = run(capsys, "list", "--json")

    assert (status, told.splitlines()[0]) == (0, "2 added, 0 stood already, 1 refused")
    assert (desk / "out.csv").read_text("utf-8").splitlines()[1:] == [
        "ana@reader.test,confirmed,weekly,trader,Europe/Berlin,7"
    ]
    ana, bo = json.loads(listed)
    assert (ana["email"], ana["hour"], bo["state"], bo["hour"]) == (
        "ana@reader.test",
        7,
        "paused",
        None,
    )


def test_the_list_counts_readers_and_is_json_even_when_empty(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nobody = run(capsys, "list", "--json")
    run(capsys, "import", "readers.csv")
    _, listed, _ = run(capsys, "list")

    assert json.loads(nobody[1]) == []
    assert listed.startswith("1 confirmed, 1 paused\n")
    assert "07:00" in listed


def test_an_erased_reader_comes_back_only_when_the_operator_allows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "import", "readers.csv")

    erased = run(capsys, "erase", "ANA@reader.test")
    refused = run(capsys, "import", "readers.csv")
    run(capsys, "allow", "ana@reader.test")
    _, again, _ = run(capsys, "import", "readers.csv")

    assert erased[0] == 0
    assert "2 refused" in refused[1]
    assert again.startswith("1 added, 1 stood already")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("erase", "cy@reader.test"), 1, "no reader has that address"),
        (("erase", "cy"), 2, "@"),
        (("allow", "cy@reader.test"), 1, "not shut"),
        (("list", "--state", "happy"), 2, "--state takes one of"),
        (("import", "nothing.csv"), 2, "cannot read"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int, told: str
) -> None:
    ended, out, err = run(capsys, *words)

    assert (ended, out) == (status, "")
    assert told in err
    assert err.count("\n") == 1


def test_without_a_key_no_reader_is_added(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERTOW_SECRET_KEY", "")

    status, _, err = run(capsys, "import", "readers.csv")

    assert (status, "UNDERTOW_SECRET_KEY" in err) == (1, True)
