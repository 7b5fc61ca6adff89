"""What an operator wants to know before the first run, and when something is wrong."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pandas as pd

from analysis.sources.archive import Archive
from analysis.sources.faults import VendorError
from analysis.sources.gate import Gate, Manners
from analysis.sources.http import Http
from analysis.sources.vendor import Vendor
from bot.clock import Clock
from bot.live import NEW_YORK, latest_session, open_archive, open_vendors

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

OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do."""

    name: str
    status: str
    found: str
    as_of: str = ""
    age_days: int | None = None
    feeds: str = ""
    advice: str = ""


def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """Look at every source and at what a desk needs besides."""
    archive = open_archive(settings)
    http = Http(Gate(BRIEF), archive.cache / "http")
    vendors = open_vendors(settings, http, archive.cache)
    return [
        *_sources(vendors, archive, clock),
        _disk(archive.root),
        _archive(archive),
        _clock(settings, clock),
        _calendar(clock),
        *_settings(settings),
    ]


def verdict(findings: list[Finding]) -> int:
    """Return the exit status: 3 where prices cannot be had or something needed is broken."""
    return 3 if any(one.status == FAILED for one in findings) else 0


def findings_json(findings: list[Finding]) -> str:
    """Return the findings for programs."""
    return json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False)


def findings_table(findings: list[Finding]) -> str:
    """Return the findings as lines: name, status, newest day and age, what was found, advice."""
    lines = [f"{'':<16} {'status':<8} {'as of':<11} {'age':>5}  found"]
    for one in findings:
        age = "" if one.age_days is None else f"{one.age_days} d"
        lines.append(f"{one.name:<16} {one.status:<8} {one.as_of:<11} {age:>5}  {one.found}")
        if one.feeds:
            lines.append(f"{'':<44} feeds {one.feeds}")
        if one.advice:
            lines.append(f"{'':<44} to do: {one.advice}")
    return "\n".join(lines)


def _sources(vendors: list[Vendor], archive: Archive, clock: Clock) -> list[Finding]:
    """Probe all sources at once; one that hangs does not keep the others waiting."""
    session = latest_session(clock)
    newest = archive.index.newest_by_feed(f"{session:%Y-%m-%d}")
    answers: dict[str, tuple[str, str, str]] = {}

    def probe(vendor: Vendor) -> None:
        try:
            answers[vendor.name] = (OK, vendor.probe(), "")
        except VendorError as error:
            status = FAILED if vendor.name == PRICES else WARNING
            answers[vendor.name] = (status, error.problem, error.advice)

    _together([partial(probe, vendor) for vendor in vendors])
    silent = f"no answer in {PROBE_SECONDS:g} s"
    found = []
    for vendor in vendors:
        late = FAILED if vendor.name == PRICES else WARNING
        told = answers.get(vendor.name, (late, silent, "check the network"))
        found.append(_source(vendor, told, newest, session))
    return found


def _source(
    vendor: Vendor, told: tuple[str, str, str], newest: dict[str, str], session: pd.Timestamp
) -> Finding:
    status, found, advice = told
    days = [newest[feed.name] for feed in vendor.feeds if feed.name in newest]
    as_of = max(days, default="")
    return Finding(
        name=vendor.name,
        status=status,
        found=found,
        as_of=as_of,
        age_days=(session - pd.Timestamp(as_of)).days if as_of else None,
        feeds="; ".join(f"{feed.name}: {feed.feeds}" for feed in vendor.feeds),
        advice=advice,
    )


def _together(jobs: list[Callable[[], None]]) -> None:
    """Run jobs in threads of their own and wait for them, but not for ever."""
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    limit = threading.Event()
    timer = threading.Timer(PROBE_SECONDS, limit.set)
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


DELIVERY = (
    ("database", "database_url", "UNDERTOW_DATABASE_URL"),
    ("mail", "smtp_url", "UNDERTOW_SMTP_URL"),
    ("discord", "discord_token", "UNDERTOW_DISCORD_TOKEN"),
)


def _settings(settings: Settings) -> list[Finding]:
    """Say which channels are set up; a channel without its settings is off, and that is fine."""
    found = []
    for name, field, variable in DELIVERY:
        told = getattr(settings, field, None)
        text = "set" if told else f"off ({variable} is empty)"
        found.append(Finding(name=name, status=OK, found=text))
    return found
