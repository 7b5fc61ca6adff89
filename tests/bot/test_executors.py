"""Workers of every kind give the same table."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.options.whole_market import whole_market
from bot.errors import BadArgumentError
from bot.executors import open_executor
from tests.analysis.options.made_up import cboe_json, contracts, quote_list


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n in range(6):
        (tmp_path / f"{n}.json").write_bytes(quote_list(contracts()[: 140 + 10 * n]))
    (tmp_path / "all.json").write_bytes(cboe_json(contracts()))
    return tmp_path


@pytest.mark.parametrize("workers", [None, "1"])
def test_one_worker_is_this_process(workers: str | None, folder: Path) -> None:
    with open_executor(workers) as executor:
        assert len(whole_market(folder, executor)) == 7


@pytest.mark.parametrize("workers", ["0", "many", "tcp://somewhere:1", "-2"])
def test_what_is_no_worker_is_refused(workers: str) -> None:
    with pytest.raises(BadArgumentError, match=r"expected a number of processes or dask://"):
        open_executor(workers)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_dask_cluster_of_two_workers_measures_what_one_process_does(folder: Path) -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        with open_executor(f"dask://{address}") as executor:
            shared_out = whole_market(folder, executor)

    pd.testing.assert_frame_equal(shared_out, whole_market(folder), check_exact=True)
