"""A copy taken while the desk runs can be put back, here or on the other database."""

from __future__ import annotations

import contextlib
import gzip
import sqlite3
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.backup import BackupError, backup, restore
from bot.ledger.claiming import Lease, claim_deliveries
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import Target, enqueue, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.guilds import GuildChannel, join_guild, save_guild_channel
from bot.ledger.migrate import upgrade
from bot.ledger.record import Grade, grade_claim, graded_claims, ungraded_claims
from bot.ledger.runs import Job, begun_on, claim_run
from bot.ledger.schema import metadata
from bot.ledger.subscribers import (
    Consent,
    Preferences,
    SubscriberState,
    add_subscriber,
    move_subscriber,
)
from tests.bot.conftest import AFTER_THE_CLOSE as NOW
from tests.bot.conftest import FRIDAY

A_MINUTE = timedelta(minutes=1)
CHANGED_BY_A_RESTORE = {"deliveries", "runs"}


async def fill(ledger: Ledger, edition: Edition) -> None:
    """Write a day's work into a ledger: every kind of column is used."""
    async with ledger.write() as tx:
        ana, _ = await add_subscriber(tx, "ana@reader.test", Preferences(hour=7), NOW)
        consent = Consent("confirm", "2025-01", "form", "192.0.2.0/24", "c0ffee")
        await move_subscriber(tx, ana.id, SubscriberState.CONFIRMED, consent, NOW)
        await join_guild(tx, 81384788765712384, NOW)
        channel = GuildChannel(
            381870553235193857, 81384788765712384, local_time=time(7, 30), drivers=("vol_control",)
        )
        await save_guild_channel(tx, channel, NOW)
        row = await freeze(tx, edition, Terms(NOTE), NOW)
        targets = [Target("site"), Target(f"subscriber:{ana.id}", subscriber_id=ana.id)]
        await enqueue(tx, row, "folder", targets, NOW + timedelta(hours=18))
        await claim_deliveries(tx, "folder", Lease("ana", NOW, A_MINUTE), 1)
        await claim_run(tx, Job(FRIDAY, "publish"), "ana", NOW, A_MINUTE)
        for claim in await ungraded_claims(tx, edition.claims[0].resolves_on):
            grade = Grade(True, 0.2916, 0.7765, 0.2916, "closed at 5,456.9")
            await grade_claim(tx, claim.id, grade, NOW)


async def contents(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables."""
    async with ledger.read() as tx:
        return {
            table.name: [
                tuple(row) for row in await tx.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if table.name not in CHANGED_BY_A_RESTORE
        }


@pytest.mark.parametrize("name", ["ledger.bak", "ledger.jsonl.gz"])
async def test_a_restored_ledger_holds_what_the_old_one_held(
    ledger: Ledger, edition: Edition, tmp_path: Path, name: str
) -> None:
    await fill(ledger, edition)
    before = await contents(ledger)
    async with ledger.read():
        copy = await backup(ledger, tmp_path / "copies" / name)
    async with ledger.write() as tx:
        await freeze(tx, Edition(FRIDAY + timedelta(days=3), {}, "sha256:x"), Terms(NOTE), NOW)

    await restore(ledger, copy, NOW)

    assert await contents(ledger) == before
    async with ledger.read() as tx:
        [(claim, grade)] = await graded_claims(tx)
    assert (claim.claim, grade.came_true) == (edition.claims[0], True)


async def test_after_a_restore_nobody_is_sent_what_they_may_have_got(
    ledger: Ledger, edition: Edition, tmp_path: Path
) -> None:
    await fill(ledger, edition)
    copy = await backup(ledger, tmp_path / "ledger.bak")
    noon, evening = NOW.replace(hour=17), NOW

    await restore(ledger, copy, noon)
    async with ledger.read() as tx:
        at_noon = await begun_on(tx)
    await restore(ledger, copy, evening)

    async with ledger.read() as tx:
        assert [row.state.value for row in await list_deliveries(tx)] == ["in_doubt"] * 2
        assert (at_noon, await begun_on(tx)) == (FRIDAY, FRIDAY + timedelta(days=1))


async def test_a_desk_can_move_to_the_other_database_and_go_on_counting(
    ledger: Ledger, edition: Edition, tmp_path: Path
) -> None:
    await fill(ledger, edition)
    copy = await backup(ledger, tmp_path / "ledger.jsonl.gz")
    other = open_ledger(str(tmp_path / "other.sqlite3"))
    await restore(other, copy, NOW)

    back = await backup(other, tmp_path / "back.jsonl.gz")
    await restore(ledger, back, NOW)
    async with ledger.write() as tx:
        _, is_new = await add_subscriber(tx, "bo@reader.test", Preferences(), NOW)

    assert await contents(other) != await contents(ledger)
    assert is_new
    await other.close()


async def test_a_cut_copy_is_refused_and_changes_nothing(
    ledger: Ledger, edition: Edition, tmp_path: Path
) -> None:
    await fill(ledger, edition)
    before = await contents(ledger)
    copy = await backup(ledger, tmp_path / "ledger.jsonl.gz")
    lines = gzip.decompress(copy.read_bytes()).splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b"".join(lines[:-2])))
    half = tmp_path / "half.jsonl.gz"
    half.write_bytes(copy.read_bytes()[:200])

    for damaged in (cut, half):
        with pytest.raises(BackupError, match="cannot be read"):
            await restore(ledger, damaged, NOW)

    assert await contents(ledger) == before


async def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await upgrade(ledger)
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"Dear Ana")

    with pytest.raises(BackupError, match=r"letter\.txt"):
        await restore(ledger, letter, NOW)
    with pytest.raises(BackupError, match="there is no file"):
        await restore(ledger, tmp_path / "nothing", NOW)
    await ledger.close()


@pytest.mark.parametrize("revision", ["9999", None], ids=["a later one", "none"])
async def test_a_copy_of_a_version_nobody_here_knows_is_refused_and_changes_nothing(
    edition: Edition, tmp_path: Path, revision: str | None
) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await upgrade(ledger)
    await fill(ledger, edition)
    before = await contents(ledger)
    copy = await backup(ledger, tmp_path / "copy.sqlite3")
    with contextlib.closing(sqlite3.connect(copy)) as made, made:
        made.execute("DELETE FROM alembic_version")
        if revision is not None:
            made.execute("INSERT INTO alembic_version VALUES (?)", (revision,))

    with pytest.raises(BackupError, match=f"is at revision {revision or 'none'}, this program"):
        await restore(ledger, copy, NOW)

    assert await contents(ledger) == before
    await ledger.close()


@pytest.mark.parametrize("name", ["ledger.bak", "ledger.jsonl.gz"])
async def test_a_copy_that_cannot_be_written_blames_its_own_place_and_not_the_ledger(
    tmp_path: Path, name: str
) -> None:
    ledger = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await upgrade(ledger)
    (tmp_path / "file").write_text("no folder", "utf-8")

    with pytest.raises(BackupError, match=f"no copy was made at .*{name}: .*; name a file where"):
        await backup(ledger, tmp_path / "file" / name)

    await ledger.close()
