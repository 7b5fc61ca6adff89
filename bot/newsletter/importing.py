"""Take a file of readers in: every line accounted for, none twice, memory flat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice

from bot.clock import Clock
from bot.errors import BadArgumentError
from bot.ledger import Ledger, Transaction
from bot.ledger.importing import Newcomer, add_newcomers, suppress_all, suppressed_among
from bot.ledger.subscribers import Consent, SubscriberState
from bot.ledger.tokens import keep_tokens
from bot.newsletter.lifecycle import lasting_tokens
from bot.newsletter.table_file import Row, Unreadable, newcomer_of
from bot.newsletter.tokens import address_hash
from templates.consents import current_consent

AT_ONCE = 2_000
"""Rows that share a commit."""

WRITTEN_TO = (SubscriberState.PENDING, SubscriberState.CONFIRMED, SubscriberState.PAUSED)
SHUT = (SubscriberState.BOUNCED, SubscriberState.COMPLAINED)

STANDS = "stands already, in the ledger or further up; left as it is"
SUPPRESSED = "must never be written to: erased, bounced or complained; `subscribers allow` lifts it"


class Result(StrEnum):
    """What became of a line."""

    ADDED = "added"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A line that added nobody, and why."""

    line: int
    result: Result
    reason: str


@dataclass
class Import:
    """A file being taken in.

    ``usual_state`` is that of lines without one; ``tell`` is given every line that added nobody,
    in the order of the file; ``tick`` the number of lines done so far.
    """

    ledger: Ledger
    key: str = field(repr=False)
    clock: Clock
    usual_state: str
    tell: Callable[[Outcome], None]
    tick: Callable[[int], None] = lambda done: None
    counts: Counter[Result] = field(default_factory=Counter)

    async def run(self, rows: Iterable[Row | Unreadable]) -> Mapping[Result, int]:
        """Take all rows in, a commit for each few thousand, and return the counts.

        Stopped halfway, what was taken in stays; run again, it is kept and the rest is added.
        """
        for part in _parts(rows):
            good, bad = self._read(part)
            async with self.ledger.write() as tx:
                bad += await self._add(tx, good)
            for outcome in sorted(bad, key=lambda one: one.line):
                self.tell(outcome)
            self.counts.update(outcome.result for outcome in bad)
            self.counts[Result.ADDED] += len(part) - len(bad)
            self.tick(self.counts.total())
        return +self.counts

    def _read(self, part: Sequence[Row | Unreadable]) -> tuple[dict[int, Newcomer], list[Outcome]]:
        good, bad = {}, []
        for row in part:
            if isinstance(row, Unreadable):
                bad.append(Outcome(row.line, Result.REFUSED, row.reason))
                continue
            try:
                good[row.line] = newcomer_of(row, self.usual_state)
            except BadArgumentError as error:
                bad.append(Outcome(row.line, Result.REFUSED, str(error)))
        return good, bad

    async def _add(self, tx: Transaction, good: Mapping[int, Newcomer]) -> list[Outcome]:
        now = self.clock()
        hashes = {line: address_hash(self.key, one.address_key) for line, one in good.items()}
        shut = await suppressed_among(tx, set(hashes.values()))
        welcome = {
            line: one
            for line, one in good.items()
            if hashes[line] not in shut or one.state not in WRITTEN_TO
        }
        consent = Consent("imported", current_consent().version, "import")
        added = await add_newcomers(tx, list(welcome.values()), consent, now)
        links = chain.from_iterable(lasting_tokens(self.key, n) for n in added.values())
        await keep_tokens(tx, list(links), now)
        gone = [(hashes[n], one.state) for n, one in welcome.items() if one.state in SHUT]
        await suppress_all(tx, gone, now)
        kept = _standing(welcome, set(added))
        refused = (line for line in good if line not in welcome)
        return [
            *(Outcome(line, Result.KEPT, STANDS) for line in kept),
            *(Outcome(line, Result.REFUSED, SUPPRESSED) for line in refused),
        ]


def _standing(welcome: Mapping[int, Newcomer], added: set[str]) -> Iterator[int]:
    """Give the lines that added nobody: of an address that comes twice, the later ones."""
    for line, one in welcome.items():
        if one.address_key in added:
            added.remove(one.address_key)
        else:
            yield line


def _parts(rows: Iterable[Row | Unreadable]) -> Iterator[list[Row | Unreadable]]:
    left = iter(rows)
    while part := list(islice(left, AT_ONCE)):
        yield part
