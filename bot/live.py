"""The live desk: settings become vendors, an archive and a source."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from analysis.sessions import close_utc, sessions_between
from analysis.sources.archive import Archive, usable
from analysis.sources.cboe import Cboe
from analysis.sources.cftc import Cftc
from analysis.sources.collect import Progress
from analysis.sources.finra import Finra
from analysis.sources.gate import Gate, Manners
from analysis.sources.http import Http
from analysis.sources.live import LiveSource
from analysis.sources.live_gamma import archived_chain
from analysis.sources.members import member_list
from analysis.sources.proshares import ProShares
from analysis.sources.squeezemetrics import SqueezeMetrics
from analysis.sources.vendor import Vendor
from analysis.sources.yahoo import Yahoo
from bot.clock import Clock
from bot.errors import BadArgumentError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from analysis.market import Market
    from analysis.options.chain import Chain
    from analysis.report import FlowReport
    from bot.settings import Settings

NEW_YORK = ZoneInfo("America/New_York")

SETTLED = pd.Timedelta(minutes=5)
"""How long after the close a session counts as over."""

LOG = logging.getLogger("undertow.sources")

VENDORS = ("yahoo", "cboe", "finra", "cftc", "squeezemetrics", "proshares")


def latest_session(clock: Clock) -> pd.Timestamp:
    """Return the last session that has closed."""
    now = pd.Timestamp(clock())
    today = pd.Timestamp(now.tz_convert(NEW_YORK).date())
    past = sessions_between(today - pd.Timedelta(days=10), today)
    return next(day for day in reversed(past) if close_utc(day) + SETTLED <= now)


def known_at(clock: Clock) -> str:
    """Return the time now as the archive writes it."""
    return f"{clock():%Y-%m-%dT%H:%M:%SZ}"


def open_archive(settings: Settings) -> Archive:
    """Return the archive that the settings name."""
    with usable(settings.archive):
        return Archive(settings.archive)


def switched_off(settings: Settings) -> frozenset[str]:
    """Return the vendors that are not to be asked."""
    off = {name.strip().lower() for name in settings.sources_off.split(",") if name.strip()}
    unknown = sorted(off - set(VENDORS))
    if unknown:
        raise BadArgumentError(
            f"UNDERTOW_SOURCES_OFF names {unknown[0]!r}; there are {', '.join(VENDORS)}"
        )
    return frozenset(off)


def open_vendors(settings: Settings, http: Http) -> list[Vendor]:
    """Return the vendors that are switched on, on one client and one gate."""
    off = switched_off(settings)
    vendors: tuple[Vendor, ...] = (
        Yahoo(http.gate, settings.yahoo_url, settings.members),
        Cboe(http, settings.cboe_url),
        Finra(http, settings.finra_url, settings.finra_api_url),
        Cftc(http, settings.cftc_url),
        SqueezeMetrics(http, settings.squeezemetrics_url),
        ProShares(http, settings.proshares_url),
    )
    return [vendor for vendor in vendors if vendor.name not in off]


def open_source(settings: Settings, clock: Clock, manners: Manners | None = None) -> LiveSource:
    """Return vendors and archive as one source."""
    archive = open_archive(settings)
    http = Http(Gate(manners or Manners()), archive.cache / "http")
    vendors = open_vendors(settings, http)
    return LiveSource(
        archive=archive,
        vendors=vendors,
        members=member_list(settings.members) if settings.members else member_list(),
        stand_ins=[
            one for vendor in vendors if isinstance(vendor, Yahoo) for one in vendor.stand_ins
        ],
        latest=latest_session(clock),
        known_at=lambda: known_at(clock),
        progress=shown_progress(),
        hang_up=http.close,
    )


@dataclass
class Evenings:
    """The live sources, opened anew for each reading.

    A source counts its requests, its minutes and the last closed session for one run. A desk
    that serves for months reads many evenings, and each is a run of its own.
    """

    settings: Settings
    clock: Clock
    archive: Archive
    name: str = "live"
    upto: int = 0
    """The last entry that the market fetched last rests on."""

    def fetch(self, session: pd.Timestamp | None = None) -> Market:
        """Return what is known of the evening of ``session``; see `LiveSource.fetch`."""
        source = open_source(self.settings, self.clock)
        market = source.fetch(session)
        self.upto = source.upto
        return market

    def chain(self, session: pd.Timestamp) -> Chain | None:
        """Return the index's option chain of a session, None where none was kept."""
        return archived_chain(self.archive, session, self.upto or None)


def open_evenings(settings: Settings, clock: Clock) -> Evenings:
    """Return the live sources; a setting that cannot be meant is refused now, not at night."""
    return Evenings(settings, clock, open_source(settings, clock).archive)


def keeper(source: Evenings, clock: Clock) -> Callable[[FlowReport], None]:
    """Return what keeps a report in the archive beside the entries it rests on."""

    def keep(report: FlowReport) -> None:
        with usable(source.archive.root):
            source.archive.keep_report(
                report.session.isoformat(), known_at(clock), source.upto, report.as_dict()
            )

    return keep


def shown_progress() -> Progress:
    """Return bars for a person at a terminal, log lines for everybody else."""
    return _bars() if sys.stderr.isatty() else _logged


def _logged(vendor: str, item: str, done: int, total: int) -> None:
    LOG.info("fetched", extra={"vendor": vendor, "item": item, "done": done, "total": total})


def _bars() -> Progress:
    """Return one bar a vendor, gone when its last item is in."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn())
    bars = Bars(*columns, console=Console(stderr=True), transient=True)
    tasks: dict[str, TaskID] = {}
    finished: set[str] = set()

    def show(vendor: str, item: str, done: int, total: int) -> None:
        if not tasks:
            bars.start()
        if vendor not in tasks:
            tasks[vendor] = bars.add_task(vendor, total=total)
        bars.update(tasks[vendor], completed=done, description=f"{vendor} {item}"[:34])
        if done == total:
            finished.add(vendor)
        if finished == set(tasks):
            bars.stop()

    return show
