"""A year of the desk in a minute: 252 sessions with everything a year can do to it.

The clock is ours. Through it go both changes of New York's clocks, every half day of 2024, an
unplanned closure, twelve outages of one hour to five days, four steps of the machine's clock,
data that come late on a few evenings and not at all on one. Then each session is accounted for,
channel by channel: published once, or a reason that the ledger gives. Run it with
``python -m benchmarks.year``.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog

from bot.channels import EVERY_KIND, AfterSilence, Channel, Delivery, HandOver, Load, Receipt, Sent
from bot.channels.folder import FolderChannel
from bot.edition import NOTE, WEEKLY, Edition
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import Target, list_deliveries
from bot.ledger.editions import EditionRow, EditionState, list_editions
from bot.ledger.migrate import upgrade
from bot.ledger.pacing import Pace
from bot.ledger.runs import RunState, runs_since
from bot.outbox import Outbox
from bot.schedule import Closure, ExchangeSessions, Runner
from bot.schedule.due import PUBLISH

START, END = datetime(2024, 1, 2, 12, tzinfo=UTC), datetime(2025, 1, 2, 12, tzinfo=UTC)
CLOSURES = {date(2024, 9, 17): Closure("the exchange's systems were down")}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

OUTAGES = (
    (datetime(2024, 1, 17, 21, tzinfo=UTC), HOUR),
    (datetime(2024, 2, 9, 20, tzinfo=UTC), 5 * HOUR),
    (datetime(2024, 3, 8, 18, tzinfo=UTC), 3 * DAY),
    (datetime(2024, 4, 2, 21, tzinfo=UTC), 18 * HOUR),
    (datetime(2024, 5, 13, 12, tzinfo=UTC), 5 * DAY),
    (datetime(2024, 6, 18, 19, tzinfo=UTC), 2 * DAY),
    (datetime(2024, 7, 3, 16, tzinfo=UTC), 4 * HOUR),
    (datetime(2024, 8, 5, 20, tzinfo=UTC), 2 * HOUR),
    (datetime(2024, 9, 20, 20, tzinfo=UTC), 3 * DAY),
    (datetime(2024, 10, 31, 21, tzinfo=UTC), 4 * DAY),
    (datetime(2024, 11, 27, 20, tzinfo=UTC), 3 * DAY),
    (datetime(2024, 12, 23, 12, tzinfo=UTC), 5 * DAY),
)
STEPS = (
    (datetime(2024, 2, 20, 21, 30, tzinfo=UTC), -HOUR),
    (datetime(2024, 2, 21, 12, tzinfo=UTC), HOUR),
    (datetime(2024, 8, 14, 19, tzinfo=UTC), 6 * HOUR),
    (datetime(2024, 8, 15, 12, tzinfo=UTC), -6 * HOUR),
)
"""When somebody sets the machine's clock, and by how much: wrong, and right again."""

LATE_DATA = {date(2024, 3, 21): 3 * HOUR, date(2024, 10, 9): 12 * HOUR}
NO_DATA = frozenset({date(2024, 6, 6)})


@dataclass
class Wall:
    """True time, and what the machine's clock makes of it."""

    true: datetime = START
    error: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        """Return what the clock on the wall says."""
        return self.true + self.error


@dataclass
class Post:
    """A channel to readers: counts what it hands over, and when."""

    wall: Wall
    name: str = "post"
    wants: tuple[str, ...] = ("blog.md",)
    carries: frozenset[str] = EVERY_KIND
    keeps_archive: bool = False
    after_silence: AfterSilence = AfterSilence.DOUBT
    pace: Pace = field(default_factory=Pace)
    load: Load = field(default_factory=Load)
    got: Counter[tuple[date, str]] = field(default_factory=Counter)

    async def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give one reader."""
        yield (Target("reader"),)

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Take it."""
        await hand_over()
        self.got[delivery.session, delivery.edition] += 1
        return Sent()


@dataclass
class Quiet:
    """Counts alarms."""

    raised: Counter[str] = field(default_factory=Counter)

    async def alarm(self, key: str, words: str) -> None:
        """Count one."""
        self.raised[key] += 1

    async def clear(self, key: str) -> None:
        """Nothing to take down."""


@dataclass
class Pen:
    """Writes notes from data that arrive when they arrive, whatever the clock says."""

    wall: Wall
    calendar: ExchangeSessions

    def write(self, session: date) -> Edition:
        """Write a session, or say that its prices are not there."""
        [known] = self.calendar.sessions(session, session)
        there_at = known.closes_at + LATE_DATA.get(session, timedelta(0))
        missing = session in NO_DATA or self.wall.true < there_at
        # On one day in five the night brings figures that change the note.
        is_changed = session.day % 5 == 0 and self.wall.true > there_at + 8 * HOUR
        text = f"{session}{' with the night' if is_changed else ''}".encode()
        digest = f"sha256:{hashlib.sha256(text).hexdigest()}"
        problems = ("no prices for this session yet",) if missing else ()
        return Edition(session, {"blog.md": text}, digest, problems=problems)

    def sum_up(self, session: date) -> Edition:
        """Write the week that ends with a session."""
        text = f"the week to {session}".encode()
        return Edition(session, {"blog.md": text}, f"sha256:{hashlib.sha256(text).hexdigest()}")


@dataclass
class Year:
    """The desk and everything around it."""

    ledger: Ledger
    folder: Path
    wall: Wall = field(default_factory=Wall)
    calendar: ExchangeSessions = field(default_factory=lambda: ExchangeSessions(lambda: CLOSURES))
    alarms: Quiet = field(default_factory=Quiet)
    post: Post = field(init=False)
    lives: int = 0

    def __post_init__(self) -> None:
        self.post = Post(self.wall)

    def start_desk(self) -> tuple[Runner, Outbox]:
        """Start the program, as after a reboot."""
        self.lives += 1
        owner = f"life {self.lives}"
        channels: list[Channel] = [self.post, FolderChannel(self.folder)]
        pen = Pen(self.wall, self.calendar)
        writers = {NOTE: pen.write, WEEKLY: pen.sum_up}
        runner = Runner(
            self.ledger, writers, channels, self.calendar, self.wall, owner, self.alarms
        )
        return runner, Outbox(self.ledger, channels, self.wall, owner, self.alarms.alarm)

    async def live(self, until: datetime = END) -> None:
        """Let the time go by."""
        desk: tuple[Runner, Outbox] | None = None
        steps = [step for step in STEPS if step[0] > self.wall.true]
        while self.wall.true < until:
            self.wall.true += _tick(self.wall.true)
            while steps and steps[0][0] <= self.wall.true:
                self.wall.error += steps.pop(0)[1]
            if any(start <= self.wall.true < start + length for start, length in OUTAGES):
                desk = None
                continue
            desk = desk or self.start_desk()
            await desk[0].ring()
            await desk[1].drain()


def _tick(true: datetime) -> timedelta:
    # The desk rings every minute; here often enough that no job is later than a quarter hour.
    is_busy = true.weekday() < 5 and (true.hour in (13, 14) or true.hour >= 18)
    return timedelta(minutes=15) if is_busy else 2 * HOUR


@dataclass
class Account:
    """What became of one session."""

    session: date
    fate: str
    reason: str
    posts: int
    files: int

    @property
    def is_settled(self) -> bool:
        """Whether it is there once on each channel, or there is a reason why not."""
        if self.fate in {"on time", "late"}:
            return (self.posts, self.files) == (1, 1)
        if self.fate == "archive only":
            return (self.posts, self.files) == (0, 1) and bool(self.reason)
        return (self.posts, self.files) == (0, 0) and bool(self.reason)


async def accounts(year: Year, until: datetime = END) -> list[Account]:
    """Account for every session up to a day."""
    async with year.ledger.read() as tx:
        editions = {row.session: row for row in await list_editions(tx, NOTE)}
        runs = {
            run.job.session: run
            for run in await runs_since(tx, date.min)
            if run.job.kind == PUBLISH
        }
    sessions = year.calendar.sessions(min(runs), until.date() - DAY)
    found = []
    for session in sessions:
        day, run, row = session.day, runs.get(session.day), editions.get(session.day)
        fate, reason = "missing", ""
        if row is not None and row.state is EditionState.ARCHIVED:
            fate, reason = "archive only", row.reason
        elif row is not None and row.state is EditionState.FROZEN:
            fate = "late" if row.late else "on time"
        elif run is not None and run.state is RunState.GIVEN_UP:
            fate, reason = "given up", run.detail
        files = len(list(year.folder.glob(f"{day}.md")))
        found.append(Account(day, fate, reason, year.post.got[day, NOTE], files))
    return found


def print_table(found: Sequence[Account], year: Year) -> None:
    """Print a line a month, and every session that did not go as on any other day."""
    fates = ("on time", "late", "archive only", "given up", "missing")
    print("month    sessions " + " ".join(f"{fate:>12}" for fate in fates))
    for month in sorted({f"{account.session:%Y-%m}" for account in found}):
        own = [account for account in found if f"{account.session:%Y-%m}" == month]
        counts = Counter(account.fate for account in own)
        print(f"{month}  {len(own):>8} " + " ".join(f"{counts[fate]:>12}" for fate in fates))
    totals = Counter(account.fate for account in found)
    print(f"all      {len(found):>8} " + " ".join(f"{totals[fate]:>12}" for fate in fates))
    for account in found:
        if account.fate != "on time":
            print(f"  {account.session} {account.fate}  {account.reason}")
    kinds = Counter(kind for _, kind in year.post.got.elements())
    doubled = sum(count > 1 for count in year.post.got.values())
    print(
        f"lives {year.lives}, outages {len(OUTAGES)}, clock steps {len(STEPS)}, "
        f"alarms {sum(year.alarms.raised.values())}, posts {dict(kinds)}, doubled {doubled}, "
        f"unaccounted {sum(not account.is_settled for account in found)}"
    )


async def run(folder: Path) -> tuple[Year, list[Account]]:
    """Live through the year on a new ledger."""
    ledger = open_ledger(str(folder / "year.sqlite3"))
    await upgrade(ledger)
    year = Year(ledger, folder / "notes")
    await year.live()
    found = await accounts(year)
    async with ledger.read() as tx:
        unsettled = [r for r in await list_deliveries(tx, limit=5_000) if r.state != "sent"]
    await ledger.close()
    if unsettled:
        print(f"{len(unsettled)} deliveries are not sent: {unsettled[:3]}")
    return year, found


def main() -> int:
    """Run, print the table, and answer with 1 if a session is unaccounted for."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="undertow-year-") as name:
        year, found = asyncio.run(run(Path(name)))
        print_table(found, year)
    print(f"a year in {time.monotonic() - begun:.0f} s")
    return 0 if all(account.is_settled for account in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
