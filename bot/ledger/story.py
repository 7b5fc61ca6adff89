"""What became of a session's note: published, corrected, withdrawn, published again.

Each of these words is an edition, and frozen editions never change, so a note that is withdrawn
and published again has its first two words and two more. They go in turns: a withdrawal opens
a turn, *again* closes it, and the next withdrawal opens the second. Of two words that want the
same place the later one wins, whichever is sent first: what was frozen in an earlier turn never
undoes a later one, and within a turn a correction follows the note.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.edition import AGAIN, NOTE, RETRACTION, REVISION, WITHDRAWALS, turn_of
from bot.ledger.database import Transaction
from bot.ledger.editions import EditionRow, editions_of

Rank = tuple[int, int]
"""The place of a word in a story: what is greater may take the place of what is less."""

NOWHERE: Rank = (-1, 0)
"""Less than the place of any word."""


@dataclass(frozen=True, slots=True)
class Story:
    """What was said of one session, oldest first: notes, corrections, withdrawals."""

    rows: tuple[EditionRow, ...]

    @property
    def turns(self) -> int:
        """How often it was published again."""
        return sum(row.kind == AGAIN for row in self.rows)

    @property
    def withdrawn(self) -> EditionRow | None:
        """The word by which the note is withdrawn everywhere now, nothing while it stands."""
        return self._opened({RETRACTION})

    @property
    def opened(self) -> EditionRow | None:
        """The withdrawal, everywhere or from named blogs, that nothing has closed yet."""
        return self._opened(WITHDRAWALS)

    @property
    def standing(self) -> EditionRow | None:
        """The newest version of the note, be it withdrawn or not."""
        told = [row for row in self.rows if row.kind in (NOTE, REVISION, AGAIN)]
        return max(told, key=self.rank, default=None)

    @property
    def original(self) -> EditionRow | None:
        """The version that later ones correct: the note, or what took its place.

        A note that was withdrawn and came back with other figures has none of its first words
        left; one that came back as it stood is the same version still.
        """
        mended = [row for row in self.rows if row.kind == AGAIN and self._first(row) is row]
        note = (row for row in self.rows if row.kind == NOTE)
        return max(mended, key=self.rank) if mended else next(note, None)

    @property
    def correction(self) -> EditionRow | None:
        """The version that corrects the original now, if there is one."""
        newest = self.standing
        first = None if newest is None else self._first(newest)
        return None if first is self.original else first

    def _first(self, row: EditionRow) -> EditionRow:
        """Return the edition that said first what this one says."""
        return next(one for one in self.rows if one.content_hash == row.content_hash)

    @property
    def again(self) -> EditionRow | None:
        """The word by which it was last published again."""
        return max((row for row in self.rows if row.kind == AGAIN), key=self.rank, default=None)

    def overtakes(self, row: EditionRow) -> bool:
        """Say whether a word goes to every channel: what it follows need not be sent any more."""
        if row.kind == AGAIN:
            closed = (one.edition for one in self.rows if one.kind == RETRACTION)
            return any(turn_of(edition) == turn_of(row.edition) for edition in closed)
        return row.kind == RETRACTION

    def is_overtaken(self, edition: str) -> bool:
        """Say whether a word is pointless everywhere, because of what was said after it."""
        ours = self.rank_of(edition)
        return any(self.overtakes(row) and self.rank(row) > ours for row in self.rows)

    def _opened(self, kinds: Iterable[str]) -> EditionRow | None:
        turn = self.turns + 1
        found = (row for row in self.rows if row.kind in kinds and turn_of(row.edition) == turn)
        return next(found, None)

    def rank(self, row: EditionRow) -> Rank:
        """Return the place of one of these words."""
        if row.kind in WITHDRAWALS:
            return 2 * turn_of(row.edition) - 1, row.id
        if row.kind == AGAIN:
            return 2 * turn_of(row.edition), row.id
        return 2 * sum(one.kind == AGAIN and one.id < row.id for one in self.rows), row.id

    def rank_of(self, edition: str) -> Rank:
        """Return the place of a word by its name, below all where it was never said."""
        return next((self.rank(row) for row in self.rows if row.edition == edition), NOWHERE)


WORDS = WITHDRAWALS | {NOTE, REVISION, AGAIN}


def story_of(rows: Iterable[EditionRow]) -> Story:
    """Tell the story from a session's editions; drafts and digests are no part of it."""
    told = (row for row in rows if row.is_frozen and row.kind in WORDS)
    return Story(tuple(sorted(told, key=lambda row: row.id)))


async def read_story(tx: Transaction, session: date) -> Story:
    """Return what became of a session's note."""
    return story_of(await editions_of(tx, session))
