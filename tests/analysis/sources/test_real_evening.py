"""One whole evening, 2026-07-29, fetched from a local server with unmodified clients."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.report import FlowReport
from bot.archiving import exported, verified
from bot.desk import Desk, open_desk
from bot.differences import differences
from bot.live import open_archive
from bot.replaying import replay, replay_text
from bot.settings import Settings
from templates import editions, render, write_commentary
from tests.replay.real_day import (
    EVENING,
    MEMBERS,
    SESSION,
    RealDay,
    addresses,
    read_real_day,
    serve_real_day,
    write_reference,
)
from tests.replay.server import Replay, serving
from tests.replay.yahoo import yahoo_routes

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Evening:
    """An evening that was fetched: the facts, the server, the settings and the report."""

    day: RealDay
    server: Replay
    settings: Settings
    report: FlowReport


@pytest.fixture(scope="module")
def evening(market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    place = tmp_path_factory.mktemp("evening")
    members = place / "members.csv"
    members.write_text("\n".join(["symbol", *MEMBERS]), "utf-8")
    day = read_real_day(market_folder)
    with serving(Replay()) as server, pytest.MonkeyPatch.context() as environment:
        serve_real_day(server, day)
        told = {**addresses(server.url), "UNDERTOW_NOW": EVENING, "UNDERTOW_MEMBERS": str(members)}
        for name, value in told.items():
            environment.setenv(name, value)
        environment.setenv("UNDERTOW_ARCHIVE", str(place / "archive"))
        settings = Settings()
        yield Evening(day, server, settings, live(settings).report("latest"))


def live(settings: Settings) -> Desk:
    return open_desk(settings, data=None, demo=False)


def test_an_evening_run_says_what_a_folder_of_the_same_facts_says(
    evening: Evening, tmp_path: Path
) -> None:
    folder = write_reference(evening.day, tmp_path / "reference")

    read = open_desk(evening.settings, data=folder, demo=False).report("2026-07-29")

    # A folder made by hand cannot know how vendors stood; all else is the same to the byte.
    fetched = replace(evening.report, sources=read.sources)
    assert differences(read.as_dict(), fetched.as_dict()) == []
    for edition in editions():
        ours, theirs = (render(write_commentary(one), edition) for one in (fetched, read))
        assert ours == theirs


def test_an_evening_takes_no_more_than_four_hundred_requests(evening: Evening) -> None:
    assert evening.report.session == SESSION.date()
    assert len(evening.server.hits) <= 400


def test_a_second_note_of_the_evening_asks_nobody_and_reads_the_same(evening: Evening) -> None:
    asked = len(evening.server.hits)

    second = live(evening.settings).report("latest")

    assert second.content_hash == evening.report.content_hash
    assert len(evening.server.hits) == asked


def test_an_old_short_volume_file_is_told_as_stale(evening: Evening) -> None:
    (volume,) = [one for one in evening.report.sources if one.name == "FINRA short volume"]

    assert volume.status == "stale"
    assert str(volume.as_of) == "2025-09-10"
    assert "FINRA short volume" in render(write_commentary(evening.report), "text")


def test_the_evening_replays_exactly_and_travels_as_a_folder(
    evening: Evening, tmp_path: Path
) -> None:
    archive = open_archive(evening.settings)

    exported(archive, tmp_path / "folder")

    travelled = open_desk(evening.settings, data=tmp_path / "folder", demo=False)
    assert differences(evening.report.as_dict(), travelled.report("2026-07-29").as_dict()) == []
    assert evening.report.content_hash in replay_text(replay(archive, "2026-07-29"))
    assert "all whole" in verified(archive)


def test_an_hour_later_the_late_files_make_a_revision_and_the_original_stays(
    evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(evening.settings.archive, tmp_path / "archive")
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("UNDERTOW_NOW", "2026-07-29T22:30:00+00:00")
    charts = evening.server.routes["/v8/finance/chart/"]
    first = evening.day.prices
    late = first[first["symbol"] == "SPY"].assign(symbol="VOO")
    yahoo_routes(evening.server, pd.concat([first[first["symbol"] != "VOO"], late]), {})

    second = live(Settings()).report("latest")

    evening.server.routes["/v8/finance/chart/"] = charts
    archive = open_archive(Settings())
    rows = archive.index.reports("2026-07-29")
    assert [row.content_hash for row in rows] == [evening.report.content_hash, second.content_hash]
    assert rows[1].revises == evening.report.content_hash
    assert archive.report_body(rows[0])["content_hash"] == evening.report.content_hash


def test_the_vendors_may_go_away_once_the_evening_is_kept(evening: Evening) -> None:
    routes = dict(evening.server.routes)
    evening.server.routes.clear()

    again = live(evening.settings).report("latest")

    evening.server.routes.update(routes)
    assert again.content_hash == evening.report.content_hash
