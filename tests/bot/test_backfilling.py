"""A backfill that was stopped goes on where it was, and trusts nothing that has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import backfill as work
from analysis.market import Market
from bot.backfilling import fill
from bot.errors import BadArgumentError, DeskError


class StoppedError(Exception):
    """The run was stopped from outside."""


@pytest.fixture(scope="module")
def market(simulated_market: Market) -> Market:
    """Return the demo market's first eighteen months."""
    return simulated_market.until(simulated_market.sessions[380])


def bounds(market: Market) -> tuple[str, str]:
    """Return the first and last day as they are typed."""
    first, last = market.sessions[[260, -1]]
    return f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def test_the_file_holds_the_sessions_that_were_asked_for(market: Market, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "history.parquet"
    said = fill(market, *bounds(market), out)

    asked = market.sessions[260:]
    expected = work.backfill(market, asked[0], asked[-1])
    pd.testing.assert_frame_equal(pd.read_parquet(out), expected, check_exact=True)
    assert said.startswith(f"{len(asked)} sessions in ")
    assert [path.name for path in out.parent.iterdir()] == ["history.parquet"]


def test_a_stopped_run_goes_on_where_it_was(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, years = tmp_path / "history.parquet", work.backfill_years

    def stopped_after_a_year(
        market: Market, rows: pd.DatetimeIndex, *, tick: Callable[[int, int], None]
    ) -> Iterator[pd.DataFrame]:
        yield next(years(market, rows, tick=tick))
        raise StoppedError

    monkeypatch.setattr(work, "backfill_years", stopped_after_a_year)
    with pytest.raises(StoppedError):
        fill(market, *bounds(market), out)
    monkeypatch.setattr(work, "backfill_years", years)
    assert not out.exists()
    said = fill(market, *bounds(market), out)

    asked = market.sessions[260:]
    pd.testing.assert_frame_equal(
        pd.read_parquet(out), work.backfill(market, asked[0], asked[-1]), check_exact=True
    )
    first_year = int((asked.year == asked[0].year).sum())
    assert said.endswith(f"{first_year} of them kept")
    assert not list(tmp_path.glob("*.partial"))


def test_a_later_run_works_out_new_sessions_only(market: Market, tmp_path: Path) -> None:
    out = tmp_path / "history.parquet"
    fill(market.until(market.sessions[-6]), bounds(market)[0], "latest", out)

    assert fill(market, bounds(market)[0], "latest", out) == (
        f"121 sessions in {out}, 116 of them kept"
    )


def test_a_file_made_from_other_data_is_worked_out_again(market: Market, tmp_path: Path) -> None:
    out = tmp_path / "history.parquet"
    fill(market, *bounds(market), out)
    changed = replace(market, close=market.close.assign(SPY=market.close["SPY"] * 1.001))

    assert fill(changed, *bounds(market), out).endswith(" 0 of them kept")


def test_a_file_that_is_no_backfill_is_left_alone(market: Market, tmp_path: Path) -> None:
    out = tmp_path / "history.parquet"
    out.write_text("notes of mine")

    with pytest.raises(DeskError, match="no backfill"):
        fill(market, *bounds(market), out)
    assert out.read_text() == "notes of mine"


def test_sessions_beside_those_asked_for_are_kept(market: Market, tmp_path: Path) -> None:
    out, days = tmp_path / "history.parquet", [f"{day:%Y-%m-%d}" for day in market.sessions[-10:]]
    fill(market, days[0], days[4], out)
    fill(market, days[5], days[9], out)

    assert pd.read_parquet(out)["session"].nunique() == 10


def test_sessions_of_other_data_are_not_thrown_away(market: Market, tmp_path: Path) -> None:
    out, days = tmp_path / "history.parquet", [f"{day:%Y-%m-%d}" for day in market.sessions[-10:]]
    fill(market, days[0], days[9], out)
    changed = replace(market, close=market.close.assign(SPY=market.close["SPY"] * 1.001))

    with pytest.raises(DeskError, match="5 more sessions"):
        fill(changed, days[5], days[9], out)


@pytest.mark.parametrize(
    ("first", "last"), [("2025-13-01", "latest"), ("soon", "latest"), ("2090-01-01", "2090-02-01")]
)
def test_days_that_cannot_be_meant_are_refused(
    market: Market, tmp_path: Path, first: str, last: str
) -> None:
    with pytest.raises(BadArgumentError):
        fill(market, first, last, tmp_path / "history.parquet")


def test_a_place_that_cannot_be_written_is_refused_in_a_sentence(
    market: Market, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DeskError, match="choose another --out"):
        fill(market, *bounds(market), tmp_path / "file" / "history.parquet")


def test_no_bar_is_drawn_where_nobody_watches(
    market: Market, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(market, *bounds(market), tmp_path / "history.parquet")

    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_two_processes_fill_the_same_file(market: Market, tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone.parquet", tmp_path / "shared.parquet"
    fill(market, *bounds(market), alone)
    fill(market, *bounds(market), shared, workers="2")

    pd.testing.assert_frame_equal(pd.read_parquet(shared), pd.read_parquet(alone), check_exact=True)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_dask_cluster_of_two_workers_fills_the_same_file(market: Market, tmp_path: Path) -> None:
    from distributed import LocalCluster

    alone, shared = tmp_path / "alone.parquet", tmp_path / "shared.parquet"
    fill(market, *bounds(market), alone)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        fill(market, *bounds(market), shared, workers=f"dask://{address}")

    pd.testing.assert_frame_equal(pd.read_parquet(shared), pd.read_parquet(alone), check_exact=True)
