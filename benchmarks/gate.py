"""Put every variant to the skill gate and write the registry.

    python -m benchmarks.gate [MARKET_FOLDER]

Writes analysis/data/gate_registry.csv: one row a question and variant, its Brier skill over
the base rate walking forward, the lower 90 % bound, that bound after counting all variants,
and the same against the VIX-only control.
"""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.gate_variants import tries
from analysis.history import read
from analysis.sources.folder import FolderSource

REGISTRY = Path(__file__).parent.parent / "analysis" / "data" / "gate_registry.csv"


def main(arguments: list[str]) -> None:
    """Try everything, write the registry and print it."""
    folder = Path(arguments[0]) if arguments else Path("../shared/market")
    found = tries(read(FolderSource(folder).fetch()))
    found.round(4).to_csv(REGISTRY, index=False, lineterminator="\n")
    print(found.round(4).to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
