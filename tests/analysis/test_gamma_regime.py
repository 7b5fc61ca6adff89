"""The regime that prices and the VIX imply, without an option chain."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.gamma_regime import features, fit, regime
from analysis.market import Market
from tests.analysis.gamma_market import flat_market, published, restless_market


def planted_gamma(market: Market, noise: float = 0.3) -> Market:
    """Publish a gamma index that falls with the VIX and is at times below zero."""
    seen = features(market)
    chance = np.random.default_rng(11)
    gex = 60.0 - 20.0 * seen["log_vix"] + 30.0 * seen["week"]
    gex = gex + noise * chance.standard_normal(len(gex))
    return replace(market, dix=published(market.sessions, gex.to_numpy()))


def test_a_still_market_with_the_vix_at_20_reads_as_long_gamma_by_hand() -> None:
    still = regime(flat_market())

    # 9.4083 - 2.4895 ln 20 - 0.57481 * 20/20 = 1.37557; 1/(1 + exp(0.27095 + 2.0301 * 1.37557))
    assert still["gex"].iloc[-1] == pytest.approx(1.37557, abs=1e-4)
    assert still["negative_probability"].iloc[-1] == pytest.approx(0.04464, abs=1e-4)
    # Just above the first quintile bound of 1.3335: the second fifth moved 73.9 bp.
    assert still["next_day_move"].iloc[-1] == pytest.approx(0.0073912)
    # The mean of the five fifths: (113.3 + 73.9 + 53.8 + 40.3 + 30.8) / 5.
    assert still["any_day_move"].iloc[-1] == pytest.approx(0.0062427, abs=1e-6)


def test_the_printed_constants_stay_silent_over_the_years_they_were_fitted_on() -> None:
    market = restless_market(600, first="2018-01-01")

    read = regime(market)["gex"]

    assert read[:"2019-12-31"].isna().all()
    assert read["2020-01-01":].notna().all()


def test_a_year_of_published_rows_must_be_known_before_the_first_fit() -> None:
    market = planted_gamma(restless_market(330, first="2012-01-02"))

    fitted = regime(market)["fitted"]

    # The features are complete from the 21st session; each row is known the session after.
    assert fitted.first_valid_index() == market.sessions[20 + 252]


def test_a_published_index_that_follows_the_features_is_read_back() -> None:
    market = planted_gamma(restless_market(700), noise=0.0)

    read = regime(market)["gex"].iloc[-1]

    assert read == pytest.approx(
        60.0
        - 20.0 * float(np.log(market.closes("^VIX").iloc[-1]))
        + 30.0 * float(np.log(market.closes("^GSPC")).diff(5).iloc[-1]),
        rel=1e-6,
    )


def test_rows_of_this_year_wait_for_the_next_january() -> None:
    market = planted_gamma(restless_market(900, first="2018-01-01"))
    late = market.dix["known"] > pd.Timestamp("2020-01-02")
    other = market.dix.assign(gex=market.dix["gex"].where(~late, -9e9))

    told, otherwise = regime(market), regime(replace(market, dix=other))

    pd.testing.assert_frame_equal(told[:"2020-12-31"], otherwise[:"2020-12-31"], check_exact=True)
    assert not told["2021-01-04":]["gex"].equals(otherwise["2021-01-04":]["gex"])


def test_the_first_january_session_already_knows_the_last_row_of_december() -> None:
    market = planted_gamma(restless_market(700, first="2018-01-01"))
    last = market.dix["date"] == pd.Timestamp("2019-12-31")
    other = market.dix.assign(gex=market.dix["gex"].where(~last, 50e9))

    told, otherwise = regime(market)["gex"], regime(replace(market, dix=other))["gex"]

    assert told["2019-12-31"] == otherwise["2019-12-31"]
    assert told["2020-01-01"] != otherwise["2020-01-01"]


@settings(max_examples=12, deadline=None)
@given(cut=st.integers(min_value=30, max_value=699))
def test_an_evening_reads_the_same_whether_or_not_later_sessions_exist(cut: int) -> None:
    market = planted_gamma(restless_market(700))
    session = market.sessions[cut]

    then = regime(market.until(session)).iloc[-1]
    now = regime(market).loc[[session]].iloc[0]

    pd.testing.assert_series_equal(then, now, check_exact=True)


def test_a_missing_three_month_vix_is_carried_for_five_sessions_and_no_longer() -> None:
    market = flat_market(40)
    market.close.loc[market.sessions[30:], "^VIX3M"] = np.nan

    read = regime(market)["gex"]

    assert read.iloc[34] == read.iloc[29]
    assert np.isnan(read.iloc[35])


def test_without_the_vix_there_is_no_regime() -> None:
    market = flat_market()

    blind = replace(market, close=market.close.drop(columns="^VIX"))

    assert regime(blind)["gex"].isna().all()


def test_years_without_a_single_negative_row_still_give_a_probability() -> None:
    chance = np.random.default_rng(3)
    seen = chance.standard_normal((300, 6))
    gex = 5.0 + 0.1 * seen[:, 0]

    model = fit(seen, gex, np.full(300, 0.01), np.full(300, 1.0))

    likely = 1.0 / (1.0 + np.exp(-(model.negative[0] + model.negative[1] * 5.0)))
    assert 0.0 <= likely < 0.02


def test_what_followed_each_fifth_is_the_mean_of_its_next_moves() -> None:
    # One feature that is the published index itself, ten rows, two in each fifth.
    seen = np.zeros((10, 6))
    seen[:, 0] = np.arange(10.0)
    after = np.array([0.05, -0.03, 0.02, -0.02, 0.01, 0.01, -0.01, 0.00, 0.001, -0.003])

    model = fit(seen, np.arange(10.0), after, after)

    assert model.next_day_move == pytest.approx((0.04, 0.02, 0.01, 0.005, 0.002))
