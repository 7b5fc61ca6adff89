"""Write the notes that the documents show: the ten real ones, and the demo's beginning.

    python -m benchmarks.notes [MARKET_FOLDER]

Without a market folder only the demo note in the README is renewed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from analysis.report import build_report
from analysis.sources.demo import DemoSource
from analysis.sources.folder import FolderSource
from templates import render, write_commentary

ROOT = Path(__file__).parent.parent
SESSIONS = (
    "2025-04-09",
    "2025-04-04",
    "2022-10-13",
    "2024-08-05",
    "2017-10-06",
    "2026-07-29",
    "2018-12-26",
    "2020-03-24",
    "2023-11-14",
    "2019-07-15",
)
BEGIN, END = "<!-- demo note -->\n", "<!-- end of demo note -->"
SECTIONS_SHOWN = 2


def demo_beginning() -> str:
    """Return the demo note's title, lead and first two sections, as quoted Markdown."""
    note = render(write_commentary(build_report(DemoSource().fetch())), "markdown")
    parts = note.split("\n## ")
    shown = "\n## ".join(parts[: 1 + SECTIONS_SHOWN]).strip()
    return "".join(f"> {line}".rstrip() + "\n" for line in [*shown.split("\n"), "", "…"])


def readme_with(note: str, readme: str) -> str:
    """Return the README with the note between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + note + END + after


def main(arguments: list[str]) -> None:
    """Renew the documents."""
    readme = ROOT / "README.md"
    readme.write_text(readme_with(demo_beginning(), readme.read_text("utf-8")), "utf-8")
    if not arguments:
        return
    source = FolderSource(Path(arguments[0]))
    for session in SESSIONS:
        report = build_report(source.fetch(pd.Timestamp(session)))
        target = ROOT / "docs" / "notes" / f"{session}.md"
        target.write_text(render(write_commentary(report), "markdown"), "utf-8")
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
