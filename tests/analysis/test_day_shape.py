"""How a session ran and who led it, on prices worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.day_shape import DayShape, day_shape
from analysis.market import INDEX, Market
from tests.markets import index_market


def with_path(closes: list[float], first: float, high: float, low: float) -> Market:
    """Return a market whose last session opened, rose and sank to these prices."""
    market = index_market(closes)
    last = market.sessions[-1:]

    def panel(price: float) -> pd.DataFrame:
        return pd.DataFrame({INDEX: [price]}, index=last)

    return replace(market, open=panel(first), high=panel(high), low=panel(low))


def last_shape(market: Market) -> DayShape:
    return day_shape(market, market.sessions[-1])


def test_the_path_is_told_beside_the_prior_close() -> None:
    shape = last_shape(with_path([100.0, 97.0], first=96.0, high=98.0, low=95.0))

    assert shape.open_return == pytest.approx(-0.04)
    assert shape.high_return == pytest.approx(-0.02)
    assert shape.low_return == pytest.approx(-0.05)


def test_a_low_above_the_close_is_believed_by_nobody() -> None:
    shape = last_shape(with_path([100.0, 97.0], first=98.0, high=99.0, low=97.5))

    assert (shape.open_return, shape.high_return, shape.low_return) == (None, None, None)


def test_without_prices_of_the_day_there_is_no_path() -> None:
    assert last_shape(index_market([100.0, 97.0])).low_return is None


def with_fund(market: Market, closes: list[float], first: float, high: float, low: float) -> Market:
    """Add the index's largest fund, whose shares trade at a tenth of the index."""

    def joined(panel: pd.DataFrame, prices: list[float]) -> pd.DataFrame:
        days = market.sessions[-len(prices) :]
        return panel.reindex(days).join(pd.DataFrame({"SPY": prices}, index=days))

    return replace(
        market,
        close=joined(market.close, closes),
        open=joined(market.open, [first]),
        high=joined(market.high, [high]),
        low=joined(market.low, [low]),
    )


def test_a_fund_tells_the_path_where_the_index_has_closes_alone_beside_its_own_prior_close() -> (
    None
):
    # the fund at 10.0: first 9.8, at best 10.3, at worst 9.7
    shape = last_shape(with_fund(index_market([100.0, 102.0]), [10.0, 10.2], 9.8, 10.3, 9.7))

    assert shape.open_return == pytest.approx(-0.02)
    assert shape.high_return == pytest.approx(0.03)
    assert shape.low_return == pytest.approx(-0.03)


def test_an_index_that_opened_where_it_had_closed_while_its_fund_fell_is_not_believed() -> None:
    # 8 August 2011: the index's first price was 0.1 % under its prior close, the fund's 2.6 %
    stale = with_path([100.0, 93.4], first=99.9, high=99.9, low=93.3)
    shape = last_shape(with_fund(stale, [10.0, 9.34], 9.74, 9.9, 9.33))

    assert shape.open_return == pytest.approx(-0.026)
    assert shape.low_return == pytest.approx(-0.067)


def test_a_fund_that_left_its_dividend_does_not_correct_the_index() -> None:
    sound = with_path([100.0, 101.0], first=100.2, high=101.2, low=100.0)
    shape = last_shape(with_fund(sound, [10.0, 10.06], 9.98, 10.08, 9.96))

    assert shape.open_return == pytest.approx(0.002)


def test_two_days_are_one_return() -> None:
    # 100 to 90: a tenth lost, whatever lay between
    assert last_shape(index_market([100.0, 95.0, 90.0])).two_day_return == pytest.approx(-0.10)


def test_the_month_before_is_told_up_to_the_prior_close_and_not_to_the_day_itself() -> None:
    # twenty closes from 100 up to 119 but for the last of them, 110; then a crash to 50
    shape = last_shape(index_market([*map(float, range(100, 119)), 110.0, 50.0]))

    assert shape.prior_from_high == pytest.approx(110.0 / 118.0 - 1.0)
    assert shape.prior_from_low == pytest.approx(0.10)


def test_half_a_month_of_closes_is_no_month() -> None:
    assert last_shape(index_market([100.0] * 10)).prior_from_high is None


def test_sectors_without_both_closes_are_left_out() -> None:
    market = index_market([100.0, 101.0])
    sectors = pd.DataFrame(
        {"XLE": [50.0, 51.0], "XLK": [200.0, 190.0], "XLU": [float("nan"), 70.0]},
        index=market.sessions,
    )

    shape = last_shape(replace(market, close=market.close.join(sectors)))

    assert shape.sectors == pytest.approx({"XLE": 0.02, "XLK": -0.05})
