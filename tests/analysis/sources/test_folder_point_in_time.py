"""What a folder says of a session does not depend on the rows that came later."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.market import DATED, PANELS, Market
from analysis.sources.folder import FolderSource
from tests.market_folder import (
    DIX,
    PRICES,
    PUT_CALL,
    add_rows,
    cut_folder,
    price_row,
    small_sessions,
    write_small_folder,
)

LISTS = ("leveraged_funds", "leveraged_sensitivity", "most_shorted")
REPORTABLE = small_sessions()[1:]


def assert_same_market(one: Market, other: Market) -> None:
    """Assert that two markets agree in every bit and every note."""
    assert one.sessions.equals(other.sessions)
    assert one.notes == other.notes
    for part in (*PANELS, *DATED, *LISTS):
        pd.testing.assert_frame_equal(
            getattr(one, part), getattr(other, part), check_exact=True, obj=part
        )


def assert_same_panels(one: Market, other: Market) -> None:
    """Assert that two markets agree but for columns of symbols that only start later."""
    for part in (*PANELS, *DATED):
        left, right = (
            getattr(market, part).dropna(axis="columns", how="all") for market in (one, other)
        )
        if not (left.empty and right.empty):
            pd.testing.assert_frame_equal(left, right, check_exact=True, obj=part)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small folder with a blemish every few weeks."""
    path = write_small_folder(tmp_path_factory.mktemp("market"))
    add_rows(
        path, PRICES, price_row("^VIX", "2025-04-18", 30.0), price_row("NEW", "2025-05-20", 9.0)
    )
    add_rows(path, DIX, {"date": "2025-04-18", "price": 1.0, "dix": 0.5, "gex": 1.0})
    add_rows(path, PUT_CALL, {"date": "2025-05-26", "pcr_total": 0.8})
    return path


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.integers(0, len(REPORTABLE) - 1))
def test_a_folder_cut_off_at_a_session_tells_the_same_of_it(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, place: int
) -> None:
    session = REPORTABLE[place]
    cut = cut_folder(folder, tmp_path_factory.mktemp("cut"), session)
    whole = FolderSource(folder).fetch(session)

    assert_same_market(FolderSource(cut).fetch(session), whole)
    assert_same_market(FolderSource(cut).fetch(), whole)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.integers(0, len(REPORTABLE) - 1))
def test_the_whole_market_cut_at_a_session_is_the_market_of_that_session(
    folder: Path, place: int
) -> None:
    session = REPORTABLE[place]

    assert_same_panels(
        FolderSource(folder).fetch().until(session), FolderSource(folder).fetch(session)
    )


def test_nothing_is_known_before_its_own_day(folder: Path) -> None:
    market = FolderSource(folder).fetch()

    for name in DATED:
        table = getattr(market, name)
        if not table.empty:
            assert (table["known"] > table["date"]).all(), name


@pytest.mark.slow
@pytest.mark.parametrize(
    "date", ["2007-03-05", "2011-06-01", "2019-01-04", "2025-04-09", "2026-07-29"]
)
def test_a_real_folder_cut_off_at_a_session_tells_the_same_of_it(
    market_folder: Path, tmp_path: Path, date: str
) -> None:
    session = pd.Timestamp(date)
    whole = FolderSource(market_folder).fetch(session)
    cut = FolderSource(cut_folder(market_folder, tmp_path, session)).fetch(session)

    assert_same_market(cut, whole)
    assert_same_panels(FolderSource(market_folder).fetch().until(session), whole)
