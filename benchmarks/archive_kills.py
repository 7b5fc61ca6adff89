"""Kill a run with no warning, again and again, in the middle of fetching and keeping.

Usage: python -m benchmarks.archive_kills [how many]

A local server answers for a small evening; a process fetches into an archive and is killed
after a random while (seeded). After each kill the archive must verify; at the end one run goes
through, and no item that was kept may have been asked for twice.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from analysis.sources.archive import Archive
from analysis.sources.archive_care import verify
from tests.replay.server import Replay, serving
from tests.replay.small_day import serve_small_day

ROOT = Path(__file__).parent.parent
LATEST_SECONDS = 0.15
"""A kill comes so long after a chart was asked for: before, amid or after its being kept."""

CHARTS = "/v8/"

ITEMS = 5
"""Items that the small evening has for good: four charts and a file."""

KILLS_A_ROUND = 5
"""Runs killed on one archive before a run may go through."""

STARTED = "started"


@dataclass
class Outcome:
    """What the kills left.

    ``midway`` counts kills of a process still running, ``partly`` archives that held a part
    of the evening then; ``asked_again`` are items asked for although they were kept.
    """

    kills: int
    midway: int = 0
    partly: int = 0
    damage: list[str] = field(default_factory=list)
    asked_again: list[str] = field(default_factory=list)
    entries: int = 0
    seconds: float = 0.0


def child(root: str, url: str) -> None:
    """Fetch the small evening; the process that is to be killed."""
    import yfinance

    import analysis.sources.yahoo
    from tests.replay.small_day import SYMBOLS, small_desk

    setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)  # noqa: B010 - a stand-in
    source = small_desk(Path(root), url).source()
    print(STARTED, yfinance.__version__, flush=True)
    source.fetch()


def start(root: Path, url: str) -> subprocess.Popen[str]:
    """Start a child and wait until it is about to fetch."""
    code = f"from benchmarks.archive_kills import child; child({str(root)!r}, {url!r})"
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    if process.stdout is None or not process.stdout.readline().startswith(STARTED):
        raise RuntimeError("the child did not start; run it by hand to see why")
    return process


def kill_runs(kills: int, place: Path, seed: int = 7) -> Outcome:
    """Kill that many runs, a few on each archive, and let one go through at the end of each."""
    chance = random.Random(seed)  # noqa: S311 - moments, no secrets
    found = Outcome(kills=kills)
    begun = time.perf_counter()
    with serving(Replay()) as server:
        serve_small_day(server)
        for first in range(0, kills, KILLS_A_ROUND):
            root = place / f"round{first}"
            root.mkdir(parents=True)
            for _ in range(min(KILLS_A_ROUND, kills - first)):
                _kill_one(root, server, chance, found)
            with start(root, server.url) as whole:
                status = whole.wait()
            if status != 0:
                found.damage.append(f"round {first}: the run after the kills failed")
            archive = Archive(root / "archive")
            found.damage += verify(archive) + doubled(archive)
            found.entries += archive.index.newest()
    found.seconds = time.perf_counter() - begun
    return found


def _kill_one(root: Path, server: Replay, chance: random.Random, found: Outcome) -> None:
    """Kill one run at a random moment, then look at what it left."""
    archive = Archive(root / "archive")
    kept_before = final_items(archive)
    server.hits.clear()
    left = ITEMS - 1 - sum(item.startswith("chart/") for item in kept_before)
    wanted = chance.randint(1, left) if left else 0
    with start(root, server.url) as process:
        while server.asked(CHARTS) < wanted and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.uniform(0.0, LATEST_SECONDS))
        found.midway += process.poll() is None
        process.kill()
    found.asked_again += asked_again(server.hits, kept_before)
    found.damage += verify(archive)
    found.partly += 0 < len(final_items(archive)) < ITEMS


def final_items(archive: Archive) -> set[str]:
    """Return the charts and files that are kept for good."""
    return {row["item"] for row in archive.index.entries() if row["final"]}


def asked_again(hits: list[str], kept: set[str]) -> list[str]:
    """Return what was asked for although it was kept."""
    asked = {f"chart/{hit.rpartition('/')[2]}" for hit in hits if "/chart/" in hit}
    asked |= {"DIX.csv"} & {hit.rpartition("/")[2] for hit in hits}
    return sorted(asked & kept)


def doubled(archive: Archive) -> list[str]:
    """Return entries that say twice what was learnt once."""
    told = Counter(
        (row["session"], row["vendor"], row["item"], row["digest"])
        for row in archive.index.entries()
        if row["vendor"] != "desk"
    )
    return [f"{key} is there {count} times" for key, count in told.items() if count > 1]


def main() -> None:
    """Print what the kills left."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="undertow-kills-") as place:
        found = kill_runs(kills, Path(place))
    print(
        f"{found.kills} kills in {found.seconds:.0f} s: {found.midway} in mid-run, "
        f"{found.partly} left a part of the evening"
    )
    print(f"damage: {len(found.damage)}; asked for although kept: {len(found.asked_again)}")
    print(f"{found.entries} entries kept")
    for line in [*found.damage, *found.asked_again]:
        print(line)
    sys.exit(1 if found.damage or found.asked_again else 0)


if __name__ == "__main__":
    main()
