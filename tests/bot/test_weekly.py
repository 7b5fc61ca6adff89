"""A week's digest is made of what the ledger holds, and goes where the notes go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.edition import NOTE, REVISION, WEEKLY, Claim, Edition, WritingError
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.editions import Terms, edition_text, find_edition, freeze
from bot.ledger.record import Grade, grade_claim, ungraded_claims
from bot.ledger.runs import Job, RunState, find_run
from bot.publishing import REPORT
from bot.schedule import ExchangeSessions, Runner
from bot.schedule.due import DIGEST
from bot.service import prepare
from bot.weekly import WEEK, DigestWriter, week_sessions
from tests.analysis.test_week import report
from tests.bot.fakes import Bulletin, FakeClock, PaperChannel, Pen

MONDAY, FRIDAY = date(2025, 11, 24), date(2025, 11, 28)
SATURDAY_MORNING = datetime(2025, 11, 29, 14, 1, tzinfo=UTC)
CLAIM = Claim(
    key="next_sign",
    words="The S&P 500 closes lower in the next session",
    probability=0.4,
    base_rate=0.5,
    interval=(0.3, 0.5),
    n=500,
    horizon_sessions=1,
    resolves_on=date(2025, 11, 25),
)


@dataclass
class Paper:
    """A desk whose notes are hand-built reports, on a ledger in a file."""

    path: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(SATURDAY_MORNING))

    def open(self) -> Ledger:
        """Open the ledger, as a writer in its thread does."""
        return open_ledger(str(self.path))

    @property
    def digest(self) -> DigestWriter:
        """The writer under test."""
        return DigestWriter(self.open, lambda _ledger: ExchangeSessions())

    async def publish(
        self, session: date, day_return: float, kind: str = NOTE, claims: Sequence[Claim] = ()
    ) -> None:
        """Freeze a note."""
        body = json.dumps(report(session, 100.0, day_return, forced=(1e9, 2e9, 3e9)))
        edition = Edition(
            session, {REPORT: body.encode()}, f"sha256:{kind}{session}", tuple(claims)
        )
        ledger = self.open()
        await prepare(ledger)
        async with ledger.write() as tx:
            await freeze(tx, edition, Terms(kind), self.clock())
        await ledger.close()

    async def grade_all(self) -> None:
        """Mark every claim as having come true."""
        ledger = self.open()
        async with ledger.write() as tx:
            for row in await ungraded_claims(tx, date.max):
                grade = Grade(True, 0.36, 0.92, 0.25, "it closed lower")
                await grade_claim(tx, row.id, grade, self.clock())
        await ledger.close()


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """Return a desk without notes yet."""
    return Paper(tmp_path / "undertow.sqlite3")


def written(paper: Paper, session: date = FRIDAY) -> dict[str, str]:
    return {name: body.decode() for name, body in paper.digest.write(session).texts.items()}


def test_the_week_of_a_holiday_has_four_sessions() -> None:
    assert week_sessions(ExchangeSessions(), FRIDAY) == [
        MONDAY,
        date(2025, 11, 25),
        date(2025, 11, 26),
        FRIDAY,
    ]


def test_the_digest_is_made_of_the_published_notes_and_counts_the_claims_that_came_due(
    paper: Paper,
) -> None:
    asyncio.run(paper.publish(MONDAY, 0.01, claims=[CLAIM]))
    asyncio.run(paper.publish(FRIDAY, 0.02))
    asyncio.run(paper.grade_all())

    texts = written(paper)
    week = json.loads(texts[WEEK])
    assert [note["session"] for note in week["notes"]] == ["2025-11-24", "2025-11-28"]
    assert week["missing"] == ["2025-11-25", "2025-11-26"]
    assert week["forced_usd"] == {"low": 2e9, "mid": 4e9, "high": 6e9}
    assert "We had put it at 40%, and it came true." in " ".join(texts["note.txt"].split())
    assert {"blog.md", "note.txt", "note.html", "note.json", "discord.md"} <= set(texts)
    assert texts["mail.plain.txt"].startswith("Subject: ")
    assert "<html" in texts["mail.plain.html"]


def test_a_revised_note_counts_as_revised(paper: Paper) -> None:
    asyncio.run(paper.publish(MONDAY, 0.01))
    asyncio.run(paper.publish(MONDAY, 0.03, REVISION))

    [note] = json.loads(written(paper)[WEEK])["notes"]
    assert note["day_return"] == 0.03


def test_a_withdrawn_note_does_not_count(paper: Paper) -> None:
    asyncio.run(paper.publish(MONDAY, 0.01))
    asyncio.run(paper.publish(FRIDAY, 0.02))
    asyncio.run(paper.publish(MONDAY, 0.0, "retraction"))

    week = json.loads(written(paper)[WEEK])
    assert [note["session"] for note in week["notes"]] == ["2025-11-28"]
    assert "2025-11-24" in week["missing"]


def test_a_week_without_notes_cannot_be_written_now_or_later(paper: Paper) -> None:
    asyncio.run(paper.publish(MONDAY - timedelta(7), 0.01))

    with pytest.raises(WritingError, match="no note was published") as refusal:
        paper.digest.write(FRIDAY)
    assert refusal.value.permanent


async def rung(paper: Paper, ledger: Ledger, channel: PaperChannel) -> tuple[Bulletin, list[str]]:
    """Ring once on Saturday morning, and return the alarms and the jobs done."""
    alarms = Bulletin()
    runner = Runner(
        ledger,
        {NOTE: Pen(), WEEKLY: paper.digest.write},
        [channel],
        ExchangeSessions(),
        paper.clock,
        "ana",
        alarms,
    )
    await runner.ring()
    done = await runner.ring()
    return alarms, [f"{due.job.kind}: {end.state}" for due, end in done]


async def test_a_running_desk_freezes_the_digest_on_saturday_and_promises_it(
    paper: Paper,
) -> None:
    await paper.publish(MONDAY, 0.01)
    ledger = paper.open()
    channel = PaperChannel(wants=("note.json",))

    _, done = await rung(paper, ledger, channel)

    async with ledger.read() as tx:
        row = await find_edition(tx, FRIDAY, WEEKLY)
        assert row is not None
        body = await edition_text(tx, row.id, "note.json")
    await ledger.close()
    assert done == ["digest: done"]
    assert row.is_frozen
    assert json.loads(body or b"")["week"]["notes"][0]["session"] == "2025-11-24"


async def test_a_week_without_notes_is_given_up_without_an_alarm(paper: Paper) -> None:
    ledger = paper.open()
    await prepare(ledger)
    paper.clock.now = datetime(2025, 11, 29, 14, 1, tzinfo=UTC)

    alarms, done = await rung(paper, ledger, PaperChannel())

    async with ledger.read() as tx:
        run = await find_run(tx, Job(FRIDAY, DIGEST))
    await ledger.close()
    # The Pen's note has no report in it, so the week has none to sum up.
    assert done == ["digest: given_up"]
    assert run is not None
    assert (run.state, alarms.standing) == (RunState.GIVEN_UP, {})
