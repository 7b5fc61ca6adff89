"""Money in and out of funds, as known each evening."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.fund_changes import newest_total, redemptions_usd
from analysis.market import Market

DAYS = pd.DatetimeIndex(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"])


def rows(*found: tuple[int, int, str, float], column: str = "flow_usd") -> pd.DataFrame:
    """Lay out (place of date, place of known, symbol, value) as a dated table."""
    return pd.DataFrame(
        {
            "date": DAYS[[date for date, _, _, _ in found]],
            "known": DAYS[[known for _, known, _, _ in found]],
            "symbol": [symbol for _, _, symbol, _ in found],
            column: [value for _, _, _, value in found],
        }
    )


def test_only_funds_that_speak_of_the_newest_date_are_added_up() -> None:
    table = rows((0, 0, "SPY", 1.0), (0, 0, "QQQ", 2.0), (1, 1, "SPY", 10.0))

    newest = newest_total(table, "flow_usd", ["QQQ", "SPY"], DAYS)

    assert newest["total"].tolist() == [3.0, 10.0, 10.0, 10.0]
    assert newest["funds"].tolist() == [2.0, 1.0, 1.0, 1.0]
    assert newest["as_of"].tolist() == list(DAYS[[0, 1, 1, 1]])


def test_before_the_first_publication_nothing_is_known() -> None:
    newest = newest_total(rows((0, 2, "SPY", 1.0)), "flow_usd", ["SPY"], DAYS)

    assert newest["total"].isna().tolist() == [True, True, False, False]
    assert newest["as_of"].isna().tolist() == [True, True, False, False]
    assert newest["funds"].tolist() == [0.0, 0.0, 1.0, 1.0]


def test_a_redemption_is_shares_times_price_times_exposure_once_both_counts_are_known() -> None:
    # 100 shares, then 80, at 5 dollars, three-fold exposure: 20 * 5 * 3 = 300.
    counts = rows((0, 0, "SPXU", 100.0), (1, 2, "SPXU", 80.0), column="shares")
    close = pd.DataFrame({"SPXU": [4.0, 5.0, 6.0, 7.0]}, index=DAYS)
    market = Market(sessions=DAYS, close=close, fund_shares=counts)

    closed = redemptions_usd(market, pd.Series({"SPXU": 3.0}))

    assert closed["redeemed_usd"].tolist() == pytest.approx([300.0])
    assert closed["known"].tolist() == [DAYS[2]]
    assert closed["date"].tolist() == [DAYS[1]]


def test_counts_two_sessions_apart_say_nothing_of_one_session() -> None:
    counts = rows((0, 0, "SH", 100.0), (2, 2, "SH", 80.0), column="shares")
    close = pd.DataFrame({"SH": 5.0}, index=DAYS)

    assert redemptions_usd(
        Market(sessions=DAYS, close=close, fund_shares=counts), pd.Series({"SH": 1.0})
    ).empty
