"""Ten well-known days: what contemporaries blamed, beside what the desk ranks first.

    python -m benchmarks.labelled_days [MARKET_FOLDER]

The labels say who was blamed at the time, not what was true; the desk's thresholds are not
chosen by them.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.report import FlowReport, build_report
from analysis.sources.folder import FolderSource

SURE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled day and the desk's reading of it."""

    session: str
    blamed: tuple[str, ...]
    sureness: float
    control: bool
    report: FlowReport

    @property
    def top_two(self) -> tuple[str, ...]:
        """The two drivers with the largest scores, unsigned."""
        ranked = sorted(self.report.readings, key=lambda reading: -abs(reading.score))
        return tuple(reading.slug for reading in ranked[:2])

    @property
    def hit(self) -> bool:
        """Whether one of the two was blamed."""
        return bool(set(self.top_two) & set(self.blamed))


def rows(folder: Path) -> list[Row]:
    """Read every labelled day of the market folder."""
    market = FolderSource(folder).fetch()
    with (folder / "published" / "labelled_days.csv").open(encoding="utf-8") as file:
        return [
            Row(
                session=line["session"],
                blamed=tuple(line["slugs"].split("|")),
                sureness=float(line["sureness"]),
                control="control" in line["sign_note"],
                report=build_report(market, pd.Timestamp(line["session"])),
            )
            for line in csv.DictReader(file)
        ]


def main(arguments: list[str]) -> None:
    """Print the table and its two summary lines."""
    found = rows(Path(arguments[0]) if arguments else Path("../shared/market"))
    print(f"{'session':<11} {'verdict':<11} {'side':<8} hit  top two (score, surprise) | blamed")
    for row in found:
        readings = [row.report.reading(slug) for slug in row.top_two]
        top = ", ".join(f"{r.slug} {r.score:+.2f} {_signed(r.surprise)}" for r in readings)
        verdict = row.report.verdict
        mark = "ctrl" if row.control else ("yes " if row.hit else "no  ")
        print(
            f"{row.session} {verdict.label:<11} {verdict.side:<8} {mark} {top} | "
            f"{', '.join(row.blamed)} (sure {row.sureness:.2f})"
        )
    counted = [row for row in found if row.sureness >= SURE and not row.control]
    hits = sum(row.hit for row in counted)
    print(f"top two contain a blamed driver on {hits} of {len(counted)} days (asked: 70 %)")
    for row in found:
        if row.control:
            print(f"control {row.session}: {row.report.verdict.label}")


def _signed(value: float | None) -> str:
    return "(-)" if value is None else f"({value:+.2f})"


if __name__ == "__main__":
    main(sys.argv[1:])
