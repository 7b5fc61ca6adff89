"""The gamma command: one chain, a folder of them, and every refusal."""

import json
from pathlib import Path

import pandas as pd
import pytest

from bot.cli import main
from bot.gamma import billions
from tests.analysis.options.made_up import cboe_json, contracts, quote_list, quotedata


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    file = tmp_path / "spx.json"
    file.write_bytes(cboe_json(contracts()))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "names"
    made.mkdir()
    (made / "AAA.json").write_bytes(quote_list(contracts()))
    (made / "BBB.json").write_bytes(quote_list(contracts()[:200]))
    (made / "CUT.json").write_bytes(quote_list(contracts())[:-9])
    return made


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["gamma", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_chain_is_one_json_object(capsys: pytest.CaptureFixture[str], chain: Path) -> None:
    status, out, _ = run(capsys, chain, "--json")

    summary = json.loads(out)
    assert status == 0
    assert summary["session"] == "2024-01-05"
    assert summary["contracts_used"] + summary["contracts_left_out"] == 328
    assert summary["hedge_usd"]["1"] < 0.0 < summary["net_gamma_usd_per_pct"]["naive"]


def test_a_chain_is_told_in_words(capsys: pytest.CaptureFixture[str], chain: Path) -> None:
    status, out, _ = run(capsys, chain)

    assert status == 0
    assert out.startswith("SPX 5,000.00, session 2024-01-05")
    assert "the sign is an assumption: dealers' positions are not public" in out
    assert "support" not in out
    assert "resistance" not in out


def test_the_session_asked_for_must_be_the_files(
    capsys: pytest.CaptureFixture[str], chain: Path
) -> None:
    status, out, err = run(capsys, chain, "--session", "2024-01-04")

    assert (status, out) == (1, "")
    assert "spx.json: the file holds the session of 2024-01-05, not of 2024-01-04" in err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--session", "2024-01-06"], "not a session"),
        (["--session", "soon"], "expected a date"),
        (["--convention", "mine"], "expected undertow or published"),
        (["--spot", "0"], "expected a price above zero"),
    ],
)
def test_an_argument_that_cannot_be_meant(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str], chain: Path
) -> None:
    status, _, err = run(capsys, chain, *arguments)

    assert status == 2
    assert reason in err


def test_a_file_or_a_folder_is_needed_and_not_both(
    capsys: pytest.CaptureFixture[str], chain: Path, folder: Path
) -> None:
    assert run(capsys)[0] == 2
    assert run(capsys, chain, "--all", folder)[0] == 2


def test_a_file_that_is_no_chain_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "odd.txt").write_text("hello")

    status, _, err = run(capsys, tmp_path / "odd.txt")

    assert status == 1
    assert err.count("\n") == 1


def test_a_table_without_a_time_needs_its_session(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bare = tmp_path / "bare.csv"
    bare.write_text(quotedata(contracts()).split("\n", 3)[3])

    assert "name its session with --session" in run(capsys, bare)[2]
    status, out, _ = run(capsys, bare, "--session", "2024-01-05", "--spot", "5000", "--json")
    assert (status, json.loads(out)["spot"]) == (0, 5000.0)


def test_a_folder_is_a_table_with_its_refusals(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    status, out, _ = run(capsys, "--all", folder)

    assert status == 0
    assert out.startswith("2 chains")
    assert "refused CUT.json" in out


def test_a_folder_goes_to_parquet_and_comes_back(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    status, out, _ = run(capsys, "--all", folder, "--out", tmp_path / "market.parquet")

    table = pd.read_parquet(tmp_path / "market.parquet")
    assert status == 0
    assert "3 chains, 1 refused" in out
    assert table["file"].tolist() == ["AAA.json", "BBB.json", "CUT.json"]
    assert run(capsys, "--all", folder, "--out", tmp_path / "market.xlsx")[0] == 2


def test_a_folder_is_one_json_array(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    rows = json.loads(run(capsys, "--all", folder, "--json")[1])

    assert [row["file"] for row in rows] == ["AAA.json", "BBB.json", "CUT.json"]
    assert rows[2]["spot"] is None


def test_an_index_and_its_fund_add_up_and_a_stranger_is_left_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = []
    for symbol in ("SPX", "SPY", "XYZ"):
        files.append(tmp_path / f"{symbol}.json")
        files[-1].write_bytes(cboe_json(contracts(symbol), symbol=symbol))

    status, out, _ = run(capsys, *files, "--json")
    whole = json.loads(out)
    alone = [json.loads(run(capsys, file, "--json")[1]) for file in files[:2]]

    assert status == 0
    assert list(whole["left_out"]) == ["XYZ"]
    assert whole["net_gamma_usd_per_pct"]["naive"] == pytest.approx(
        sum(one["net_gamma_usd_per_pct"]["naive"] for one in alone), rel=1e-8
    )


def test_a_member_counts_with_the_weight_it_is_given(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = []
    for symbol in ("SPX", "XYZ"):
        files.append(tmp_path / f"{symbol}.json")
        files[-1].write_bytes(cboe_json(contracts(symbol), symbol=symbol))
    weights = tmp_path / "weights.csv"
    weights.write_text("symbol,weight\nXYZ,0.07\n")

    status, out, _ = run(capsys, *files, "--weights", weights)

    assert status == 0
    assert "members counted: 7.0% of the index by weight" in out


def test_contracts_about_to_expire_can_be_left_out_and_are_counted(
    capsys: pytest.CaptureFixture[str], chain: Path
) -> None:
    whole = json.loads(run(capsys, chain, "--json")[1])
    later = json.loads(run(capsys, chain, "--least-days", "8", "--json")[1])

    assert later["expiring"]["le_5d"] == 0.0
    assert later["left_out"]["expires_sooner"] > 0
    assert (
        later["contracts_used"] + later["contracts_left_out"]
        == whole["contracts_used"] + whole["contracts_left_out"]
    )


def test_small_books_are_told_in_millions() -> None:
    assert billions(-2_340_000.0) == "-2.34 mn USD"
    assert billions(0.0) == "+0.00 bn USD"
    assert billions(1.5e9) == "+1.50 bn USD"
