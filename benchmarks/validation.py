"""The validation ladder as a table: test, expected, ours, passed, n, source.

    python -m benchmarks.validation [MARKET_FOLDER]

Exit status 1 when a step that could be tested failed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.ladder import LADDER
from benchmarks.ladder_bench import Bench, Step

MARKS = {True: "pass", False: "FAIL", None: "no data"}


def line(step: Step) -> str:
    """Return a step as a row of a Markdown table."""
    cells = (
        *(step.name, step.test, step.expected, step.ours),
        *(MARKS[step.passed], step.n, step.source),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(arguments: list[str]) -> int:
    """Print the table and return the exit status."""
    bench = Bench(Path(arguments[0]) if arguments else Path("../shared/market"))
    print("| | test | expected | ours | | n | source |\n|---|---|---|---|---|---|---|")
    steps = []
    for test in LADDER:
        steps.append(test(bench))
        print(line(steps[-1]), flush=True)
    return 1 if any(step.passed is False for step in steps) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
