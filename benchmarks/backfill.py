"""Time and memory of the backfill, beside a plain loop that works out each day alone.

    python -m benchmarks.backfill [MARKET_FOLDER] [DAYS]

The loop is what fifteen years would cost without vectorised measures: for every session the
market is cut at that evening and all drivers are measured anew. It is timed on DAYS sessions
spread over the years (default 12) and scaled up; the figures of both are compared. Budget:
15 seconds and 1.5 GiB for loading and backfilling 2011-05-02 to the end on two cores.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.backfill import backfill
from analysis.base_rates import BEGIN
from analysis.sources.folder import FolderSource

BUDGET_SECONDS, BUDGET_GIB = 15.0, 1.5


def main(arguments: list[str]) -> int:
    """Print both times and return 1 where the budget is not met."""
    folder = Path(arguments[0]) if arguments else Path("../shared/market")
    days = int(arguments[1]) if len(arguments) > 1 else 12
    began, worked = time.perf_counter(), time.process_time()
    market = FolderSource(folder).fetch()
    loaded = time.perf_counter() - began
    whole = backfill(market, BEGIN, market.sessions[-1])
    took, busy = time.perf_counter() - began, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    sessions = pd.DatetimeIndex(whole["session"].unique())
    print(
        f"backfill   {len(sessions)} sessions in {took:.1f} s ({loaded:.1f} s of it loading; "
        f"processor {busy:.1f} s), {memory:.2f} GiB"
    )
    chosen = sessions[np.linspace(0, len(sessions) - 1, days).astype(int)]
    began = time.perf_counter()
    alone = pd.concat([backfill(market.until(day), day, day) for day in chosen])
    each = (time.perf_counter() - began) / days
    print(f"day by day {each:.2f} s a session, or {each * len(sessions) / 60:.0f} minutes for all")
    rows = whole[whole["session"].isin(chosen)].reset_index(drop=True)
    same = alone.reset_index(drop=True).equals(rows)
    print(f"figures of the {days} sessions {'identical' if same else 'DIFFER'}")
    return 0 if same and took <= BUDGET_SECONDS and memory <= BUDGET_GIB else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
