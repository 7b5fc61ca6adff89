"""Calls of short covering are held against the next published short interest."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.covering_checks import covering_checks, covering_record, short_changes
from analysis.market import Market
from tests.markets import index_market

PRINTS = [
    ("2024-01-31", "GME", 100.0),
    ("2024-01-31", "AMC", 200.0),
    ("2024-02-15", "GME", 90.0),
    ("2024-02-15", "AMC", 180.0),
    ("2024-02-29", "GME", 99.0),
    ("2024-03-28", "GME", 50.0),
]


def market_with(prints: list[tuple[str, str, float]]) -> Market:
    """Return three months of a market that knows these short positions."""
    table = pd.DataFrame(prints, columns=["date", "symbol", "shares"])
    table["date"] = pd.to_datetime(table["date"])
    table["known"] = table["date"] + pd.Timedelta(days=13)
    names = pd.DataFrame({"symbol": ["GME", "AMC"], "since": pd.Timestamp("2020-01-01")})
    names["until"] = pd.Timestamp("2099-01-01")
    market = index_market([100.0] * 90)
    return replace(market, short_interest=table, most_shorted=names)


def scores(**by_day: float) -> pd.Series:
    """Return scores of the named days, as d2024_02_06 = .8."""
    days = [pd.Timestamp(day[1:].replace("_", "-")) for day in by_day]
    return pd.Series(list(by_day.values()), pd.DatetimeIndex(days))


def test_the_change_is_that_of_names_in_both_counts() -> None:
    changes = short_changes(market_with(PRINTS))

    # 300 to 270 shares; then 90 to 99 of the one name still reported; March's lies too far on.
    assert changes.to_dict() == {
        pd.Timestamp("2024-02-15"): pytest.approx(-0.1),
        pd.Timestamp("2024-02-29"): pytest.approx(0.1),
    }


def test_a_call_is_checked_at_the_first_count_that_holds_its_trades() -> None:
    checks = covering_checks(market_with(PRINTS), scores(d2024_02_06=0.8, d2024_02_14=0.5))

    # Trades of 14 February settled on the 16th, after the count of the 15th.
    assert checks["settlement"].dt.strftime("%m-%d").tolist() == ["02-15", "02-29"]
    assert checks["fell"].tolist() == [1.0, 0.0]


def test_a_weak_score_is_no_call() -> None:
    assert covering_checks(market_with(PRINTS), scores(d2024_02_06=0.3)).empty


def test_a_call_waits_while_the_count_is_not_public() -> None:
    record = covering_record(market_with(PRINTS[:2]), scores(d2024_02_06=0.8))

    assert (record.calls, record.checked, record.fell_rate) == (1, 0, None)


def test_a_window_counts_once_however_many_calls_it_holds() -> None:
    called = scores(d2024_02_05=0.8, d2024_02_06=0.8, d2024_02_16=0.9)
    record = covering_record(market_with(PRINTS), called)

    assert (record.calls, record.checked, record.windows) == (3, 3, 2)
    assert record.fell_rate == 0.5
    assert (record.base_rate, record.base_windows) == (0.5, 2)
