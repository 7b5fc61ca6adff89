"""A page a driver: what it is, how it is measured, and what it has said."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.site.documents import driver_text, first_paragraph
from bot.site.entries import DriverLine, Entry
from bot.site.frame import Head, Site
from bot.site.planned import Planned, Texts, key_of, page_file
from templates.levels import methods
from templates.site import page

BARS, ROWS = 252, 30
"""Sessions drawn (a year) and listed."""

STEP, HALF = 4.0, 58.0
"""Width of a session and height of a full score in the drawing."""

COLUMNS = (
    "session",
    "measured",
    "score",
    "surprise",
    "flow_low_usd",
    "flow_mid_usd",
    "flow_high_usd",
    "share_of_adv",
    "confidence",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A driver's line in a note."""

    entry: Entry
    line: DriverLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A driver's scores as the paths of a drawing."""

    count: int
    width: float
    buying: str
    selling: str
    first: date
    last: date
    words: str


def driver_files(site: Site, entries: Sequence[Entry]) -> Iterator[Planned]:
    """Plan the drivers' pages and their histories."""
    from analysis.drivers import all_drivers

    shown = key_of(site.key, [(entry.key, entry.path) for entry in entries])
    titles = [(driver.slug, driver.title) for driver in all_drivers()]
    yield _overview(site, entries, shown)
    for slug, _ in titles:
        history = history_of(slug, entries)
        yield _page(site, slug, history, [one for one in titles if one[0] != slug], shown)
        yield _table(slug, history, shown)


def history_of(slug: str, entries: Sequence[Entry]) -> list[Row]:
    """Return a driver's lines, oldest first."""
    found = ((entry, entry.facts.driver(slug)) for entry in entries)
    return [Row(entry=entry, line=line) for entry, line in found if line is not None]


def _overview(site: Site, entries: Sequence[Entry], shown: str) -> Planned:
    from analysis.drivers import all_drivers

    def make(_texts: Texts) -> bytes:
        newest = entries[-1].facts if entries else None
        drivers = [
            {
                "slug": one.slug,
                "title": one.title,
                "kind": one.kind.value,
                "grade": one.grade.value,
                "line": newest.driver(one.slug) if newest else None,
                "who": first_paragraph(one.slug),
            }
            for one in all_drivers()
        ]
        words = "Seven kinds of trading, what each must or may do, and how it is measured."
        head = Head(
            title="The drivers", description=words, path="drivers/", simulated=_demo(entries)
        )
        return page("drivers.html", site=site, at="drivers/", head=head, drivers=drivers).encode()

    return Planned(path=page_file("drivers/"), key=key_of(shown, "drivers"), make=make)


def _page(
    site: Site, slug: str, history: list[Row], others: list[tuple[str, str]], shown: str
) -> Planned:
    from analysis.drivers import all_drivers

    driver = next(one for one in all_drivers() if one.slug == slug)
    folder = f"drivers/{slug}/"

    def make(_texts: Texts) -> bytes:
        words = first_paragraph(slug) or driver.title
        simulated = _demo([row.entry for row in history])
        head = Head(title=driver.title, description=words, path=folder, simulated=simulated)
        return page(
            "driver.html",
            site=site,
            at=folder,
            head=head,
            driver={
                "slug": slug,
                "title": driver.title,
                "kind": driver.kind.value,
                "grade": driver.grade.value,
                "caveat": driver.caveat,
            },
            method=methods().get(slug),
            newest=history[-1] if history else None,
            rows=history[-ROWS:][::-1],
            bars=bars_of(history[-BARS:]),
            prose=driver_text(site, slug),
            others=others,
        ).encode()

    return Planned(path=page_file(folder), key=key_of(shown, slug), make=make)


def bars_of(history: Sequence[Row]) -> Bars | None:
    """Draw scores as upright strokes, buying up and selling down; None without any."""
    if not history:
        return None
    strokes: dict[bool, list[str]] = {True: [], False: []}
    for at, row in enumerate(history):
        if row.line.measured and row.line.score:
            place, height = STEP * (at + 0.5), HALF * row.line.score
            strokes[row.line.score > 0.0].append(f"M{place:g} 60v{-height:.1f}")
    first, last = history[0].entry.session, history[-1].entry.session
    bought, sold = len(strokes[True]), len(strokes[False])
    words = (
        f"Scores of {len(history)} sessions to {last.isoformat()}: "
        f"buying on {bought}, selling on {sold}."
    )
    return Bars(
        count=len(history),
        width=STEP * len(history),
        buying="".join(strokes[True]) or "M0 60",
        selling="".join(strokes[False]) or "M0 60",
        first=first,
        last=last,
        words=words,
    )


def _table(slug: str, history: list[Row], shown: str) -> Planned:
    def make(_texts: Texts) -> bytes:
        return history_csv(history).encode()

    return Planned(path=f"drivers/{slug}/history.csv", key=key_of(shown, slug, "csv"), make=make)


def history_csv(history: Sequence[Row]) -> str:
    """Return a driver's whole history as a table; an empty cell is not known."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for row in history:
        line = row.line
        rows.writerow(
            [
                row.entry.session.isoformat(),
                str(line.measured).lower(),
                line.score,
                line.surprise,
                line.low_usd,
                line.mid_usd,
                line.high_usd,
                line.share_of_adv,
                line.confidence,
            ]
        )
    return out.getvalue()


def _demo(entries: Sequence[Entry]) -> bool:
    return any(entry.facts.demo for entry in entries)
