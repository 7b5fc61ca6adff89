"""Time a note of an evening that is already kept: fetch (nothing), report, note.

Usage: UNDERTOW_MARKET=market python -m benchmarks.warm_evening

The evening is 2026-07-29, answered by a local server out of a folder of real data, as in
tests/analysis/sources/test_real_evening.py. Wall and processor time of the second and third
note are printed, imports included in none.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from bot.desk import open_desk
from bot.settings import Settings
from tests.replay.real_day import EVENING, MEMBERS, addresses, read_real_day, serve_real_day
from tests.replay.server import Replay, serving


def main() -> None:
    """Fetch once, then time what is left to do."""
    folder = Path(os.environ["UNDERTOW_MARKET"])
    with tempfile.TemporaryDirectory() as place, serving(Replay()) as server:
        serve_real_day(server, read_real_day(folder))
        members = Path(place) / "members.csv"
        members.write_text("\n".join(["symbol", *MEMBERS]), "utf-8")
        os.environ.update(addresses(server.url))
        os.environ["UNDERTOW_NOW"] = EVENING
        os.environ["UNDERTOW_MEMBERS"] = str(members)
        os.environ["UNDERTOW_ARCHIVE"] = f"{place}/archive"
        for name in ("cold", "warm", "warm"):
            hits = len(server.hits)
            wall, processor = time.perf_counter(), time.process_time()
            open_desk(Settings(), data=None, demo=False).note("latest", "text")
            print(
                f"{name}: {time.perf_counter() - wall:.2f} s, processor "
                f"{time.process_time() - processor:.2f} s, {len(server.hits) - hits} requests"
            )


if __name__ == "__main__":
    main()
