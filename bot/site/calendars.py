"""The archive: years, months and days, each day coloured by the driver that led its note."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.site.entries import Entry
from bot.site.frame import Head, Site
from bot.site.planned import Planned, Texts, key_of, page_file
from templates.site import page
from templates.site.frame import driver_title, driver_titles, verdict_words

CODES = {
    "leveraged_etf": "LE",
    "dealer_gamma": "DG",
    "short_covering": "SC",
    "hedge_unwinding": "HU",
    "vol_control": "VC",
    "trend_following": "TF",
    "real_money": "RM",
}
"""Two letters a driver, for those who cannot tell the colours apart."""

QUIET = "\N{EN DASH}"
FRIDAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """An entry of the legend; ``slug`` is None for evenings without a leading driver."""

    slug: str | None
    code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A day of a calendar sheet; ``day`` is 0 outside the month."""

    day: int
    entry: Entry | None = None

    @property
    def code(self) -> str:
        """The leading driver and its side in three characters."""
        if self.entry is None:
            return ""
        leader = self.entry.facts.leader
        return QUIET if leader is None else f"{_triangle(self.entry)}{CODES.get(leader, '?')}"

    @property
    def label(self) -> str:
        """What the cell says to those who do not see it."""
        if self.entry is None:
            return ""
        facts = self.entry.facts
        led = f"{driver_title(facts.leader)} led" if facts.leader else "no driver led"
        day = f"{self.day} {self.entry.session:%B %Y}"
        return f"{day}: {led}; {verdict_words(facts.label, facts.side).lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month with its notes, oldest first."""

    year: int
    number: int
    entries: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return calendar.month_name[self.number]

    @property
    def path(self) -> str:
        """Where its page stands."""
        return f"archive/{self.year}/{self.number:02d}/"

    @property
    def weeks(self) -> list[list[Cell]]:
        """Its sheet: Monday to Friday, week by week."""
        known = {entry.session.day: entry for entry in self.entries}
        sheet = calendar.Calendar().monthdayscalendar(self.year, self.number)
        weeks = [[Cell(day=day, entry=known.get(day)) for day in week[:5]] for week in sheet]
        return [week for week in weeks if any(cell.day for cell in week)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year with its months, oldest first."""

    year: int
    months: tuple[Month, ...]

    @property
    def path(self) -> str:
        """Where its page stands."""
        return f"archive/{self.year}/"

    @property
    def count(self) -> int:
        """How many notes it has."""
        return sum(len(month.entries) for month in self.months)


def years_of(entries: Sequence[Entry]) -> list[Year]:
    """Sort notes into years, newest first, and months."""
    found = []
    for year, rows in groupby(entries, key=lambda entry: entry.session.year):
        months = groupby(list(rows), key=lambda entry: entry.session.month)
        sheets = (Month(year=year, number=at, entries=tuple(some)) for at, some in months)
        found.append(Year(year=year, months=tuple(sheets)))
    return found[::-1]


def leaders() -> list[Leader]:
    """Return the legend."""
    named = [
        Leader(slug=slug, code=CODES.get(slug, "?"), title=title)
        for slug, title in driver_titles().items()
    ]
    return [*named, Leader(slug=None, code=QUIET, title="no driver stood out")]


def archive_files(site: Site, entries: Sequence[Entry]) -> Iterator[Planned]:
    """Plan the archive: all years, each year, each month."""
    years = years_of(entries)
    yield _planned(site, "archive/", "archive.html", entries, _archive_head(entries), years=years)
    for year in years:
        mine = [entry for month in year.months for entry in month.entries]
        yield _planned(site, year.path, "year.html", mine, _head(year.path, mine, ""), year=year)
        for month in year.months:
            head = _head(month.path, month.entries, f"{month.name} ")
            notes = month.entries[::-1]
            yield _planned(
                site, month.path, "month.html", notes, head, year=year, month=month, notes=notes
            )


def _planned(
    site: Site, path: str, name: str, entries: Sequence[Entry], head: Head, **known: object
) -> Planned:
    def make(_texts: Texts) -> bytes:
        return page(name, site=site, at=path, head=head, leaders=leaders(), **known).encode()

    shown = [(one.key, one.facts.title) for one in entries]
    return Planned(path=page_file(path), key=key_of(site.key, path, shown), make=make)


def _archive_head(entries: Sequence[Entry]) -> Head:
    words = f"All {len(entries)} sessions by month, coloured by the driver that led each evening."
    return Head(title="Archive", description=words, path="archive/", simulated=_simulated(entries))


def _head(path: str, entries: Sequence[Entry], month: str) -> Head:
    title = f"{month}{entries[0].session.year}"
    words = f"Who had to trade in {title}: {len(entries)} notes after US sessions."
    return Head(title=title, description=words, path=path, simulated=_simulated(entries))


def _simulated(entries: Sequence[Entry]) -> bool:
    return any(entry.facts.demo for entry in entries)


def _triangle(entry: Entry) -> str:
    line = entry.facts.driver(entry.facts.leader or "")
    if line is None or line.score == 0.0:
        return ""
    return "▲" if line.score > 0.0 else "▼"
