"""`undertow backfill` and `undertow record` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from bot.cli import main


def test_a_backfill_of_the_demo_fills_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "history.parquet"

    assert main(["backfill", "--demo", "--from", "2100-01-01", "--out", str(out)]) == 2
    assert "lies after" in capsys.readouterr().err
    assert main(["backfill", "--demo", "--out", str(out)]) == 0
    assert set(pd.read_parquet(out)["slug"]) >= {"leveraged_etf", "real_money"}


def test_a_day_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "history.parquet")

    assert main(["backfill", "--demo", "--to", "tomorrow", "--out", out]) == 2
    assert "--to is 'tomorrow'" in capsys.readouterr().err


def test_workers_that_cannot_be_meant_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "history.parquet")

    assert main(["backfill", "--demo", "--out", out, "--workers", "many"]) == 2
    assert "expected a number of processes or dask://" in capsys.readouterr().err


def test_the_record_of_the_demo_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--demo", "--json"]) == 0

    body = json.loads(capsys.readouterr().out)
    assert body["hindsight"] is True
    assert {"key", "condition", "probability", "interval", "n"} <= set(body["base_rates"][0])
