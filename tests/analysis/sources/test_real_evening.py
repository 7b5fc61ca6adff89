"""One whole evening, 2026-07-29, fetched from a local server with unmodified clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from bot.archiving import differences, exported, replay, replay_text, verified
from bot.desk import Desk, open_desk
from bot.live import open_archive
from bot.settings import Settings
from templates import editions, render, write_commentary
from tests.replay.real_day import (
    EVENING,
    SESSION,
    RealDay,
    addresses,
    read_real_day,
    serve_real_day,
    write_reference,
)
from tests.replay.server import Replay, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real_day(request: pytest.FixtureRequest) -> RealDay:
    return read_real_day(request.getfixturevalue("market_folder"))


@pytest.fixture
def evening(
    real_day: RealDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Replay, Settings]]:
    """Return the server and settings that lead everything to it."""
    members = tmp_path / "members.csv"
    members.write_text("symbol\nAAPL\nMSFT\nNVDA\n", "utf-8")
    with serving(Replay()) as replayed:
        serve_real_day(replayed, real_day)
        for name, value in addresses(replayed.url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("UNDERTOW_MEMBERS", str(members))
        monkeypatch.setenv("UNDERTOW_ARCHIVE", str(tmp_path / "archive"))
        monkeypatch.setenv("UNDERTOW_NOW", EVENING)
        yield replayed, Settings()


def live(settings: Settings) -> Desk:
    return open_desk(settings, data=None, demo=False)


def facts_only(report: dict[str, object]) -> dict[str, object]:
    """Return a report without what a folder cannot know: how vendors stood, and its hash."""
    return {key: value for key, value in report.items() if key not in ("sources", "content_hash")}


def test_an_evening_run_says_what_a_folder_of_the_same_facts_says(
    evening: tuple[Replay, Settings], real_day: RealDay, tmp_path: Path
) -> None:
    replayed, settings = evening
    folder = write_reference(real_day, tmp_path / "reference")
    desk = live(settings)

    fetched = desk.report("latest")

    read = open_desk(settings, data=folder, demo=False).report("2026-07-29")
    assert differences(facts_only(read.as_dict()), facts_only(fetched.as_dict())) == []
    assert fetched.session == SESSION.date()
    assert len(replayed.hits) <= 400
    for edition in set(editions()) - {"json"}:
        assert _told(render(write_commentary(read), edition)) == _told(
            render(write_commentary(fetched), edition)
        )


def _told(note: str) -> str:
    """Return a note without its list of sources and its hash."""
    return note.partition("sources were fresh")[0].rpartition("\n")[0]


def test_a_second_note_of_the_evening_asks_nobody_and_reads_the_same(
    evening: tuple[Replay, Settings],
) -> None:
    replayed, settings = evening
    first = live(settings).report("latest")
    asked = len(replayed.hits)

    second = live(settings).report("latest")

    assert second.content_hash == first.content_hash
    assert len(replayed.hits) == asked


def test_an_old_short_volume_file_is_told_as_stale(evening: tuple[Replay, Settings]) -> None:
    report = live(evening[1]).report("latest")

    (volume,) = [source for source in report.sources if source.name == "FINRA short volume"]
    assert volume.status == "stale"
    assert str(volume.as_of) == "2025-09-10"
    assert "FINRA short volume" in render(write_commentary(report), "text")


def test_the_evening_replays_exactly_and_travels_as_a_folder(
    evening: tuple[Replay, Settings], tmp_path: Path
) -> None:
    _, settings = evening
    report = live(settings).report("latest")
    archive = open_archive(settings)

    exported(archive, tmp_path / "folder")

    travelled = open_desk(settings, data=tmp_path / "folder", demo=False).report("2026-07-29")
    assert differences(report.as_dict(), travelled.as_dict()) == []
    assert report.content_hash in replay_text(replay(archive, "2026-07-29"))
    assert "all whole" in verified(archive)


def test_the_vendors_may_go_away_once_the_evening_is_kept(evening: tuple[Replay, Settings]) -> None:
    replayed, settings = evening
    first = live(settings).report("latest")
    replayed.routes.clear()

    again = live(settings).note("latest", "json")

    assert json.loads(again)["content_hash"] == first.content_hash


def test_late_data_make_a_revision_and_keep_the_original(
    evening: tuple[Replay, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed, settings = evening
    vix = replayed.routes["/v8/finance/chart/"]
    replayed.routes["/v8/finance/chart/^VVIX"] = replayed.routes["/"]
    replayed.routes["/api/global/us_indices/daily_prices/VVIX_History.csv"] = replayed.routes["/"]
    first = live(settings).report("latest")
    replayed.routes["/v8/finance/chart/^VVIX"] = vix
    monkeypatch.setenv("UNDERTOW_NOW", "2026-07-29T22:30:00+00:00")

    second = live(Settings()).report("latest")

    rows = open_archive(settings).index.reports("2026-07-29")
    assert [row.content_hash for row in rows] == [first.content_hash, second.content_hash]
    assert rows[1].revises == first.content_hash
    assert pd.Timestamp(rows[0].known_at) < pd.Timestamp(rows[1].known_at)
