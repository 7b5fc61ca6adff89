"""The one place where the parts meet: source, drivers, words, clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.clock import Clock, clock_of, real_clock
from bot.errors import BadArgumentError, NoSourceError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.into_close import IntoClose
    from analysis.market import Market
    from analysis.reading import Reading
    from analysis.report import FlowReport
    from analysis.sources import Source
    from bot.evening import Evening
    from bot.into_close import DuringSession
    from bot.settings import Settings
    from templates import Commentary

NEW_YORK = ZoneInfo("America/New_York")

WEB = "html"
"""The edition that has charts in it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads a session from a source and writes it up."""

    source: Source
    clock: Clock = real_clock
    keep: Callable[[FlowReport], None] | None = None
    """Where a report goes as soon as it is made; only a live desk keeps its reports."""
    events: Path | None = None
    """The operator's file of news."""
    during: DuringSession | None = None
    """Where prices come from while a session runs; a simulated market has none."""

    def market(self, session: str) -> Market:
        """Return what was known on the evening of ``session``, a date or ``latest``."""
        from analysis.sessions import check_session

        if session == "latest":
            return self.source.fetch(None)
        return self.source.fetch(
            check_session(session, today=self.clock().astimezone(NEW_YORK).date())
        )

    def report(self, session: str) -> FlowReport:
        """Measure, score and judge one session."""
        from analysis.report import build_report

        found = build_report(self.market(session))
        if self.keep is not None:
            self.keep(found)
        return found

    def evening(self, session: str) -> Evening:
        """Measure one session, with what its charts show beyond the report."""
        from bot.evening import evening_of

        found = evening_of(self.market(session), self.source.chain)
        if self.keep is not None:
            self.keep(found.report)
        return found

    def into_close(self, session: str, at: str | None) -> IntoClose:
        """Estimate what must be traded by the bell at the prices of a moment.

        Raises
        ------
        NoSourceError
            There are no prices during the session.
        """
        if self.during is None:
            raise NoSourceError(
                "the demo market has closes and no prices during the session; name a folder that "
                "has them with --data, or ask without --demo while the exchange is open"
            )
        from analysis.sources.faults import VendorError
        from bot.into_close import estimate_of

        try:
            return estimate_of(self.during, session, at)
        except VendorError as error:
            raise NoSourceError(f"no prices of now: {error}; {error.advice}") from error

    def reading(self, slug: str, session: str) -> Reading:
        """Return one driver's reading of a session."""
        _check_driver(slug)
        return self.report(session).reading(slug)

    def driver_history(self, slug: str, session: str, days: int) -> pd.DataFrame:
        """Return one driver's figures for the ``days`` sessions up to ``session``."""
        _check_driver(slug)
        from analysis.history import read

        market = self.market(session)
        rows = market.sessions[-days:]
        return read(market, rows).figures[slug].loc[rows]

    def note(self, session: str, edition: str, level: str = "plain") -> str:
        """Write one session up, in one edition and for one kind of reader."""
        from templates import editions, render

        if edition not in editions():
            known = ", ".join(editions())
            raise BadArgumentError(f"no edition {edition!r}; --as takes one of {known}")
        if edition == WEB:
            return self._web_page(session, level)
        return render(self.commentary(session, level), edition)

    def _web_page(self, session: str, level: str) -> str:
        """Write one session up as a page with its charts."""
        from templates import render
        from templates.charts import charts_of
        from templates.site import with_charts

        _check_level(level)
        told = self.evening(session)
        page = render(self._told(told.report, level), WEB)
        return with_charts(page, charts_of(told.report, told.extras))

    def commentary(self, session: str, level: str = "plain") -> Commentary:
        """Return what a note may say of one session, told at a level."""
        _check_level(level)
        return self._told(self.report(session), level)

    def _told(self, report: FlowReport, level: str) -> Commentary:
        from bot.events import events_of
        from templates import write_commentary

        return write_commentary(report, events_of(self.events, report.session), level)


def _check_level(level: str) -> None:
    from templates import LEVELS

    if level not in LEVELS:
        raise BadArgumentError(f"no level {level!r}; --level takes one of {', '.join(LEVELS)}")


def _check_driver(slug: str) -> None:
    from analysis.drivers import all_drivers

    slugs = [driver.slug for driver in all_drivers()]
    if slug not in slugs:
        raise BadArgumentError(f"no driver {slug!r}; there are {', '.join(slugs)}")


def open_desk(settings: Settings, *, data: Path | None, demo: bool) -> Desk:
    """Return a desk on the demo market, on a market folder, or on the live sources.

    A folder named on the command line wins over the one in the settings.
    """
    clock = clock_of(settings.now)
    folder = data or settings.data
    if demo:
        from analysis.sources.demo import DemoSource

        return Desk(DemoSource(), clock, events=settings.events)
    if folder is not None:
        from analysis.sources.folder import FolderSource
        from bot.into_close import FolderDuring

        during = FolderDuring(folder, settings.estimate_before_close)
        return Desk(FolderSource(folder), clock, events=settings.events, during=during)
    from bot.live import keeper, open_evenings
    from bot.live_close import LiveDuring

    source = open_evenings(settings, clock)
    return Desk(source, clock, keeper(source, clock), settings.events, LiveDuring(settings, clock))
