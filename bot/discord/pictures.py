"""Pictures of the past, drawn once in a thread and kept, for whoever asks next."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING

import structlog

from bot.discord.posts import ALT_LIMIT, Attachment
from bot.discord.published import DriverFigures, PublishedNote

if TYPE_CHECKING:
    from bot.ledger.record import ClaimRow, Grade
    from templates.charts import Chart

log = structlog.get_logger(__name__)

SESSIONS_DRAWN = 60
"""A driver is always drawn this far back, so that one picture a driver and day serves all."""

PICTURES_KEPT = 32
FAINTEST = 2
"""Fewer sessions than this make no picture."""


@dataclass
class Pictures:
    """Draws what readers ask about the past, outside the event loop."""

    _kept: OrderedDict[str, Attachment] = field(default_factory=OrderedDict)
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    def has_history(self, notes: Sequence[PublishedNote], slug: str) -> bool:
        """Say whether a driver's picture is at hand, so that nobody has to wait for it."""
        return len(notes) < FAINTEST or _history_key(notes, slug) in self._kept

    async def history(
        self, notes: Sequence[PublishedNote], driver: DriverFigures
    ) -> tuple[Attachment, ...]:
        """Return a driver's published scores as a picture, none where there is too little."""
        if len(notes) < FAINTEST:
            return ()
        key = _history_key(notes, driver.slug)
        return await self._drawn(key, "history.png", lambda: _history(notes, driver))

    def has_comparison(self, a: PublishedNote, b: PublishedNote) -> bool:
        """Say whether a comparison's picture is at hand, or none is to be had."""
        return a.session == b.session or _pair_key(a, b) in self._kept

    async def comparison(self, a: PublishedNote, b: PublishedNote) -> tuple[Attachment, ...]:
        """Return two sessions' scores as a picture, none of a session beside itself."""
        if a.session == b.session:
            return ()
        return await self._drawn(_pair_key(a, b), "compare.png", lambda: _comparison(a, b))

    async def record(
        self, graded: Sequence[tuple[ClaimRow, Grade]], *, demo: bool
    ) -> tuple[Attachment, ...]:
        """Return the calibration of marked claims as a picture, none before the first."""
        if not graded:
            return ()
        newest = max(row.session for row, _ in graded)
        first = min(row.session for row, _ in graded)
        key = f"record {len(graded)} {first} {newest}"
        return await self._drawn(key, "record.png", lambda: _record(graded, newest, demo=demo))

    async def _drawn(
        self, key: str, name: str, draw: Callable[[], Chart]
    ) -> tuple[Attachment, ...]:
        async with self._line:
            if key not in self._kept:
                try:
                    self._kept[key] = await asyncio.to_thread(_picture, name, draw)
                except (ImportError, ValueError) as error:
                    # The words have every figure; a picture is a courtesy.
                    log.warning("picture_not_drawn", picture=name, problem=str(error)[:200])
                    return ()
            self._kept.move_to_end(key)
            while len(self._kept) > PICTURES_KEPT:
                self._kept.popitem(last=False)
            return (self._kept[key],)


def load_drawing() -> None:
    """Load what draws, which takes seconds the first time."""
    for name in ("analysis.record", "templates.past_charts", "templates.two_sessions"):
        with suppress(ImportError):
            import_module(name)


def _history_key(notes: Sequence[PublishedNote], slug: str) -> str:
    return f"{slug} {len(notes)} {notes[0].session} {notes[0].content_hash}"


def _pair_key(a: PublishedNote, b: PublishedNote) -> str:
    return f"{a.session} {a.content_hash} {b.session} {b.content_hash}"


def _comparison(a: PublishedNote, b: PublishedNote) -> Chart:
    from templates.two_sessions import ScorePair, two_sessions

    pairs = [
        ScorePair(name=one.title, first=score_in(a, one.slug), second=score_in(b, one.slug))
        for one in a.drivers
    ]
    return two_sessions((a.session, b.session), pairs, demo=a.demo or b.demo)


def _picture(name: str, draw: Callable[[], Chart]) -> Attachment:
    from templates.charts import render_png

    chart = draw()
    return Attachment(name, render_png(chart.spec), chart.alt[:ALT_LIMIT])


def _history(notes: Sequence[PublishedNote], driver: DriverFigures) -> Chart:
    from templates.past_charts import PastScore, score_history

    past = [
        PastScore(session=note.session, score=score_in(note, driver.slug))
        for note in reversed(notes)
    ]
    return score_history(driver.title, past, demo=notes[0].demo)


def score_in(note: PublishedNote, slug: str) -> float | None:
    """Return a driver's published score, nothing where it was not measured."""
    figures = note.driver(slug)
    return figures.score if figures is not None and figures.measured else None


def _record(graded: Sequence[tuple[ClaimRow, Grade]], newest: date, *, demo: bool) -> Chart:
    import pandas as pd

    from analysis.record import calibration
    from templates.charts.drawing.facts import Said
    from templates.past_charts import record_chart

    said = []
    for key in dict.fromkeys(row.claim.key for row, _ in graded):
        mine = [(row, grade) for row, grade in graded if row.claim.key == key]
        due = pd.DataFrame(
            {
                "probability": [row.claim.probability for row, _ in mine],
                "outcome": [float(grade.came_true) for _, grade in mine],
            }
        )
        said += [
            Said(
                key=key,
                probability=one.mean_probability,
                came_true=one.came_true,
                low=one.interval[0],
                high=one.interval[1],
                n=one.n,
            )
            for one in calibration(due)
        ]
    return record_chart(said, newest, demo=demo)
