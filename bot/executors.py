"""Where heavy work is done: here, on this machine's processes, or on a dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from analysis.options.whole_market import Executor, Result, Task, in_order, processes
from bot.errors import BadArgumentError

if TYPE_CHECKING:
    from distributed import Client

DASK = "dask://"
CONNECT_SECONDS = 10


class DaskWorkers:
    """Share jobs out among the workers of a dask scheduler."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def map(self, function: Callable[[Task], Result], jobs: Iterable[Task], /) -> Iterator[Result]:
        """Return results in the order of the jobs."""
        futures = self._client.map(function, list(jobs), pure=False)
        return (future.result() for future in futures)


def open_executor(workers: str | None, batch: int = 8) -> AbstractContextManager[Executor]:
    """Open the workers a command was given, for use in a `with` block.

    Parameters
    ----------
    workers
        None or ``1``: this process. A number: so many processes of this machine.
        ``dask://host:port``: a dask scheduler, with the `scale` extra installed here and the
        same version of Undertow on its workers.
    batch
        Jobs that travel to a process together; 1 where a job is long.

    Raises
    ------
    BadArgumentError
        When it is none of these.
    """
    if workers is None or workers == "1":
        return in_order()
    if workers.isdecimal() and int(workers) > 1:
        return processes(int(workers), batch)
    if workers.startswith(DASK):
        return dask_workers(workers.removeprefix(DASK))
    raise BadArgumentError(
        f"--workers is {workers!r}; expected a number of processes or {DASK}host:port"
    )


@contextmanager
def dask_workers(address: str) -> Iterator[Executor]:
    """Connect to a scheduler at host:port and let go of it afterwards."""
    try:
        from distributed import Client
    except ImportError as error:
        raise BadArgumentError(
            "dask workers need the scale extra: pip install 'undertow[scale]'"
        ) from error
    try:
        client = Client(f"tcp://{address}", timeout=CONNECT_SECONDS, set_as_default=False)
    except OSError as error:
        raise BadArgumentError(f"no dask scheduler answers at {address}: {error}") from error
    with client:
        yield DaskWorkers(client)
