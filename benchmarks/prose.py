"""Read every note of fifteen years back: gates, variety, reading grade, length.

    python -m benchmarks.prose MARKET_FOLDER [--from D] [--to D]

Writes the note of every session in plain words and prints what breaks a gate, how many
different sentences there are, how long a sentence rests before it returns, how hard the
notes are to read and how long they are. Figures are masked before sentences are compared,
so that a sentence is not new because its figure is.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import pandas as pd

from analysis.market import Market
from analysis.report import FlowReport, SourceStatus, reports
from analysis.sources.folder import FolderSource
from templates import write_commentary
from templates.commentary import Commentary
from templates.note import Note, compose
from tests.templates.gates import Resting, grade_of, violations, words_of

BEGIN = pd.Timestamp("2011-05-02")


def sources_at(market: Market, session: pd.Timestamp) -> tuple[SourceStatus, ...]:
    """Return how the sources could have stood: none newer than the session."""
    return tuple(
        SourceStatus(
            name=note.name,
            as_of=min(note.as_of, session).date(),
            age_days=max(0, (session - note.as_of).days),
            status="fresh"
            if session - note.as_of <= pd.Timedelta(note.stale_days, "D")
            else "stale",
            note=note.problem,
        )
        for note in market.notes
        if note.as_of is not None
    )


def notes(market: Market, rows: pd.DatetimeIndex) -> Iterator[tuple[Commentary, Note]]:
    """Yield the commentary and the note of each session."""
    for report in reports(market, rows):
        told = with_sources(report, market)
        commentary = write_commentary(told)
        yield commentary, compose(commentary)


def with_sources(report: FlowReport, market: Market) -> FlowReport:
    """Return the report with the sources as they could have stood."""
    return replace(report, sources=sources_at(market, pd.Timestamp(report.session)))


def tell(found: Iterable[tuple[Commentary, Note]], shown: int) -> int:
    """Print the report of the gates and return how many were broken."""
    broken: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    grades: list[float] = []
    lengths: dict[str, list[int]] = defaultdict(list)
    shapes: Counter[str] = Counter()
    sections, whole = Resting(sections=True), Resting(sections=False)
    opening = ""
    for commentary, note in found:
        for kind, detail in violations(commentary, note, opening):
            broken[kind] += 1
            examples[kind].append(f"{commentary.session}: {detail}")
        opening = note.lead[0].sentences[0].text[:25]
        shapes[commentary.shape.value] += 1
        lengths[commentary.shape.value].append(words_of(note))
        grades.append(grade_of(note))
        sections.hear(note)
        whole.hear(note)
    print(f"notes: {sum(shapes.values())}, {dict(shapes)}")
    print(f"gates broken: {sum(broken.values())} {dict(broken)}")
    for kind, lines in examples.items():
        print("\n".join(f"  {kind}: {line}" for line in lines[:shown]))
    for shape, counts in lengths.items():
        ranked = sorted(counts)
        low, high = ranked[len(ranked) // 20], ranked[-1 - len(ranked) // 20]
        print(
            f"words, {shape}: median {median(ranked):.0f}, 5-95% {low}-{high}, "
            f"extremes {ranked[0]}-{ranked[-1]}"
        )
    print(f"reading grade: median {median(grades):.1f}, most {max(grades):.1f}")
    for name, resting in (("driver sections", sections), ("whole note", whole)):
        print(f"{name}: {resting.told()}")
    return sum(broken.values())


def main(arguments: list[str]) -> int:
    """Run over a market folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="first", type=pd.Timestamp, default=BEGIN)
    parser.add_argument("--to", dest="last", type=pd.Timestamp, default=None)
    parser.add_argument("--shown", type=int, default=3)
    asked = parser.parse_args(arguments)
    market = FolderSource(asked.folder).fetch(asked.last)
    inside = (market.sessions >= asked.first) & market.day_return.notna().to_numpy()
    return min(1, tell(notes(market, market.sessions[inside]), asked.shown))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
