"""The traps that lie in the real market folder, each met by its guard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.market import INDEX, Market
from analysis.sources.folder import FolderSource
from tests.market_folder import PRICES, SHARES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def market(market_folder: Path) -> Market:
    return FolderSource(market_folder).fetch()


def problem(market: Market, name: str) -> str:
    return next(note.problem for note in market.notes if note.name == name)


@pytest.mark.parametrize(
    ("symbol", "session", "close"),
    [
        ("^GSPC", "2025-04-09", 5456.90),
        ("^GSPC", "2024-08-05", 5186.33),
        ("^VIX", "2018-02-05", 37.32),
        ("^VIX", "2020-03-16", 82.69),
    ],
)
def test_closes_that_everybody_knows(
    market: Market, symbol: str, session: str, close: float
) -> None:
    assert market.close.loc[session, symbol] == pytest.approx(close, abs=0.005)


def test_the_vix_rows_on_holidays_are_dropped(market: Market) -> None:
    assert "34 rows on days without a session dropped" in problem(market, PRICES)
    assert not market.close.index.isin(pd.DatetimeIndex(["2022-05-30", "2022-07-04"])).any()


def test_a_return_needs_both_sessions(market: Market) -> None:
    returns = market.returns("^NDX")

    for lost in ("2026-07-21", "2026-07-22", "2026-07-31"):
        assert np.isnan(market.closes("^NDX")[lost])
        assert np.isnan(returns[lost])
    assert np.isnan(returns["2026-07-23"])
    assert np.isnan(returns["2026-08-03"])


def test_the_index_gained_less_than_the_fund_that_closes_later(market: Market) -> None:
    assert market.day_return["2025-04-09"] == pytest.approx(0.0952, abs=5e-5)
    assert market.returns("SPY")["2025-04-09"] == pytest.approx(0.105, abs=5e-4)


def test_rescaled_volume_never_counts_as_shares(market: Market) -> None:
    svxy = market.volume["SVXY"]

    assert svxy.loc["2021-12-02":].isna().all()
    assert market.relative_volume["SVXY"].loc["2022-06":"2026-02"].notna().all()


def test_volume_of_most_funds_ends_in_may_2026_and_of_spy_never(market: Market) -> None:
    assert market.volume["IWM"].last_valid_index() == pd.Timestamp("2026-05-01")
    assert market.volume["SPY"].last_valid_index() == market.sessions[-1]
    assert market.member_volume["AAPL"].last_valid_index() == pd.Timestamp("2025-07-24")


def test_an_index_has_no_usable_volume(market: Market) -> None:
    assert market.volume[INDEX].isna().all()


def test_the_unadjusted_split_of_soxs_makes_no_return(market: Market) -> None:
    assert market.returns("SOXS").loc["2026-05":].abs().max() < 0.5


def test_moves_that_were_real_are_kept(market: Market) -> None:
    assert market.returns("SVXY")["2018-02-06"] == pytest.approx(-0.83, abs=0.005)
    assert market.returns("KOSS")["2021-01-27"] == pytest.approx(4.80, abs=0.005)


def test_bbby_names_two_companies_and_is_left_out(market: Market) -> None:
    assert "BBBY" not in market.close.columns
    assert "BBBY" not in set(market.short_interest["symbol"])


def test_share_counts_in_other_units_and_dates_are_dropped(market: Market) -> None:
    assert "1,146 rows that are no share counts dropped" in problem(market, SHARES)
    assert market.fund_shares["shares"].min() >= 1e5
    assert not market.fund_shares["shares"].eq(20260630.0).any()


def test_placeholder_put_call_ratios_are_missing(market: Market) -> None:
    ratios = market.put_call[["total", "equity", "index"]]

    assert ratios.max().max() < 4.0
    assert ratios.min().min() > 0.1


def test_an_empty_count_of_movers_is_no_count(market: Market) -> None:
    assert (market.breadth["advancers"] + market.breadth["decliners"]).min() > 0


def test_shorts_are_above_zero_in_every_futures_market(market: Market) -> None:
    assert (market.cot[["lev_short", "am_short"]] >= 0.0).all(axis=None)


def test_the_one_print_of_short_interest_was_public_two_weeks_later(market: Market) -> None:
    gme = market.short_interest[market.short_interest["symbol"] == "GME"]

    assert list(gme["known"]) == [pd.Timestamp("2026-05-29")]


def test_issuer_assets_end_in_may_2025(market: Market) -> None:
    quality = market.fund_assets_quality["UPRO"]

    assert quality["2025-05-12"] == "issuer"
    assert quality["2025-05-13"] == "backcast"
