"""The live desk from the command line: what an operator sees, with a network and without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import analysis.sources.yahoo
from bot.cli import main
from bot.clock import rehearsal_clock
from bot.live import latest_session, open_evenings
from bot.settings import read_settings
from tests.bot.fakes import FakeClock
from tests.replay.real_day import EVENING, addresses
from tests.replay.server import Replay, serving
from tests.replay.small_day import SYMBOLS, serve_small_day


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members = tmp_path / "members.csv"
    members.write_text("symbol\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)
    monkeypatch.setenv("UNDERTOW_MEMBERS", str(members))
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("UNDERTOW_NOW", EVENING)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        for name, value in addresses(replayed.url).items():
            monkeypatch.setenv(name, value)
        yield replayed


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in addresses("http://nowhere.invalid").items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("nowhere")
def test_without_a_network_the_note_names_the_source_and_offers_the_demo(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(["note"])

    told = capsys.readouterr()
    assert status == 3
    assert told.out == ""
    assert told.err.startswith("undertow: no prices of 2026-07-29: yahoo failed, ")
    assert "; --demo shows the built-in simulated market" in told.err
    assert len(told.err.strip().splitlines()) == 1


@pytest.mark.usefixtures("nowhere")
def test_without_a_network_the_doctor_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["doctor", "--json"])

    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert status == 3
    assert found["yahoo"]["status"] == "failed"
    assert "cannot be found" in found["cftc"]["found"]
    assert found["cftc"]["advice"]
    assert found["disk"]["status"] in ("ok", "warning")


@pytest.mark.usefixtures("server")
def test_an_evening_can_be_listed_checked_replayed_and_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert main(["replay", "2026-07-29", "--published", report["content_hash"]]) == 0
    assert report["content_hash"] in capsys.readouterr().out
    assert main(["archive", "verify"]) == 0
    assert main(["archive", "list", "--session", "2026-07-29"]) == 0
    assert "chart/^GSPC" in capsys.readouterr().out
    assert main(["archive", "export", "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert main(["report", "--json", "--data", str(tmp_path / "out")]) == 0
    assert json.loads(capsys.readouterr().out) == report


@pytest.mark.usefixtures("server")
def test_a_note_that_went_out_with_another_hash_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--json"]) == 0

    status = main(["replay", "2026-07-29", "--published", "sha256:0000"])

    assert status == 1
    assert "sha256:0000" in capsys.readouterr().err


@pytest.mark.usefixtures("nowhere")
def test_a_source_that_does_not_exist_cannot_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_SOURCES_OFF", "yahoo, bloomberg")

    assert main(["note"]) == 2
    assert "'bloomberg'" in capsys.readouterr().err


def test_a_source_that_is_switched_off_is_not_asked(
    server: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERTOW_SOURCES_OFF", "squeezemetrics")

    assert main(["report"]) == 0
    assert server.asked("/monitor/static/DIX.csv") == 0


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2026-07-29T20:04:00+00:00", "2026-07-28"),
        ("2026-07-29T20:06:00+00:00", "2026-07-29"),
        ("2026-08-02T15:00:00+00:00", "2026-07-31"),
        ("2026-11-27T18:06:00+00:00", "2026-11-27"),
    ],
    ids=["four minutes after", "six minutes after", "a Sunday", "a half day"],
)
def test_the_latest_session_is_the_last_that_closed(now: str, session: str) -> None:
    clock = rehearsal_clock(pd.Timestamp(now).to_pydatetime())

    assert latest_session(clock) == pd.Timestamp(session)


def test_a_desk_that_runs_on_reads_the_next_evening_afresh(server: Replay) -> None:
    clock = FakeClock(pd.Timestamp("2026-07-28T21:30:00Z").to_pydatetime())
    source = open_evenings(read_settings(), clock)
    assert source.fetch(None).sessions[-1] == pd.Timestamp("2026-07-28")
    asked = len(server.hits)

    clock.move(days=1)

    assert source.fetch(pd.Timestamp("2026-07-29")).sessions[-1] == pd.Timestamp("2026-07-29")
    assert len(server.hits) > asked


def test_a_session_that_has_not_closed_is_refused_before_anybody_is_asked(
    server: Replay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_NOW", "2026-07-29T18:00:00+00:00")

    assert main(["note", "--session", "2026-07-29"]) == 2
    assert "has not closed yet" in capsys.readouterr().err
    assert server.hits == []
