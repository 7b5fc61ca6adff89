"""Every chain of a folder, on one process or on many."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.options.chain import ChainError
from analysis.options.whole_market import COLUMNS, measure_file, processes, whole_market
from tests.analysis.options.made_up import cboe_json, contracts, quote_list


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    big = cboe_json(contracts(), symbol="SPX")
    (tmp_path / "small.json").write_bytes(quote_list(contracts()[:200]))
    (tmp_path / "big.json").write_bytes(big)
    (tmp_path / "late.json").write_bytes(quote_list(contracts()[82:], "2024-01-04T17:00:00-05:00"))
    (tmp_path / "cut.json").write_bytes(big[:-50])
    (tmp_path / "index.json").write_text('{"files": []}')
    return tmp_path


def test_the_largest_book_comes_first_and_every_failure_has_its_reason(folder: Path) -> None:
    table = whole_market(folder)

    assert tuple(table.columns) == COLUMNS
    assert table["file"].tolist()[-1] == "cut.json"
    assert "cut" in table["error"].tolist()[-1]
    assert table["file"].tolist()[:2] != ["small.json", "big.json"]
    late = table.set_index("file").loc["late.json", "error"]
    assert late == "session 2024-01-04, while most files hold 2024-01-05"


def test_progress_is_told_file_by_file(folder: Path) -> None:
    heard: list[tuple[int, int]] = []

    whole_market(folder, tick=lambda done, of: heard.append((done, of)))

    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_folder_without_chains_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChainError, match="holds no chain files"):
        whole_market(tmp_path)
    with pytest.raises(ChainError, match="is no folder"):
        whole_market(tmp_path / "nowhere")


def test_one_file_is_one_flat_row() -> None:
    row = measure_file(("SPX.json", cboe_json(contracts())))

    assert tuple(row) == COLUMNS
    assert row["error"] == ""


@pytest.mark.slow
def test_two_processes_measure_what_one_does(folder: Path) -> None:
    with processes(2) as executor:
        shared_out = whole_market(folder, executor)

    pd.testing.assert_frame_equal(shared_out, whole_market(folder), check_exact=True)


@pytest.mark.slow
def test_the_real_single_names_read_but_for_two(market_folder: Path) -> None:
    table = whole_market(market_folder / "chains" / "single_names_20260821")

    refused = table[table["error"] != ""].set_index("file")["error"]
    assert len(table) == 335
    assert sorted(refused.index) == ["CPRX.json.gz", "LLYVK.json.gz"]
    assert "no open interest" in refused["LLYVK.json.gz"]
    assert table["symbol"].tolist()[0] == "NVDA"
