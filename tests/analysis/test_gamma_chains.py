"""What chains say dealers had to trade: hand-worked from two contracts up."""

import numpy as np
import pandas as pd
import pytest

from analysis.gamma_chains import chain_days
from analysis.market import Market
from tests.analysis.gamma_market import chain_row, days


def market_with(*rows: dict[str, object], last_return: float = 0.01, count: int = 30) -> Market:
    """Return an index that stands still until its last session, with these chains."""
    sessions = days(count)
    index = np.full(count, 4000.0)
    index[-1] *= 1.0 + last_return
    close = pd.DataFrame({"^GSPC": index, "SPY": index / 10.0, "QQQ": 300.0}, index=sessions)
    volume = pd.DataFrame({"SPY": 5e7, "QQQ": 1e7}, index=sessions)
    return Market(sessions=sessions, close=close, volume=volume, gamma=pd.DataFrame(rows))


LAST = days(30)[-1]


def test_a_book_long_4bn_per_pct_sells_4bn_into_a_one_pct_rally() -> None:
    long = chain_row(LAST, naive=4e9, short_calls=-1e9, all_short=-6e9)

    day = chain_days(market_with(long)).iloc[-1]

    assert day["hedge_naive_usd"] == pytest.approx(-4e9)
    assert day["hedge_all_short_usd"] == pytest.approx(6e9)
    assert day["support"] == pytest.approx(1 / 3)
    assert np.isnan(day["flow_mid_usd"]), "a side that hangs on an assumption has no dollars"


def test_gamma_is_averaged_between_the_day_s_first_and_last_spot() -> None:
    turned = chain_row(LAST, naive=2e9, short_calls=-1e9, all_short=-6e9)
    turned["naive_open_usd_per_pct"] = -4e9

    day = chain_days(market_with(turned, last_return=-0.02)).iloc[-1]

    # (-4 + 2) / 2 = -1 bn per 1 %: short gamma sells 2 bn into a fall of 2 %.
    assert day["flow_mid_usd"] == pytest.approx(-2e9)
    assert day["naive_usd_per_pct"] == pytest.approx(2e9)
    assert day["support"] == 1.0


def test_the_fund_s_gamma_is_added_to_the_index_s() -> None:
    rows = (
        chain_row(LAST, naive=4e9, short_calls=-1e9, all_short=-6e9),
        chain_row(LAST, "SPY", naive=-1e9, short_calls=-1e9, all_short=-2e9),
    )

    day = chain_days(market_with(*rows)).iloc[-1]

    assert day["hedge_naive_usd"] == pytest.approx(-3e9)
    assert day["hedge_all_short_usd"] == pytest.approx(8e9)
    assert day["known_fraction"] == 1.0


def test_the_fund_s_chain_alone_does_not_speak_for_the_index() -> None:
    fund = chain_row(LAST, "SPY", naive=-1e9, short_calls=-1e9, all_short=-2e9)

    assert chain_days(market_with(fund)).isna().all(axis=None)


def test_expiring_gamma_is_weighted_by_the_size_of_both_books() -> None:
    index = chain_row(LAST, naive=4e9, short_calls=-1e9, all_short=-6e9)
    fund = chain_row(LAST, "SPY", naive=-1e9, short_calls=-1e9, all_short=-2e9)
    fund["expiring_le_1d"] = 0.6

    day = chain_days(market_with(index, fund)).iloc[-1]

    # (0.2 * 6 + 0.6 * 2) / 8
    assert day["expiring_le_1d"] == pytest.approx(0.3)


def test_gamma_ranks_among_its_own_earlier_chains_and_says_how_many() -> None:
    past = [
        chain_row(session, naive=value * 1e9, short_calls=-1e9, all_short=-9e9)
        for session, value in zip(days(30)[-7:-1], (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), strict=True)
    ]
    today = chain_row(LAST, naive=3.5e9, short_calls=-1e9, all_short=-9e9)

    ranked = chain_days(market_with(*past, today))

    assert ranked["rank"].iloc[-1] == pytest.approx(0.5)
    assert ranked["history"].iloc[-1] == 6
    assert ranked["rank"].iloc[-3:-2].isna().all()


def test_other_indices_stand_beside_their_own_fund_s_volume() -> None:
    rows = (
        chain_row(LAST, naive=4e9, short_calls=-1e9, all_short=-6e9),
        chain_row(LAST, "NDX", naive=2e8, short_calls=-1e9, all_short=-6e9),
        chain_row(LAST, "QQQ", naive=1e8, short_calls=-1e9, all_short=-6e9),
    )

    day = chain_days(market_with(*rows)).iloc[-1]

    # 0.3 bn over 300 USD * 10 m shares = 3 bn a day.
    assert day["nasdaq_gamma_share"] == pytest.approx(0.1)
    assert np.isnan(day["small_cap_gamma_share"])
    assert day["hedge_naive_usd"] == pytest.approx(-4e9)


def test_a_chain_that_came_to_light_later_was_not_known_that_evening() -> None:
    late = chain_row(days(30)[-2], naive=4e9, short_calls=-1e9, all_short=-6e9)
    late["known"] = LAST

    assert chain_days(market_with(late)).isna().all(axis=None)
