"""Dealer gamma of every chain in a folder: one row a file, on one process or on many.

The work is a list of independent files, so it goes through an executor: anything with
the `map` of `concurrent.futures`. File contents travel, not paths, so that workers on
other machines need no shared disk.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from analysis.options.chain import ChainError, read_chain
from analysis.options.summary import summarise

if TYPE_CHECKING:
    import pandas as pd

FILES = ("*.json", "*.json.gz", "*.csv", "*.csv.gz")
NOT_CHAINS = frozenset({"index.json.gz", "index.json", "underlying.csv"})
"""Files that lie beside chains and are none."""

Job = tuple[str, bytes]
Row = dict[str, object]

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Whatever maps a function over jobs, here or elsewhere, and keeps their order."""

    def map(self, function: Callable[[Task], Result], jobs: Iterable[Task], /) -> Iterator[Result]:
        """Return the function's results in the order of the jobs."""


class InOrder:
    """Do one job after the other in this process."""

    def map(self, function: Callable[[Task], Result], jobs: Iterable[Task], /) -> Iterator[Result]:
        """Return results as they are asked for."""
        return map(function, jobs)


class Processes:
    """Share jobs out among processes of this machine."""

    def __init__(self, pool: ProcessPoolExecutor, batch: int = 8) -> None:
        self._pool = pool
        self._batch = batch

    def map(self, function: Callable[[Task], Result], jobs: Iterable[Task], /) -> Iterator[Result]:
        """Return results in order, jobs going out in batches."""
        return self._pool.map(function, jobs, chunksize=self._batch)


@contextmanager
def processes(workers: int, batch: int = 8) -> Iterator[Executor]:
    """Open so many worker processes and close them afterwards; jobs go out in batches."""
    # Fresh interpreters: forking a process that has threads can leave a lock held for ever.
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield Processes(pool, batch)


@contextmanager
def in_order() -> Iterator[Executor]:
    """Open no worker at all."""
    yield InOrder()


OpenExecutor = Callable[[], AbstractContextManager[Executor]]


def measure_file(job: Job) -> Row:
    """Return one chain file's gamma as a flat row; `error` says why where there is none.

    Gamma in USD per 1 %, vanna in USD per vol point, charm in USD per day; flows above zero buy.
    """
    name, content = job
    try:
        summary = summarise(read_chain(content))
    except ChainError as error:
        return {"file": name, "error": str(error).removeprefix("chain: ")}
    strikes = summary.large_gamma_strikes
    return {
        "file": name,
        "symbol": summary.symbol,
        "session": summary.session,
        "spot": summary.spot,
        "contracts_used": summary.contracts_used,
        "contracts_left_out": summary.contracts_left_out,
        "oi_covered": summary.oi_covered,
        **{f"{key}_usd_per_pct": usd for key, usd in summary.net_gamma_usd_per_pct.items()},
        "flip_low": summary.flip.low,
        "flip_mid": summary.flip.mid,
        "flip_high": summary.flip.high,
        "call_strike": next(iter(strikes["calls"]), None),
        "put_strike": next(iter(strikes["puts"]), None),
        "expiring_le_1d": summary.expiring["le_1d"],
        "expiring_le_5d": summary.expiring["le_5d"],
        "vanna_usd_per_vol_point": summary.vanna_usd_per_vol_point,
        "charm_usd_per_day": summary.charm_usd_per_day,
        "hedge_1pct_usd": summary.hedge_usd["1"],
        "error": "",
    }


def chain_files(folder: Path) -> list[Path]:
    """List the chain files of a folder by name.

    Raises
    ------
    ChainError
        When it is no folder, or holds none.
    """
    if not folder.is_dir():
        raise ChainError(f"{folder} is no folder; give one with chain files in it")
    found = {file for pattern in FILES for file in folder.glob(pattern)}
    files = sorted(file for file in found if file.name not in NOT_CHAINS)
    if not files:
        raise ChainError(f"{folder} holds no chain files ({', '.join(FILES)})")
    return files


def whole_market(
    folder: Path,
    executor: Executor | None = None,
    *,
    tick: Callable[[int, int], None] = lambda done, of: None,
) -> "pd.DataFrame":
    """Measure every chain of a folder.

    Parameters
    ----------
    folder
        One file a chain, any known format.
    executor
        Where the work is done; None does it here, one after the other.
    tick
        Hears how many files are done, of how many.

    Returns
    -------
    DataFrame
        One row a file, largest unsigned gamma first, columns as in `measure_file`. A file that
        cannot be used has its reason in `error`, and so has one of another session than most.

    Raises
    ------
    ChainError
        When the folder holds no chains.
    """
    import pandas as pd

    files = chain_files(folder)
    jobs = ((file.name, file.read_bytes()) for file in files)
    rows = []
    for done, row in enumerate((executor or InOrder()).map(measure_file, jobs), start=1):
        rows.append(row)
        tick(done, len(files))
    table = pd.DataFrame(_of_one_session(rows), columns=list(COLUMNS))
    size = table["all_short_usd_per_pct"].astype(float).abs()
    return table.iloc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _of_one_session(rows: list[Row]) -> list[Row]:
    """Mark rows of another session than the commonest: their figures belong to another day."""
    sessions = Counter(str(row["session"]) for row in rows if not row["error"])
    if not sessions:
        return rows
    common = sessions.most_common(1)[0][0]
    return [
        row | {"error": f"session {row['session']}, while most files hold {common}"}
        if not row["error"] and row["session"] != common
        else row
        for row in rows
    ]


COLUMNS = (
    "file",
    "symbol",
    "session",
    "spot",
    "contracts_used",
    "contracts_left_out",
    "oi_covered",
    "naive_usd_per_pct",
    "short_calls_usd_per_pct",
    "all_short_usd_per_pct",
    "flip_low",
    "flip_mid",
    "flip_high",
    "call_strike",
    "put_strike",
    "expiring_le_1d",
    "expiring_le_5d",
    "vanna_usd_per_vol_point",
    "charm_usd_per_day",
    "hedge_1pct_usd",
    "error",
)
