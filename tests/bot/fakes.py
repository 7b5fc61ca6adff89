"""Small stand-ins that fit the desk's protocols."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.channels import (
    EVERY_KIND,
    AfterSilence,
    Delivery,
    HandOver,
    InDoubt,
    Load,
    Receipt,
    RetryLater,
    Sent,
)
from bot.edition import NOTE, Edition
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Pace

NOW = datetime(2025, 11, 21, 22, 15, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that stands still until it is told to move."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def move(self, **by: float) -> None:
        """Move, forwards or backwards."""
        self.now += timedelta(**by)


def a_delivery(
    target: str = "ana", edition: str = NOTE, texts: Mapping[str, bytes] | None = None
) -> Delivery:
    """Return Friday's note on its way to a target."""
    return Delivery(
        id=7,
        key=f"2025-11-21/{edition}/paper/{target}",
        session=date(2025, 11, 21),
        edition=edition,
        content_hash="sha256:" + "ab" * 32,
        late=False,
        target=target,
        subscriber_id=None,
        attempt=1,
        handed_at=None,
        texts={"blog.md": b"# Funds had to buy\n"} if texts is None else texts,
    )


@dataclass
class AlarmBook:
    """Writes alarms down."""

    raised: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, key: str, words: str) -> None:
        """Take one."""
        self.raised.append((key, words))

    @property
    def keys(self) -> list[str]:
        """The keys, in order."""
        return [key for key, _ in self.raised]


@dataclass
class PaperChannel:
    """Keeps what it is given, and answers as its script says; then with Sent."""

    name: str = "paper"
    readers: tuple[Target, ...] = (Target("ana"),)
    script: list[Receipt | Exception] = field(default_factory=list)
    wants: tuple[str, ...] = ("blog.md",)
    carries: frozenset[str] = EVERY_KIND
    keeps_archive: bool = False
    after_silence: AfterSilence = AfterSilence.DOUBT
    pace: Pace = field(default_factory=Pace)
    load: Load = field(default_factory=Load)
    got: list[Delivery] = field(default_factory=list)

    async def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the readers in one page."""
        yield self.readers

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Take one, or do as the script says."""
        answer = self.script.pop(0) if self.script else Sent("page 1")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Sent | InDoubt):
            await hand_over()
            self.got.append(delivery)
            await asyncio.sleep(0)
        return answer

    @property
    def read_by(self) -> list[str]:
        """Who got something, in order."""
        return [delivery.target for delivery in self.got]


@dataclass
class LibraryChannel(PaperChannel):
    """A channel that can say afterwards what it has."""

    name: str = "library"
    after_silence: AfterSilence = AfterSilence.LOOK_UP
    shelves_open: bool = True

    async def find(self, delivery: Delivery) -> Receipt:
        """Look on the shelf."""
        if not self.shelves_open:
            return InDoubt("the library is closed")
        if delivery.target in self.read_by:
            return Sent("shelf 3")
        return RetryLater("not on the shelf", after=timedelta(0))


@dataclass
class Pen:
    """Writes a note a session; ``trouble`` makes it doubt or fail, ``data`` changes its words."""

    trouble: Callable[[date], Exception | tuple[str, ...]] = lambda session: ()
    data: str = "as of the evening"
    written: list[date] = field(default_factory=list)

    def __call__(self, session: date) -> Edition:
        """Write one."""
        self.written.append(session)
        trouble = self.trouble(session)
        if isinstance(trouble, Exception):
            raise trouble
        text = f"{session}: funds had to buy, {self.data}\n".encode()
        digest = f"sha256:{hashlib.sha256(text).hexdigest()}"
        return Edition(session, {"blog.md": text}, digest, problems=trouble)


@dataclass
class Bulletin:
    """Keeps the troubles that stand."""

    standing: dict[str, str] = field(default_factory=dict)

    async def alarm(self, key: str, words: str) -> None:
        """Pin one up."""
        self.standing[key] = words

    async def clear(self, key: str) -> None:
        """Take one down."""
        self.standing.pop(key, None)
