"""The evening run: ask every vendor for what is missing, keep it, and read the archive's folder.

A run never reports what it has fetched; it reports what the archive then holds. So a run that
was stopped, one that found nothing new, and one made again years later all go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.market import INDEX, Market, SourceNote
from analysis.sessions import AfterTheClockError
from analysis.sources import SourceError
from analysis.sources.archive import Archive, FolderShelf, View, usable
from analysis.sources.collect import FIRST_FAULTS, Progress, Run, collect, quiet
from analysis.sources.folder import FolderError, FolderSource
from analysis.sources.folder.prices import PRICES
from analysis.sources.folder.standing import STANDING
from analysis.sources.live_gamma import archived_chain, archived_gamma
from analysis.sources.live_members import without_thin_sessions
from analysis.sources.members import FEED as LIST_FEED
from analysis.sources.members import MemberList
from analysis.sources.reconcile import reconciled
from analysis.sources.tables import normal
from analysis.sources.vendor import Facts, Findings, Item, Vendor

if TYPE_CHECKING:
    from analysis.options.chain import Chain

DESK = "desk"
"""The vendor that the desk's own entries are made under."""

MEMBERS = "Yahoo S&P 500 members"
"""The feed that the members' bars come under."""

PRICE_VENDOR = "yahoo"
"""Whose failure is named first where there are no prices at all."""


class NoAnswerError(SourceError):
    """No prices could be had, from the vendors or from the archive."""

    exit_code = 3

    def __str__(self) -> str:
        """Say what was wrong: the sentence names the sources itself."""
        return self.problem


@dataclass
class LiveSource:
    """Vendors and an archive, read as one source.

    Parameters
    ----------
    archive
        Where everything is kept.
    vendors
        Whom to ask, each in a thread of its own.
    latest
        The last session that has closed.
    known_at
        Tells the time of knowledge, ISO 8601 in UTC.
    progress
        Told of each item as it comes in.
    """

    archive: Archive
    vendors: Sequence[Vendor]
    latest: pd.Timestamp
    known_at: Callable[[], str]
    progress: Progress = quiet
    patience_seconds: float = 12.0
    """Without any answer at all for so long, the run stops waiting."""
    longest_seconds: float = 200.0
    """However much is still to come, the run stops waiting after this."""
    stand_ins: Sequence[Vendor] = ()
    """Asked when all others are through, for what those did not give."""
    members: MemberList | None = None
    """The list of the index's members: its weights are kept, and its day is told."""
    hang_up: Callable[[], None] = lambda: None
    """Called when everybody has been asked, to let go of connections."""
    name: str = "live"
    upto: int = 0
    """The last entry that the market fetched last rests on."""

    def fetch(self, session: pd.Timestamp | None = None) -> Market:
        """Return what is known of the evening of ``session`` (None: of the latest).

        Raises
        ------
        AfterTheClockError
            The session has not closed: a chain or a bar taken now would pass for its last.
        ArchiveError
            The archive's disk or files fail.
        NoAnswerError
            Where neither the vendors nor the archive have the index's bars.
        """
        day = self.latest if session is None else session
        if day > self.latest:
            raise AfterTheClockError(
                f"{day.date()} has not closed yet; the last session that has is "
                f"{self.latest.date()}"
            )
        with usable(self.archive.root):
            return self._fetched(day)

    def _fetched(self, day: pd.Timestamp) -> Market:
        run = self._collected(day) if self._worth_asking(day) else Run()
        with self.archive.view() as view:
            try:
                market = read_view(self.archive, view, day)
            except FolderError as error:
                raise NoAnswerError(self.name, _sentence(run, error, day)) from error
            self.upto = view.upto
        return market

    def chain(self, session: pd.Timestamp) -> Chain | None:
        """Return the index's option chain of a session, None where none was kept."""
        return archived_chain(self.archive, session, self.upto or None)

    def _worth_asking(self, session: pd.Timestamp) -> bool:
        """Say whether vendors may know more: of the latest session, and of ones never fetched."""
        if session >= self.latest:
            return True
        with self.archive.view() as view:
            prices = FolderShelf(view.folder).table(PRICES.path)
        return not ((prices["symbol"] == INDEX) & (prices["date"] == session)).any()

    def _collected(self, session: pd.Timestamp) -> Run:
        """Ask the vendors, then settle what two of them say of the same thing."""
        with self.archive.view() as view:
            settled = self.archive.settled(session, self.known_at())
            shelf = FolderShelf(view.folder, settled)
        try:
            run = collect(self, session, shelf, self.vendors)
            self._stood_in(session, run)
        finally:
            self.hang_up()
        self._enter_weights(session)
        if not run.kept and not run.errors and self._is_settled(session):
            return run
        with self.archive.view() as view:
            filled, disputes = reconciled(FolderShelf(view.folder), session)
        if filled is not None:
            self._enter(session, "reconciled", filled)
        standing = self._standing(session, run, disputes)
        self._enter(session, "standing", Facts(path=STANDING.path, rows=standing))
        return run

    def _enter_weights(self, session: pd.Timestamp) -> None:
        """Keep the weights of the list of members, where it has any by this session."""
        facts = None if self.members is None else self.members.facts()
        if facts is not None and facts.rows["date"].max() <= session:
            self._enter(session, "weights", facts)

    def _is_settled(self, session: pd.Timestamp) -> bool:
        """Say whether the last thing the archive learnt is how this session's vendors stood."""
        return self.archive.index.newest_item() == (f"{session:%Y-%m-%d}", DESK, "standing")

    def _stood_in(self, session: pd.Timestamp, run: Run) -> None:
        """Ask the stand-ins for what is missing, where there is a network and a current session."""
        if session < self.latest or not self.stand_ins or not (run.kept or run.skipped):
            return
        with self.archive.view() as view:
            settled = self.archive.settled(session, self.known_at())
            shelf = FolderShelf(view.folder, settled)
        for vendor in self.stand_ins:
            # One after the other: they share a client that takes one question at a time.
            if vendor.name not in run.unfinished:
                more = collect(self, session, shelf, [vendor])
                run.unfinished |= more.unfinished
                for feed, problems in more.problems.items():
                    run.problems.setdefault(feed, []).extend(problems)

    def _enter(self, session: pd.Timestamp, key: str, facts: Facts) -> None:
        found = Findings(as_of=session, final=False, facts=(facts,))
        self.archive.keep(session, DESK, Item(key=key, feed=DESK), found, self.known_at())

    def _standing(
        self, session: pd.Timestamp, run: Run, disputes: Sequence[tuple[str, str]]
    ) -> pd.DataFrame:
        """Return one row a feed: its newest day, and what went wrong with it this evening."""
        newest = self.archive.index.newest_by_feed(f"{session:%Y-%m-%d}")
        told = kept_problems(self.archive, session)
        rows = []
        feeds = [feed for vendor in self.vendors for feed in vendor.feeds]
        needed = [feed for vendor in self.stand_ins for feed in vendor.feeds]
        feeds += [feed for feed in needed if feed.name in told or feed.name in run.problems]
        for feed in feeds:
            # A dispute first: it is about figures that are used, and long lists are cut.
            problems = [text for name, text in disputes if name == feed.name]
            problems += [*told.get(feed.name, []), *run.problems.get(feed.name, [])]
            rows.append(
                {
                    "date": session,
                    "name": feed.name,
                    "as_of": newest.get(feed.name),
                    "stale_days": feed.stale_days,
                    "problem": shortened(problems),
                }
            )
        rows += [] if self.members is None else [_list_row(self.members, session)]
        return normal(STANDING.path, pd.DataFrame(rows))


def _list_row(members: MemberList, session: pd.Timestamp) -> dict[str, object]:
    """Return how the list of members stands: a list of a later day is not known yet."""
    known = members.as_of is not None and members.as_of <= session
    return {
        "date": session,
        "name": LIST_FEED.name,
        "as_of": members.as_of if known else None,
        "stale_days": LIST_FEED.stale_days,
        "problem": members.remark,
    }


def read_view(archive: Archive, view: View, session: pd.Timestamp) -> Market:
    """Return the market that an archive's folder holds, its chains measured once."""
    market = FolderSource(view.folder, today=session).fetch(session)
    gamma, note = archived_gamma(archive, session, market.close[INDEX].shift(1), upto=view.upto)
    market, remark = without_thin_sessions(market)
    told = {note.name: note}
    told |= {one.name: _with_remark(one, remark) for one in market.notes if one.name == MEMBERS}
    notes = tuple(told.get(one.name, one) for one in market.notes)
    return replace(market, gamma=gamma, notes=notes)


def _with_remark(note: SourceNote, remark: str) -> SourceNote:
    """Return a note that says one thing more, before all else."""
    return replace(note, problem="; ".join(text for text in (remark, note.problem) if text))


def kept_problems(archive: Archive, session: pd.Timestamp) -> dict[str, list[str]]:
    """Return what was wrong with the session's answers, kept and refused, by feed."""
    day = f"{session:%Y-%m-%d}"
    told: dict[str, list[str]] = {}
    for row in sorted(archive.index.latest(day), key=lambda row: (row["vendor"], row["item"])):
        told.setdefault(row["feed"], []).extend(row["problems"])
    for refusal in archive.index.refusals(day):
        told.setdefault(refusal.feed, []).append(refusal.problem)
    return told


MOST_TOLD = 4


def shortened(problems: Sequence[str]) -> str:
    """Join problems, the first few in full and the rest counted; the same one once.

    >>> shortened(["a", "b", "a"])
    'a; b'
    """
    once = list(dict.fromkeys(problems))
    rest = len(once) - MOST_TOLD
    more = [f"and {rest} more"] if rest > 0 else []
    return "; ".join([*once[:MOST_TOLD], *more])


def _sentence(run: Run, error: FolderError, session: pd.Timestamp) -> str:
    """Say in one sentence why there are no prices: the price vendor's reason, or the folder's."""
    if not run.errors:
        return f"no prices of {session.date()}: {error.problem}; use --demo, or --data PATH"
    causes = [one for one in run.errors if one.fault not in FIRST_FAULTS] or run.errors
    prices = [one for one in run.errors if one.source == PRICE_VENDOR]
    # Left alone because another vendor met the fault first: the fault is what to tell.
    shared = [one for one in causes if any(one.problem in other.problem for other in prices)]
    first = next(iter([one for one in causes if one in prices] + shared + causes))
    name = PRICE_VENDOR if prices else first.source
    others = sorted({one.source for one in run.errors} - {name})
    also = f" ({', '.join(others)} failed too)" if others else ""
    return (
        f"no prices of {session.date()}: {name} failed, {first.problem}{also}; "
        f"{first.advice}; --demo shows the built-in simulated market"
    )
