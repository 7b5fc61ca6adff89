"""Damaged files, a full or read-only disk, two runs at once, a clock put back: said or healed."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import analysis.sources.objects
import analysis.sources.yahoo
from analysis.report import build_report
from analysis.sources.archive import Archive, ArchiveError, usable
from analysis.sources.archive_care import verify
from analysis.sources.live import NoAnswerError
from bot.cli import main
from tests.replay.real_day import EVENING, addresses
from tests.replay.server import Replay, serving
from tests.replay.small_day import SYMBOLS, serve_small_day, small_desk

PRICES = "market/prices/funds_and_indices.parquet"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        yield replayed


@pytest.mark.parametrize("hurt", ["cut", "gone", "edited"])
def test_a_market_folder_that_was_hurt_is_made_again_from_what_was_kept(
    hurt: str, server: Replay, tmp_path: Path
) -> None:
    desk = small_desk(tmp_path, server.url)
    before = desk.source().fetch()
    file = desk.root / PRICES
    if hurt == "gone":
        file.unlink()
    else:
        whole = file.read_bytes()
        file.write_bytes(whole[:-50] if hurt == "cut" else whole + b"more")

    after = desk.source().fetch()

    pd.testing.assert_frame_equal(after.close, before.close, check_exact=True)
    assert verify(Archive(desk.root)) == []


def test_a_lost_object_is_told_in_one_sentence(server: Replay, tmp_path: Path) -> None:
    desk = small_desk(tmp_path, server.url)
    desk.source().fetch()
    archive = Archive(desk.root)
    part = archive.index.parts("facts")[0]
    archive.objects.remove(part["sha256"])
    (desk.root / PRICES).unlink()

    with pytest.raises(ArchiveError, match="archive verify") as raised:
        desk.source().fetch()

    assert raised.value.exit_code == 1
    assert verify(archive)


def test_a_full_disk_is_named_for_every_item_and_ends_in_one_sentence(
    server: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    source = small_desk(tmp_path, server.url).source()
    monkeypatch.setattr(analysis.sources.objects, "write_whole", full)

    with pytest.raises(ArchiveError, match="No space left on device"):
        source.fetch()


def test_a_disk_that_fills_up_costs_one_item_and_names_it(
    server: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small_desk(tmp_path, server.url).source()
    put = source.archive.objects.put

    def without_room(content: bytes) -> str:
        if content.startswith(b"date,price,dix"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return put(content)

    monkeypatch.setattr(source.archive.objects, "put", without_room)

    report = build_report(source.fetch())

    (told,) = [one for one in report.sources if one.name == "SqueezeMetrics DIX"]
    assert told.status == "missing"
    assert "No space left on device" in told.note


def test_an_index_without_room_asks_for_room_and_not_for_a_copy(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "index.sqlite3")) as index:
        index.execute("PRAGMA max_page_count = 2")
        index.execute("CREATE TABLE entries (item TEXT)")

        with pytest.raises(ArchiveError, match="make room on its disk") as raised, usable(tmp_path):
            index.execute("INSERT INTO entries VALUES (?)", ("chain" * 10_000,))

    assert "copy" not in str(raised.value)


def test_an_index_that_is_no_database_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "index.sqlite3").write_bytes(b"these are only words " * 500)
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(archive))
    monkeypatch.setenv("UNDERTOW_NOW", EVENING)

    for command in (["note"], ["archive", "list"], ["archive", "verify"], ["replay", "2026-07-29"]):
        assert main(command) == 1
        told = capsys.readouterr().err
        assert "cannot be used" in told
        assert "defect" not in told
        assert len(told.strip().splitlines()) == 1


def test_an_archive_that_cannot_be_written_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The file system of the system's own state takes no folders from anybody, root included.
    monkeypatch.setenv("UNDERTOW_ARCHIVE", "/proc/undertow")
    monkeypatch.setenv("UNDERTOW_NOW", EVENING)

    assert main(["note"]) == 1
    assert "check the disk's space and the folder's rights" in capsys.readouterr().err


def test_two_runs_at_once_end_in_one_whole_archive(server: Replay, tmp_path: Path) -> None:
    desk = small_desk(tmp_path, server.url)
    hashes: list[str] = []

    first, second = desk.source(), desk.source()
    # yfinance is one for a process: the second run has the other vendors alone, and may find
    # no prices yet.
    second.vendors = second.vendors[1:]

    def run() -> None:
        hashes.append(build_report(first.fetch()).content_hash)

    def run_beside() -> None:
        with contextlib.suppress(NoAnswerError):
            second.fetch()

    threads = [threading.Thread(target=run), threading.Thread(target=run_beside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    archive = Archive(desk.root)
    assert verify(archive) == []
    assert len(hashes) == 1
    told = [
        (row["vendor"], row["item"], row["digest"])
        for row in archive.index.entries()
        if row["vendor"] != "desk"
    ]
    assert len(told) == len(set(told))


def test_a_clock_put_back_reads_the_earlier_evening_and_spoils_nothing(
    server: Replay, tmp_path: Path
) -> None:
    desk = small_desk(tmp_path, server.url)
    before = desk.source().fetch()
    earlier = pd.Timestamp("2026-07-28")

    market = desk.source(known_at="2026-07-28T21:30:00Z", session=earlier).fetch()

    assert market.sessions[-1] == earlier
    pd.testing.assert_frame_equal(market.close, before.close.loc[:earlier], check_exact=True)
    after = desk.source().fetch()
    pd.testing.assert_frame_equal(after.close, before.close, check_exact=True)
    assert verify(Archive(desk.root)) == []


@pytest.mark.usefixtures("server")
def test_a_note_after_the_folder_was_deleted_by_hand_is_the_same(
    server: Replay,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    members = tmp_path / "members.csv"
    members.write_text("symbol\n", "utf-8")
    settings = {**addresses(server.url), "UNDERTOW_NOW": EVENING, "UNDERTOW_MEMBERS": str(members)}
    settings["UNDERTOW_ARCHIVE"] = str(tmp_path / "archive")
    settings["UNDERTOW_SOURCES_OFF"] = "cboe,finra,cftc,proshares"
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert main(["note"]) == 0
    first = capsys.readouterr().out
    (tmp_path / "archive" / "state.json").unlink()

    assert main(["note"]) == 0
    assert capsys.readouterr().out == first
