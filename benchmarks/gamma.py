"""How fast and how exact the gamma engine is, beside others, in one run.

    python -m benchmarks.gamma [MARKET_FOLDER]

Prints: an index profile (25,000 contracts by 200 prices), a whole market (1.5 million
contracts of 5,000 names, at spot and by 60 prices), memory, other engines, and with a
market folder a real day from file to answer in a fresh process and the rank correlation
with the published index.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.options.chain import read_chain
from analysis.options.exposure import net_gamma_usd
from analysis.options.kernel import bell_sums
from benchmarks.gamma_books import SPOT, Book, Floats, bells, index_book, market_book
from benchmarks.gamma_engines import folded, scalar_engines, textbook

RANGE = (0.8, 1.2)
SAMPLE = 2_000
"""Contracts priced one at a time; their time is scaled up and marked so."""

ANSWER = """
import sys
from analysis.options.chain import read_chain
from analysis.options.summary import summarise
summary = summarise(read_chain(sys.argv[1]))
print(summary.net_gamma_usd_per_pct["naive"], summary.flip.mid)
"""


class Spent(NamedTuple):
    """Time of one call [ms]: the median of some rounds, and the best of them."""

    median: float
    best: float


def timed(work: Callable[[], Floats], rounds: int = 7) -> tuple[Spent, Floats]:
    """Return how long some rounds took and the last result."""
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        spent.append(1e3 * (time.perf_counter() - start))
    return Spent(statistics.median(spent), min(spent)), result


def peak_mib(work: Callable[[], object]) -> float:
    """Return the most memory one call had in use beyond what was there before [MiB]."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def line(name: str, spent: Spent, evaluations: float, note: str = "", scale: float = 1.0) -> None:
    """Print one row of a table: median and best time, and nanoseconds a gamma at best."""
    median, best = scale * spent.median, scale * spent.best
    print(
        f"{name:<34}{median:>11,.1f}{best:>11,.1f} ms{1e6 * best / evaluations:>11,.2f} ns  {note}"
    )


def times(slow: Spent, fast: Spent) -> str:
    """Say how many times faster, by the median and by the best round."""
    return f"{slow.median / fast.median:.1f} x (best {slow.best / fast.best:.1f} x)"


def index_profile() -> None:
    """Compare profiles of one index chain."""
    book, n, levels = index_book(), 25_000, 200
    logs = np.linspace(np.log(RANGE[0] * SPOT), np.log(RANGE[1] * SPOT), levels)
    prices = np.exp(logs)
    shaped = bells(book)
    print(f"\n{n:,} contracts x {levels} prices (one expiry 15 minutes away)")
    plain, truth = timed(lambda: textbook(book, prices), 3)
    scale = np.abs(truth).max()
    line("textbook NumPy", plain, n * levels, f"{peak_mib(lambda: textbook(book, prices)):.0f} MiB")
    for name, work in (
        ("folded NumPy", lambda: folded(shaped, logs) * prices),
        ("this engine", lambda: bell_sums(shaped, logs) * prices),
    ):
        spent, found = timed(work, 15)
        error = np.abs(found - truth).max() / scale
        note = f"{peak_mib(work):.1f} MiB, error {error:.1e} of the maximum"
        line(name, spent, n * levels, f"{note}, {times(plain, spent)} textbook")
    line("  folding, once a chain", timed(lambda: bells(book).weight)[0], n)
    others(book, n, levels)


def others(book: Book, n: int, levels: int) -> None:
    """Price a sample one contract at a time with each engine that is installed."""
    rows = list(zip(book.strike[:SAMPLE], book.years[:SAMPLE], book.iv[:SAMPLE], strict=True))
    contracts = [(float(strike), float(years), float(iv)) for strike, years, iv in rows]
    for name, engine in scalar_engines().items():
        spent, _ = timed(partial(_one_by_one, engine, contracts), 3)
        note = f"scaled up from {SAMPLE:,} gammas"
        line(name, spent, n * levels, note, scale=n * levels / SAMPLE)


def _one_by_one(
    engine: Callable[[float, float, float], float], contracts: list[tuple[float, float, float]]
) -> Floats:
    return np.array([engine(*one) for one in contracts])


def whole_market() -> None:
    """Compare profiles of every name of a market."""
    book, starts = market_book()
    shaped, n = bells(book, relative=True), len(book.strike)
    print(f"\n{n:,} contracts of {len(starts):,} names")
    at_spot = np.zeros(1)
    spent, _ = timed(lambda: bells(book, relative=True).weight, 3)
    line("folding, once a market", spent, n)
    spent, _ = timed(lambda: folded(shaped, at_spot, starts), 5)
    line("at spot, this engine (folded)", spent, n)
    logs = np.linspace(np.log(RANGE[0]), np.log(RANGE[1]), 60)
    plain, truth = timed(lambda: folded(shaped, logs, starts), 3)
    line("x 60 prices, folded NumPy", plain, 60 * n)
    spent, found = timed(lambda: bell_sums(shaped, logs, starts), 5)
    error = np.abs(found - truth).max() / np.abs(truth).max()
    memory = peak_mib(lambda: bell_sums(shaped, logs, starts))
    note = f"{memory:.0f} MiB, error {error:.1e}, {times(plain, spent)} folded"
    line("x 60 prices, this engine", spent, 60 * n, note)


def file_to_answer(market: Path) -> None:
    """Time a fresh process from a real file to its summary."""
    file = sorted((market / "chains" / "cboe" / "SPX").glob("*.csv.gz"))[-1]
    contracts = len(read_chain(file))
    command = [sys.executable, "-c", ANSWER, str(file)]
    spent, _ = timed(lambda: _run(command), 5)
    bare, _ = timed(lambda: _run([sys.executable, "-c", "import numpy, pyarrow.csv"]), 5)
    print(
        f"\nSPX day, {contracts:,} living contracts, fresh process: file to profile, flip, strikes"
    )
    for name, one in (("file to answer", spent), ("  of it start and imports", bare)):
        print(f"{name:<34}{one.median:>11,.1f}{one.best:>11,.1f} ms")


def _run(command: list[str]) -> Floats:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own interpreter
    return np.empty(0)


def against_published(market: Path) -> None:
    """Print the rank correlation with the published index over the shared sessions."""
    published = _published(market / "positioning" / "squeezemetrics_dix_gex.csv")
    pairs: dict[str, tuple[float, float]] = {}
    for file in sorted((market / "chains" / "cboe" / "SPX").glob("*.csv.gz")):
        chain = read_chain(file)
        session = chain.session.isoformat()
        if session in published and session not in pairs:
            later = chain.select(chain.dte > 1)
            pairs[session] = (net_gamma_usd(later)["naive"], published[session])
    ours, theirs = (np.array(column) for column in zip(*pairs.values(), strict=True))
    rho = spearman(ours, theirs)
    low, high = interval(rho, len(ours))
    print("\nNaive gamma without contracts of one day or less, against SqueezeMetrics' index")
    print(f"Spearman {rho:.2f}, 95 % interval {low:.2f} to {high:.2f}, n = {len(ours)} sessions")


def _published(file: Path) -> dict[str, float]:
    rows = [row.split(",") for row in file.read_text("utf-8").split()[1:]]
    return {row[0]: float(row[3]) for row in rows}


def spearman(a: Floats, b: Floats) -> float:
    """Return the rank correlation of two samples without ties."""
    return float(np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1])


def interval(rho: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a rank correlation (Bonett and Wright 2000)."""
    width = 1.96 * np.sqrt((1.0 + rho**2 / 2.0) / (n - 3))
    return float(np.tanh(np.arctanh(rho) - width)), float(np.tanh(np.arctanh(rho) + width))


def main(arguments: list[str]) -> None:
    """Print every table that can be made."""
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}")
    print(f"{'':<34}{'median':>11}{'best':>11}   {'best, per gamma':>13}")
    index_profile()
    whole_market()
    for market in map(Path, arguments):
        file_to_answer(market)
        against_published(market)


if __name__ == "__main__":
    main(sys.argv[1:])
