"""Ask all vendors at once, each in its own thread, and keep each answer as it comes."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from analysis.sources.archive import Archive
from analysis.sources.faults import PASSING, Fault, VendorError
from analysis.sources.index import Refusal
from analysis.sources.soundness import sound
from analysis.sources.vendor import Item, Shelf, Vendor

if TYPE_CHECKING:
    from analysis.sources.live import LiveSource

Progress: TypeAlias = Callable[[str, str, int, int], None]
"""Told vendor, item, how many of its items are done, and how many there are."""

FIRST_FAULTS = frozenset({Fault.RESTING, Fault.BUDGET})
"""Faults that follow from earlier ones: told once a feed, after what caused them."""


TRIED_AGAIN = PASSING | FIRST_FAULTS | {Fault.NOT_KEPT}
"""Faults that the next run asks about again at once."""

UNFORESEEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What a parser raises on an answer of a new shape: the item fails, the run goes on."""


def quiet(vendor: str, item: str, done: int, total: int) -> None:
    """Say nothing of progress."""


@dataclass
class Run:
    """What became of one run: what was kept, and what went wrong, by feed.

    ``unfinished`` names vendors whose threads were left behind.
    """

    kept: int = 0
    skipped: int = 0
    problems: dict[str, list[str]] = field(default_factory=dict)
    errors: list[VendorError] = field(default_factory=list)
    unfinished: set[str] = field(default_factory=set)

    def fail(self, item: Item, error: VendorError) -> None:
        """Note one failure, unless it only follows from one already told."""
        self.errors.append(error)
        told = self.problems.setdefault(item.feed, [])
        if error.fault in FIRST_FAULTS and told:
            return
        told.append(f"{item.key}: {error.problem}")


@dataclass(frozen=True, slots=True)
class Step:
    """One item done, or a vendor finished (``item`` is None)."""

    vendor: str
    item: Item | None
    error: VendorError | None = None
    skipped: bool = False
    done: int = 0
    total: int = 0


def collect(
    source: LiveSource, session: pd.Timestamp, shelf: Shelf, vendors: Sequence[Vendor]
) -> Run:
    """Ask vendors for everything not yet final, until all are through or nobody answers.

    Vendors' threads keep their answers themselves; this one listens. It stops listening when
    there has been no answer at all for the source's patience: threads that hang in a dead
    network are left behind and do not hold up the process.
    """
    steps: queue.Queue[Step] = queue.Queue()
    stop = threading.Event()
    for vendor in vendors:
        job = _Job(vendor, source.archive, source.known_at, steps, stop)
        threading.Thread(target=job.work, args=(session, shelf), daemon=True).start()
    run, open_vendors = Run(), {vendor.name for vendor in vendors}
    begun = time.monotonic()
    while open_vendors:
        heard = run.kept or run.skipped
        limit = source.longest_seconds if heard else source.patience_seconds
        try:
            step = steps.get(timeout=max(begun + limit - time.monotonic(), 0.01))
        except queue.Empty:
            _give_up(run, [one for one in vendors if one.name in open_vendors], limit)
            break
        _take(source, run, step, open_vendors)
    stop.set()
    return run


def _take(source: LiveSource, run: Run, step: Step, open_vendors: set[str]) -> None:
    if step.item is None:
        open_vendors.discard(step.vendor)
        return
    if step.error is not None:
        run.fail(step.item, step.error)
    elif step.skipped:
        run.skipped += 1
    else:
        run.kept += 1
    source.progress(step.vendor, step.item.key, step.done, step.total)


def _give_up(run: Run, vendors: Sequence[Vendor], seconds: float) -> None:
    """Note that the vendors still at work have not answered."""
    run.unfinished |= {vendor.name for vendor in vendors}
    for vendor in vendors:
        error = VendorError(vendor.name, Fault.TIMED_OUT, f"no answer in {seconds:g} s")
        for feed in vendor.feeds:
            run.fail(Item(key=vendor.name, feed=feed.name), error)


@dataclass(frozen=True, slots=True)
class _Job:
    """One vendor's thread."""

    vendor: Vendor
    archive: Archive
    known_at: Callable[[], str]
    steps: queue.Queue[Step]
    stop: threading.Event

    def work(self, session: pd.Timestamp, shelf: Shelf) -> None:
        """Ask for each item in turn; whatever happens, say at the end that it is over."""
        try:
            settled = shelf.asked(self.vendor.name)
            items = self.vendor.items(session, shelf)
            for done, item in enumerate(items, start=1):
                if self.stop.is_set():
                    return
                known = item.key in settled
                error = None if known else self._one(item, session, shelf)
                self.steps.put(
                    Step(self.vendor.name, item, error, known, done=done, total=len(items))
                )
        except Exception as error:  # noqa: BLE001 - a thread's last line of defence: it must not die silently
            self._crashed(error)
        finally:
            self.steps.put(Step(self.vendor.name, None))

    def _crashed(self, error: Exception) -> None:
        """Tell of a defect under each of the vendor's feeds."""
        problem = f"unexpected {type(error).__name__}: {error}; this is a defect, please report it"
        for feed in self.vendor.feeds:
            told = VendorError(self.vendor.name, Fault.UNREADABLE, problem)
            self.steps.put(Step(self.vendor.name, Item(key=self.vendor.name, feed=feed.name), told))

    def _one(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> VendorError | None:
        name = self.vendor.name
        try:
            found = sound(name, self.vendor.ask(item, session, shelf))
        except VendorError as error:
            self._refused(item, session, error)
            return error
        except UNFORESEEN as error:
            words = next(iter(str(error).splitlines()), "")
            problem = f"its answer has a shape nobody foresaw ({type(error).__name__}: {words})"
            return VendorError(name, Fault.UNREADABLE, problem)
        try:
            self.archive.keep(session, name, item, found, self.known_at())
        except (OSError, sqlite3.Error) as error:
            return VendorError(name, Fault.NOT_KEPT, f"cannot be kept: {error}")
        return None

    def _refused(self, item: Item, session: pd.Timestamp, error: VendorError) -> None:
        """Note a refusal that will last a while, so that the next run need not run into it."""
        if error.fault in TRIED_AGAIN:
            return
        refusal = Refusal(
            session=f"{session:%Y-%m-%d}",
            vendor=self.vendor.name,
            item=item.key,
            feed=item.feed,
            known_at=self.known_at(),
            problem=f"{item.key}: {error.problem}",
        )
        # Where not even this can be kept, the run tells of the error by itself.
        with contextlib.suppress(OSError, sqlite3.Error):
            self.archive.index.refuse(refusal)
