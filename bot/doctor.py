"""What an operator wants to know before the first run, and when something is wrong."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pandas as pd

from analysis.sources import SourceError
from analysis.sources.archive import Archive, ArchiveError
from analysis.sources.collect import UNFORESEEN
from analysis.sources.faults import Fault, VendorError
from analysis.sources.gate import Gate, Manners
from analysis.sources.http import Http
from analysis.sources.vendor import Vendor
from bot.clock import Clock
from bot.doctor_delivery import delivery_checks
from bot.finding import FAILED, OK, WARNING, Finding, reached, refused
from bot.live import NEW_YORK, VENDORS, latest_session, open_archive, open_vendors
from bot.settings import unknown_settings

if TYPE_CHECKING:
    from bot.settings import Settings

BRIEF = Manners(connect_seconds=3.0, read_seconds=8.0, answer_seconds=10.0, attempts=1, requests=60)
"""A doctor is less patient than a run."""

PROBE_SECONDS = 15.0
"""Longest that all sources together may take."""

LEAST_FREE_BYTES = 2_000_000_000
MOST_SKEW_SECONDS = 120.0

PRICES = "yahoo"
"""Without this source there is no report."""

DELIVERY = ("database", "mail", "discord", "channels")
"""What `bot.doctor_delivery` checks, in its order."""

OUT_OF_REACH = frozenset(
    {Fault.NO_HOST, Fault.REFUSED, Fault.TIMED_OUT, Fault.BROKEN_OFF, Fault.RESTING}
)
"""Faults after which nobody knows whether the host is there; the others are answers."""


def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """Look at every source and at what a desk needs besides, all at once."""
    try:
        archive = open_archive(settings)
    except ArchiveError as error:
        return [
            _no_archive(error),
            *_settings(),
            *_machine(settings, clock),
            *_beside(settings, clock),
        ]
    http = Http(Gate(BRIEF), archive.cache / "http")
    vendors = open_vendors(settings, http)
    delivery: list[Finding] = []
    sources: list[Finding] = []
    _together(
        [
            lambda: delivery.extend(_beside(settings, clock)),
            lambda: sources.extend(_sources(vendors, archive, clock)),
        ],
        PROBE_SECONDS + 5.0,
    )
    http.close()
    return [
        *_folder_first(settings.data, sources),
        *_left_alone(vendors),
        _disk(archive.root),
        _archive(archive),
        *_settings(),
        *_machine(settings, clock),
        *delivery,
    ]


def _left_alone(asked: list[Vendor]) -> list[Finding]:
    """Name the sources that the settings switch off."""
    names = {vendor.name for vendor in asked}
    return [
        Finding(name=name, status=OK, found="off (UNDERTOW_SOURCES_OFF names it)")
        for name in VENDORS
        if name not in names
    ]


def _folder_first(folder: Path | None, sources: list[Finding]) -> list[Finding]:
    """Put the market folder first where the desk reads one: it can do without the sources then."""
    if folder is None:
        return sources
    return [_folder(folder), *(replace(one, status=_softer(one.status)) for one in sources)]


def _softer(status: str) -> str:
    return WARNING if status == FAILED else status


def _folder(folder: Path) -> Finding:
    from analysis.sources.folder import FolderSource

    try:
        newest = FolderSource(folder).fetch().sessions[-1]
    except (SourceError, ValueError) as error:
        return refused("folder", str(error), "name another folder in UNDERTOW_DATA, or none")
    return replace(reached("folder", f"read from {folder}, no source asked"), as_of=f"{newest:%F}")


def _settings() -> list[Finding]:
    """Name what looks like a setting and is none, each in a line of its own."""
    advice = "write the name right, or take it out"
    return [
        Finding(name="settings", status=WARNING, found=sentence, advice=advice)
        for sentence in unknown_settings()
    ] or [Finding(name="settings", status=OK, found="every UNDERTOW_ name is a setting")]


def _machine(settings: Settings, clock: Clock) -> list[Finding]:
    return [_clock(settings, clock), _calendar(clock)]


def _no_archive(error: ArchiveError) -> Finding:
    return Finding(
        name="archive",
        status=FAILED,
        found=error.problem,
        advice="let the program write there, or name another folder in UNDERTOW_ARCHIVE",
    )


def _beside(settings: Settings, clock: Clock) -> list[Finding]:
    """Check ledger and channels, each in a thread of its own; name those that hang."""
    checks = delivery_checks(settings, clock)
    found: list[list[Finding] | None] = [None] * len(checks)

    def run(place: int) -> None:
        try:
            found[place] = checks[place]()
        except UNFORESEEN as error:
            # Only the kind: the words may hold what the settings do.
            words = f"the check itself failed ({type(error).__name__})"
            found[place] = [refused(DELIVERY[place], words, "this is a defect, please report it")]

    _together([partial(run, place) for place in range(len(checks))], PROBE_SECONDS)
    return [
        one
        for name, lines in zip(DELIVERY, found, strict=True)
        for one in (lines if lines is not None else [_silent(name)])
    ]


def _silent(name: str) -> Finding:
    silent = f"no answer in {PROBE_SECONDS:g} s"
    return Finding(
        name=name, status=FAILED, found=silent, reachable=False, advice="check the network"
    )


def verdict(findings: list[Finding]) -> int:
    """Return the exit status: 3 where prices cannot be had or something needed is broken."""
    return 3 if any(one.status == FAILED for one in findings) else 0


def findings_json(findings: list[Finding]) -> str:
    """Return the findings for programs."""
    return json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False)


def findings_table(findings: list[Finding]) -> str:
    """Return the findings as lines: name, status, newest day and age, what was found, advice."""
    head = f"{'':<16} {'status':<8} {'reachable':<10} {'as of':<11} {'age':>5}  found"
    lines, under = [head], " " * (head.index("found") - 1)
    for one in findings:
        age = "" if one.age_days is None else f"{one.age_days} d"
        reach = {True: "yes", False: "no", None: ""}[one.reachable]
        lines.append(
            f"{one.name:<16} {one.status:<8} {reach:<10} {one.as_of:<11} {age:>5}  {one.found}"
        )
        if one.feeds:
            lines.append(f"{under} feeds {one.feeds}")
        if one.advice:
            lines.append(f"{under} to do: {one.advice}")
    return "\n".join(lines)


def _sources(vendors: list[Vendor], archive: Archive, clock: Clock) -> list[Finding]:
    """Probe all sources at once; one that hangs does not keep the others waiting."""
    session = latest_session(clock)
    newest = archive.index.newest_by_feed(f"{session:%Y-%m-%d}")
    answers: dict[str, Finding] = {}

    def probe(vendor: Vendor) -> None:
        answers[vendor.name] = _probed(vendor)

    _together([partial(probe, vendor) for vendor in vendors], PROBE_SECONDS)
    return [
        _aged(answers.get(vendor.name) or _unheard(vendor.name), vendor, newest, session)
        for vendor in vendors
    ]


def _probed(vendor: Vendor) -> Finding:
    """Ask one source for a little, and say what came or what was wrong."""
    try:
        return reached(vendor.name, vendor.probe())
    except VendorError as error:
        return Finding(
            name=vendor.name,
            status=_bad(vendor.name),
            found=error.problem,
            reachable=error.fault not in OUT_OF_REACH,
            advice=error.advice,
        )
    except UNFORESEEN as error:
        found = f"its answer has a shape nobody foresaw ({type(error).__name__}: {error})"
        advice = "look for a newer version of Undertow"
        return Finding(
            name=vendor.name,
            status=_bad(vendor.name),
            found=found,
            reachable=True,
            advice=advice,
        )


def _bad(name: str) -> str:
    return FAILED if name == PRICES else WARNING


def _unheard(name: str) -> Finding:
    return replace(_silent(name), status=_bad(name))


def _aged(found: Finding, vendor: Vendor, newest: dict[str, str], session: pd.Timestamp) -> Finding:
    """Add how old the archive's newest facts of a source are, and what they feed."""
    days = [newest[feed.name] for feed in vendor.feeds if feed.name in newest]
    as_of = max(days, default="")
    return replace(
        found,
        as_of=as_of,
        age_days=(session - pd.Timestamp(as_of)).days if as_of else None,
        feeds="; ".join(f"{feed.name}: {feed.feeds}" for feed in vendor.feeds),
    )


def _together(jobs: list[Callable[[], None]], seconds: float) -> None:
    """Run jobs in threads of their own and wait for them, but not for ever."""
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    limit = threading.Event()
    timer = threading.Timer(seconds, limit.set)
    timer.daemon = True
    timer.start()
    for thread in threads:
        while thread.is_alive() and not limit.is_set():
            thread.join(0.05)
    timer.cancel()


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    enough = free >= LEAST_FREE_BYTES
    return Finding(
        name="disk",
        status=OK if enough else WARNING,
        found=f"{free / 1e9:,.1f} GB free where the archive is",
        advice="" if enough else "free space, or run `undertow archive prune`",
    )


def _archive(archive: Archive) -> Finding:
    damage = archive.index.damage()
    entries = archive.index.newest()
    return Finding(
        name="archive",
        status=FAILED if damage else OK,
        found="; ".join(damage) or f"{entries:,} entries in {archive.root}",
        advice="restore the archive from a copy" if damage else "",
    )


def _clock(settings: Settings, clock: Clock) -> Finding:
    """Hold the clock against the date a web server sends."""
    now = clock()
    local = f"{now.astimezone(NEW_YORK):%Y-%m-%d %H:%M} in New York"
    if settings.now is not None:
        return Finding(
            name="clock",
            status=WARNING,
            found=f"a rehearsal clock: {local}",
            advice="empty UNDERTOW_NOW for the real time",
        )
    try:
        answer = httpx.head(settings.cboe_url, timeout=3.0)
        theirs = datetime.strptime(answer.headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(
            tzinfo=UTC
        )
    except (httpx.HTTPError, KeyError, ValueError):
        return Finding(name="clock", status=OK, found=f"{local}; nothing to hold it against")
    skew = abs((theirs - now).total_seconds())
    right = skew <= MOST_SKEW_SECONDS
    return Finding(
        name="clock",
        status=OK if right else WARNING,
        found=f"{local}, {skew:.0f} s from the web's",
        advice="" if right else "set the machine's clock",
    )


def _calendar(clock: Clock) -> Finding:
    from analysis.sessions import is_half_day, next_sessions

    last = latest_session(clock)
    after = next_sessions(last, 1)[0]
    kind = "a half day" if is_half_day(after) else "a whole day"
    return Finding(
        name="calendar",
        status=OK,
        found=f"last session {last.date()}, next {after.date()}, {kind}",
    )
