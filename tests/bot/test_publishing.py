"""From the desk to the ledger and out: what an operator types, on the demo market."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from analysis.sources.demo import DemoSource
from bot.cli import main
from bot.desk import Desk
from bot.edition import WritingError
from bot.publishing import NoteWriter


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder with a folder channel switched on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERTOW_FOLDER", "notes")
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must do, and return what it printed."""
    status = main(list(arguments))
    output = capsys.readouterr()
    assert status == 0, output.err
    return output.out


def test_an_edition_holds_every_text_and_the_demo_grades_nothing() -> None:
    edition = NoteWriter(Desk(DemoSource()).report).write(date(2026, 6, 30))

    assert {"blog.md", "note.txt", "note.html", "note.json", "report.json"} <= set(edition.texts)
    assert edition.content_hash == json.loads(edition.texts["report.json"])["content_hash"]
    assert edition.claims == ()


def test_a_day_that_cannot_be_read_is_held_and_not_a_crash() -> None:
    with pytest.raises(WritingError, match="weekend"):
        NoteWriter(Desk(DemoSource()).report).write(date(2026, 6, 27))


def test_a_dry_run_says_what_would_go_where_and_leaves_no_trace(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "folder → folder: blog.md" in printed(capsys, "publish", "--demo", "--dry-run")
    assert not (home / "notes").exists()


def test_publishing_twice_sends_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "publish", "--demo")
    again = printed(capsys, "publish", "--demo")

    assert "folder: 1 sent" in again
    assert [path.name for path in (home / "notes").iterdir()] == ["2026-06-30.md"]


def test_what_was_sent_is_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "publish", "--demo", "--session", "2026-06-29")

    (row,) = json.loads(printed(capsys, "deliveries", "--json"))
    assert (row["session"], row["channel"], row["state"]) == ("2026-06-29", "folder", "sent")
    assert printed(capsys, "deliveries", "--in-doubt").strip() == "none in doubt"


def test_of_many_deliveries_the_newest_are_listed_and_the_rest_is_counted(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in ("2026-06-26", "2026-06-29", "2026-06-30"):
        printed(capsys, "publish", "--demo", "--session", day)

    lines = printed(capsys, "deliveries", "--limit", "2").strip().splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["2026-06-30", "2026-06-29"]
    assert lines[2].startswith("and 1 older")
    assert len(printed(capsys, "deliveries", "--state", "sent").strip().splitlines()) == 3
    assert printed(capsys, "deliveries", "--state", "failed").strip() == "none failed"


@pytest.fixture
def doubtful(home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Have one delivery of which nobody knows, and the alert that says so."""
    printed(capsys, "publish", "--demo", "--session", "2026-06-29")
    with contextlib.closing(sqlite3.connect("var/undertow.sqlite3")) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET state = 'in_doubt', detail = 'no answer'")
        ledger.execute(
            "INSERT INTO alerts (key, words, first_at, last_at, sent_at, times) VALUES "
            "('in_doubt:folder', 'a doubt', :at, :at, :at, 0)",
            {"at": "2026-06-29 22:00:00.000000"},
        )
    return home


@pytest.mark.parametrize(
    ("deed", "words", "after"),
    [("retry", "waits for", "pending"), ("skip", "is skipped", "skipped")],
)
def test_a_doubt_is_settled_once_in_a_sentence_and_its_alert_taken_back(
    doubtful: Path, deed: str, words: str, after: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = printed(capsys, "deliveries", deed, "1")

    assert told.strip().startswith(f"delivery 1 {words}")
    assert told.strip().endswith("the note of 2026-06-29, folder → folder")
    with contextlib.closing(sqlite3.connect("var/undertow.sqlite3")) as ledger:
        assert ledger.execute("SELECT count(*) FROM alerts").fetchone() == (0,)
    assert main(["deliveries", deed, "1"]) == 1
    assert f"delivery 1 is {after}" in capsys.readouterr().err


def test_who_publishes_is_told_why_a_channel_has_nothing_yet(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "notes").write_text("a file where the folder should be", "utf-8")

    told = printed(capsys, "publish", "--demo")

    assert "folder: 1 pending" in told
    assert "folder, pending: cannot write to the folder: File exists" in told


def test_a_backup_of_a_ledger_in_use_can_be_put_back(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "publish", "--demo")
    printed(capsys, "db", "backup", "copy.sqlite3")
    Path("var/undertow.sqlite3").unlink()
    printed(capsys, "db", "restore", "copy.sqlite3")

    assert "sent" in printed(capsys, "deliveries")
    with sqlite3.connect("copy.sqlite3") as copy:
        assert copy.execute("select count(*) from editions").fetchone() == (1,)


def test_the_live_record_is_empty_before_anything_was_published(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.market_folder import write_small_folder

    monkeypatch.setenv("UNDERTOW_DATA", str(write_small_folder(home / "market")))

    record = json.loads(printed(capsys, "record", "--json"))
    assert (record["hindsight"], record["scores"]) == (False, [])


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["publish", "--demo", "--channel", "moon"], 2, "no settings"),
        (["publish", "--demo", "--session", "2025-12-25"], 2, "holiday"),
        (["deliveries", "skip", "7"], 1, "no delivery 7"),
        (["deliveries", "retry", "9" * 20], 1, "no delivery 9999"),
        (["deliveries", "--state", "lost"], 2, "no state of a delivery"),
        (["deliveries", "--state", "failed", "--in-doubt"], 2, "leave out --state"),
        (["db", "restore", "nowhere.sqlite3"], 1, "no file"),
    ],
    ids=[
        "a channel that is off",
        "a holiday",
        "no such delivery",
        "a number beyond all",
        "no such state",
        "two states",
        "no such file",
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    home: Path, arguments: list[str], status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == status
    assert words in capsys.readouterr().err


def test_settings_that_must_not_go_together_are_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_HOST", "0.0.0.0")  # noqa: S104 - the test is that it is refused

    assert main(["serve", "--demo"]) == 1
    assert "SECRET_KEY" in capsys.readouterr().err


def test_a_webhook_secret_that_anyone_could_guess_is_refused_without_repeating_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_WEBHOOK_URL", "https://hooks.example.org/x")
    monkeypatch.setenv("UNDERTOW_WEBHOOK_SECRET", "geheim")

    assert main(["deliveries"]) == 2
    said = capsys.readouterr().err
    assert "UNDERTOW_WEBHOOK_SECRET" in said
    assert "16" in said
    assert "geheim" not in said


def test_a_secret_may_lie_in_a_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "key").write_text("k" * 32, "utf-8")
    monkeypatch.setenv("UNDERTOW_SECRET_KEY_FILE", "key")
    monkeypatch.setenv("UNDERTOW_SECRET_KEY", "x" * 32)

    assert main(["publish", "--demo", "--dry-run"]) == 2
    assert "both set" in capsys.readouterr().err
    monkeypatch.delenv("UNDERTOW_SECRET_KEY")
    assert main(["publish", "--demo", "--dry-run"]) == 0
