"""The week in short: what the notes said, as they were published, and nothing new."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.edition import NOTE, Edition, WritingError
from bot.ledger.database import open_ledger
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade
from bot.newsletter.digest import DigestWriter
from templates.digest import Digest, day_of
from templates.mailing import READER_FOOTER

FRIDAY = date(2025, 11, 21)
NOW = datetime(2025, 11, 22, 14, 0, tzinfo=UTC)


def note(session: str, title: str, day_return: float, close: float) -> bytes:
    body = {
        "report": {
            "session": session,
            "demo": False,
            "index": {"day_return": day_return, "close": close},
        },
        "note": {
            "title": title,
            "sentences": [
                {"id": "_lead.title.up", "text": title},
                {"id": "_lead.tape", "text": f"The tape of {session}."},
                {"id": "_lead.vix.fell", "text": "More than the digest tells."},
                {"id": "_lead.turn.forced", "text": "Look & see <who> bought."},
                {"id": "real_money.heading", "text": "A heading."},
            ],
        },
    }
    return json.dumps(body).encode()


WEEK = {
    "2025-11-14": note("2025-11-14", "Last week's note", 0.5, 50.0),
    "2025-11-17": note("2025-11-17", "A fall that had to be sold", -0.10, 90.0),
    "2025-11-21": note("2025-11-21", "A rise nobody chose", 0.05, 120.0),
    "2025-11-24": note("2025-11-24", "Next week's note", 0.5, 180.0),
}


async def published(address: str) -> None:
    ledger = open_ledger(address)
    await upgrade(ledger)
    async with ledger.write() as tx:
        for day, body in WEEK.items():
            edition = Edition(date.fromisoformat(day), {"note.json": body}, f"sha256:{day}")
            await freeze(tx, edition, Terms(NOTE), NOW)
    await ledger.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """Return the digest of a week with two notes."""
    address = str(tmp_path_factory.mktemp("digest") / "ledger.sqlite3")
    asyncio.run(published(address))
    return DigestWriter(address, "https://news.example/").write(FRIDAY)


def test_a_digest_repeats_the_weeks_notes_and_no_others(written: Edition) -> None:
    text = written.texts["mail.plain.txt"].decode()

    assert text.startswith("Subject: The week to 21 November in two notes\nPreheader: ")
    assert "Monday, 17 November 2025: down 10%" in text
    assert "A rise nobody chose\nThe tape of 2025-11-21. Look & see <who> bought." in text
    assert "https://news.example/2025/11/17/" in text
    assert "Last week" not in text
    assert "Next week" not in text
    assert "More than" not in text


def test_a_quiet_days_lead_is_told_by_its_first_two_sentences() -> None:
    body = json.loads(note("2025-11-17", "Quiet", 0.0, 90.0).replace(b"_lead.turn", b"_lead.end"))

    assert day_of(body).lead == "The tape of 2025-11-17. More than the digest tells."


def test_the_weeks_change_runs_from_before_the_first_note_to_the_last_close() -> None:
    days = tuple(day_of(json.loads(WEEK[day])) for day in ("2025-11-17", "2025-11-21"))

    # Before Monday's fall of a tenth to 90 the index stood at 100; on Friday it closed at 120.
    assert Digest(days, "").week_return == pytest.approx(0.20)


def test_the_mail_is_escaped_and_leaves_room_for_the_readers_own_footer(written: Edition) -> None:
    page = written.texts["mail.plain.html"].decode()

    assert "Look &amp; see &lt;who&gt; bought." in page
    assert page.count(READER_FOOTER) == 1
    assert "{{" not in page


def test_every_channel_finds_its_text(written: Edition) -> None:
    assert {"blog.md", "note.json", "note.txt", "mail.plain.txt", "mail.plain.html"} == set(
        written.texts
    )
    body = json.loads(written.texts["note.json"])
    assert [one["session"] for one in body["notes"]] == ["2025-11-17", "2025-11-21"]


def test_the_same_notes_make_the_same_bytes(written: Edition, tmp_path: Path) -> None:
    address = str(tmp_path / "other.sqlite3")
    asyncio.run(published(address))

    again = DigestWriter(address, "https://news.example").write(FRIDAY)

    assert (again.texts, again.content_hash) == (written.texts, written.content_hash)


def test_a_week_without_notes_has_no_digest(tmp_path: Path) -> None:
    address = str(tmp_path / "empty.sqlite3")
    asyncio.run(_empty(address))

    with pytest.raises(WritingError, match="no note of the week"):
        DigestWriter(address, "https://news.example").write(FRIDAY)


async def _empty(address: str) -> None:
    ledger = open_ledger(address)
    await upgrade(ledger)
    await ledger.close()
