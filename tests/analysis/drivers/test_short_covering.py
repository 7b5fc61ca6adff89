"""Short covering, by hand and on made markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.drivers.short_covering import (
    PROXY_LIMIT,
    beta_adjusted,
    covered_usd,
    measure,
    short_covering,
)
from analysis.market import Market
from analysis.scoring import coverage_of
from tests.analysis.drivers.small_markets import (
    assert_looks_back_only,
    closes_from,
    market_of,
    noise,
    sessions,
    with_last_return,
    with_value,
    without,
)

NAMES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
COUNT = 400


def squeezed(extra: float = 0.0, index_return: float | None = None) -> Market:
    """Return a market of six shorted names with a beta of 1.5 to small companies.

    ``extra`` is what they add to that on the last day.
    """
    broad = noise(COUNT, 0.01)
    if index_return is not None:
        broad[-1] = index_return
    small = 1.2 * broad + noise(COUNT, 0.004, seed=1)
    paths = {"^GSPC": broad, "SPY": broad, "IWM": small}
    paths["MTUM"] = broad + noise(COUNT, 0.003, seed=2)
    for place, name in enumerate(NAMES):
        path = 1.5 * small + noise(COUNT, 0.02, seed=10 + place)
        path[-1] = 1.5 * small[-1] + extra
        paths[name] = path
    listed = pd.DataFrame({"symbol": NAMES, "since": pd.NaT, "until": pd.NaT})
    return replace(market_of(closes_from(paths)), most_shorted=listed)


def with_short_interest(market: Market, shares: float, lag: int = 0) -> Market:
    """Publish ``shares`` short of each name as of the first session, ``lag`` before the last."""
    rows = pd.DataFrame(
        {
            "date": market.sessions[0],
            "known": market.sessions[-1 - lag],
            "symbol": NAMES,
            "shares": shares,
        }
    )
    return replace(market, short_interest=rows)


def test_the_excess_is_what_the_basket_adds_to_its_beta() -> None:
    # Sixty past days on which the basket moves exactly twice as far as small companies,
    # then 10 % against 3 %: 10 - 2 * 3 = 4 %.
    factor = pd.Series([*np.tile([0.01, -0.01], 30), 0.03], index=sessions(61))
    basket = pd.Series([*np.tile([0.02, -0.02], 30), 0.10], index=sessions(61))

    row = beta_adjusted(basket, factor).iloc[-1]

    assert row["beta"] == pytest.approx(2.0)
    assert row["excess"] == pytest.approx(0.04)


def test_the_day_itself_does_not_bend_its_own_beta() -> None:
    factor = pd.Series([*np.tile([0.01, -0.01], 30), 0.03], index=sessions(61))
    basket = pd.Series([*np.tile([0.02, -0.02], 30), 9.99], index=sessions(61))

    assert beta_adjusted(basket, factor)["beta"].iloc[-1] == pytest.approx(2.0)


@settings(max_examples=30, deadline=None)
@given(basket_last=st.floats(-0.5, 0.5), small_last=st.floats(-0.2, 0.2))
def test_the_excess_turns_over_with_the_days_returns(basket_last: float, small_last: float) -> None:
    basket = pd.Series([*noise(150, 0.03), basket_last], index=sessions(151))
    small = pd.Series([*noise(150, 0.01, seed=1), small_last], index=sessions(151))
    turned_basket, turned_small = basket.copy(), small.copy()
    turned_basket.iloc[-1], turned_small.iloc[-1] = -basket_last, -small_last

    up = beta_adjusted(basket, small).iloc[-1]
    down = beta_adjusted(turned_basket, turned_small).iloc[-1]

    assert down["excess"] == -up["excess"]
    assert down["z"] == -up["z"]


def test_a_market_turned_over_from_its_first_day_turns_the_reading_over() -> None:
    basket = pd.Series(noise(200, 0.03), index=sessions(200))
    small = pd.Series(noise(200, 0.01, seed=1), index=sessions(200))

    turned = beta_adjusted(-basket, -small)["z"]

    pd.testing.assert_series_equal(turned, -beta_adjusted(basket, small)["z"])


def test_shorts_squeezed_while_the_index_falls_are_buying() -> None:
    row = measure(squeezed(extra=0.10, index_return=-0.026)).iloc[-1]

    assert row["z"] > 3.0
    assert row["basket_excess_return"] > 0.05


def test_shorted_names_pressed_while_the_index_rises_are_selling() -> None:
    assert measure(squeezed(extra=-0.10, index_return=0.02))["z"].iloc[-1] < -3.0


def test_a_rally_in_which_the_basket_keeps_to_its_beta_says_little() -> None:
    assert abs(measure(squeezed(extra=0.0, index_return=0.04))["z"].iloc[-1]) < 1.0


def test_favourites_that_lag_confirm_a_squeeze_and_favourites_that_lead_speak_against() -> None:
    market = squeezed(extra=0.03)
    spy = market.returns("SPY").iloc[-1]

    lagging = measure(with_last_return(market, "MTUM", spy - 0.02)).iloc[-1]
    leading = measure(with_last_return(market, "MTUM", spy + 0.02)).iloc[-1]

    assert lagging["z"] == pytest.approx(leading["z"] * 1.2 / 0.8)
    assert lagging["z"] > leading["z"] > 0.0


def test_more_shorts_to_cover_make_the_same_squeeze_count_for_more() -> None:
    market = squeezed(extra=0.05)
    before = float(market.closes("^GSPC").iloc[-2])

    after_a_fall = measure(with_value(market, "^GSPC", -2, 0.85 * before)).iloc[-1]

    assert after_a_fall["drawdown_return"] < -0.10
    assert after_a_fall["z"] > measure(market)["z"].iloc[-1]


def test_overwhelming_evidence_covers_one_to_ten_per_cent_of_the_shorts() -> None:
    position, z = pd.Series([1000.0]), pd.Series([50.0])

    flow = covered_usd(z, position).iloc[0]

    assert flow["flow_low_usd"] == pytest.approx(10.0)
    assert flow["flow_mid_usd"] == pytest.approx(31.62, abs=0.01)
    assert flow["flow_high_usd"] == pytest.approx(100.0)


def test_the_dollars_fade_with_the_evidence() -> None:
    # tanh(1 / 2) = 0.46212, so 0.46212 of 1 %, 3.162 % and 10 % of a thousand.
    position = pd.Series([1000.0, 1000.0, 1000.0])

    flow = covered_usd(pd.Series([0.0, 1.0, 2.0]), position)

    assert flow["flow_mid_usd"].iloc[0] == 0.0
    assert flow["flow_high_usd"].iloc[1] == pytest.approx(46.212, abs=0.001)
    assert flow["flow_mid_usd"].is_monotonic_increasing


def test_pressed_shorts_are_a_sale_with_its_range_in_order() -> None:
    flow = covered_usd(pd.Series([-50.0]), pd.Series([1000.0])).iloc[0]

    assert flow["flow_low_usd"] == pytest.approx(-100.0)
    assert flow["flow_high_usd"] == pytest.approx(-10.0)


def test_the_short_position_is_shares_times_price() -> None:
    market = with_short_interest(squeezed(extra=0.1), shares=10.0)
    worth = 10.0 * market.close[list(NAMES)].iloc[-1].sum()

    row = measure(market).iloc[-1]

    assert row["short_interest_usd"] == pytest.approx(worth)
    assert row["short_interest_date"] == market.sessions[0]
    assert row["flow_mid_usd"] > 0.0


def test_there_are_no_dollars_before_short_interest_is_published() -> None:
    market = with_short_interest(squeezed(extra=0.1), shares=10.0)

    sheet = measure(market)

    assert sheet["flow_mid_usd"].iloc[:-1].isna().all()
    assert np.isfinite(sheet["flow_mid_usd"].iloc[-1])
    assert np.isfinite(sheet["z"].iloc[-2])


def test_without_the_basket_small_companies_stand_in_and_the_score_stops_at_six_tenths() -> None:
    market = with_last_return(squeezed(), "IWM", 0.25)

    sheet = measure(without(market, *NAMES))

    assert sheet["z"].iloc[-1] == pytest.approx(PROXY_LIMIT)
    assert np.tanh(PROXY_LIMIT / 2.0) == pytest.approx(0.6)
    assert sheet["series"].iloc[-1] == "small_companies"
    assert "stand in" in sheet["caveat"].iloc[-1]
    assert 0.5 <= coverage_of(short_covering, sheet).iloc[-1] < 0.6


def test_without_small_companies_nothing_is_read() -> None:
    sheet = measure(without(squeezed(extra=0.1), "IWM"))

    assert sheet["z"].isna().all()
    assert (sheet["has_small_companies"] == 0.0).all()


def test_four_names_are_no_basket() -> None:
    sheet = measure(without(squeezed(extra=0.1), "AAA", "BBB"))

    assert sheet["basket_return"].isna().all()
    assert sheet["basket_names"].iloc[-1] == 4.0


def test_a_name_counts_only_while_it_is_on_the_list() -> None:
    market = squeezed()
    listed = market.most_shorted.copy()
    listed.loc[0, "until"] = market.sessions[200]

    names = measure(replace(market, most_shorted=listed))["basket_names"]

    assert names.iloc[200] == 6.0
    assert names.iloc[201] == 5.0


def test_the_caveat_names_the_day_before_which_nobody_can_confirm() -> None:
    # A purchase of 2019-01-02 settles two sessions later, shows in the report as of
    # 15 January, and that is out seven business days on: 16, 17, 18, 22 to 25 January
    # (the 21st is a holiday).
    caveat = measure(squeezed())["caveat"].iloc[0]

    assert "cannot be confirmed before 25 January 2019" in caveat
    assert "as of 15 January" in caveat


def test_the_reading_of_a_day_never_changes_afterwards() -> None:
    market = with_short_interest(squeezed(extra=0.1), shares=10.0, lag=50)

    assert_looks_back_only(measure, market, [0, 1, 45, 130, COUNT - 52, COUNT - 51, COUNT - 2])


def test_a_symbol_nobody_has_a_price_for_changes_no_bit_of_the_basket() -> None:
    market = squeezed(extra=0.1)
    listed = pd.DataFrame({"symbol": ["ABSENT"], "since": pd.NaT, "until": pd.NaT})
    longer = pd.concat([market.most_shorted, listed], ignore_index=True)

    with_absent = measure(replace(market, most_shorted=longer))

    pd.testing.assert_series_equal(
        with_absent["basket_return"], measure(market)["basket_return"], check_exact=True
    )
    assert with_absent["has_basket"].iloc[-1] == pytest.approx(6 / 7)


def test_the_next_figure_is_said_to_cover_two_weeks_and_to_hint_only() -> None:
    caveat = str(measure(squeezed()).caveat.iloc[-1])

    assert "covers two weeks and can only hint" in caveat


def test_the_multiple_is_told_with_its_range_of_the_year() -> None:
    sheet = measure(squeezed())
    year = sheet.basket_beta.iloc[-252:]

    assert sheet.basket_beta_low.iloc[-1] == year.min()
    assert sheet.basket_beta_high.iloc[-1] == year.max()
    # made with 1.5 times the small companies: the range holds it
    assert sheet.basket_beta_low.iloc[-1] < 1.5 < sheet.basket_beta_high.iloc[-1]
