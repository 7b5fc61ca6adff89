"""A note that went out can be made again, and what late data changed stays visible."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

import analysis.sources.yahoo
from bot.assembly import open_service
from bot.cli import main
from bot.desk import open_desk
from bot.edition import NOTE, REVISION
from bot.ledger.database import open_ledger
from bot.ledger.editions import edition_text, find_edition
from bot.revisions import CHANGES
from bot.service import prepare
from bot.settings import Settings
from tests.replay.real_day import addresses
from tests.replay.server import Replay, serving
from tests.replay.small_day import SYMBOLS, serve_small_day, small_dix, small_prices
from tests.replay.vendors import dix_route

DAY = date(2026, 7, 29)
EVENING, MORNING = "2026-07-29T21:20:00+00:00", "2026-07-30T12:40:00+00:00"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    members = tmp_path / "members.csv"
    members.write_text("symbol\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)
    monkeypatch.setenv("UNDERTOW_MEMBERS", str(members))
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("UNDERTOW_DATABASE_URL", str(tmp_path / "ledger.sqlite3"))
    monkeypatch.setenv("UNDERTOW_SOURCES_OFF", "finra,cftc,proshares,cboe")
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        for name, value in addresses(replayed.url).items():
            monkeypatch.setenv(name, value)
        yield replayed


def ring(monkeypatch: pytest.MonkeyPatch, moment: str) -> list[str]:
    """Let the schedule ring once at a moment, and return the details of what was done."""
    monkeypatch.setenv("UNDERTOW_NOW", moment)
    settings = Settings()
    service = open_service(settings, open_desk(settings, data=None, demo=False))

    async def once() -> list[str]:
        await prepare(service.ledger)
        try:
            return [f"{due.job.kind}: {end.detail}" for due, end in await service.runner().ring()]
        finally:
            await service.ledger.close()

    return asyncio.run(once())


@dataclass(frozen=True)
class Frozen:
    """An edition as the ledger froze it."""

    content_hash: str
    corrects: int | None
    id: int
    changes: bytes | None


def frozen(kind: str) -> Frozen:
    async def look() -> Frozen:
        ledger = open_ledger("ledger.sqlite3")
        async with ledger.read() as tx:
            row = await find_edition(tx, DAY, kind)
            assert row is not None
            assert row.is_frozen
            text = await edition_text(tx, row.id, CHANGES)
        await ledger.close()
        return Frozen(row.content_hash, row.corrects, row.id, text)

    return asyncio.run(look())


@pytest.mark.slow
def test_a_late_file_makes_a_linked_revision_and_both_replay_without_a_network(
    server: Replay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    early = small_prices()
    late_symbol = (early["symbol"] == "IWM") & (early["date"] == early["date"].max())
    serve_small_day(server, early[~late_symbol])
    assert any(line.startswith("publish: published") for line in ring(monkeypatch, EVENING))
    serve_small_day(server, early)
    dix_route(server, small_dix(early))
    assert any(line.startswith("revise: published") for line in ring(monkeypatch, MORNING))

    note, revision = frozen(NOTE), frozen(REVISION)
    assert revision.corrects == note.id
    assert revision.changes is not None
    told = json.loads(revision.changes)
    assert told["corrects"] == note.content_hash
    assert any("small_companies_return" in line for line in told["changes"])

    server.routes.clear()
    capsys.readouterr()
    assert main(["replay", "2026-07-29"]) == 0
    lines = capsys.readouterr().out
    assert f"published note       {note.content_hash}  same" in lines
    assert f"{revision.content_hash}  same, corrects {note.content_hash}" in lines
    assert main(["replay", "2026-07-29", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert [one["same"] for one in body["published"]] == [True, True]
    assert body["published"][1]["changes"] == told["changes"]


@pytest.mark.slow
@pytest.mark.usefixtures("server")
def test_a_morning_without_news_makes_no_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    ring(monkeypatch, EVENING)

    assert "revise: nothing changed overnight" in ring(monkeypatch, MORNING)


@pytest.mark.slow
@pytest.mark.usefixtures("server")
def test_a_published_hash_that_the_archive_never_made_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ring(monkeypatch, EVENING)
    elsewhere = tmp_path / "other"
    monkeypatch.setenv("UNDERTOW_ARCHIVE", str(elsewhere))
    other = small_prices()
    spy = other["symbol"] == "SPY"
    with serving(Replay()) as second:
        serve_small_day(second, other.assign(close=other["close"].mask(spy, other["open"])))
        for name, value in addresses(second.url).items():
            monkeypatch.setenv(name, value)
        assert main(["report"]) == 0
    capsys.readouterr()

    assert main(["replay", "2026-07-29"]) == 1
    assert frozen(NOTE).content_hash in capsys.readouterr().err


@pytest.mark.usefixtures("server")
def test_without_a_ledger_a_replay_makes_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_NOW", EVENING)
    assert main(["report"]) == 0

    assert main(["replay", "2026-07-29"]) == 0

    assert "nothing of this session went out" in capsys.readouterr().out
    assert not (tmp_path / "ledger.sqlite3").exists()


@pytest.mark.usefixtures("server")
def test_a_ledger_that_cannot_be_read_is_no_reason_to_say_all_is_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERTOW_NOW", EVENING)
    assert main(["report"]) == 0
    (tmp_path / "ledger.sqlite3").write_bytes(b"not a database at all, only words" * 100)

    assert main(["replay", "2026-07-29"]) == 1
    assert "UNDERTOW_DATABASE_URL" in capsys.readouterr().err
