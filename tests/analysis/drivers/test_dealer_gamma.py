"""Dealer gamma, from chains where there are any and from the regime where not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.drivers.dealer_gamma import AGREED, DISPUTED, GUESSED, OPPOSED, dealer_gamma, measure
from analysis.market import Market
from analysis.scoring import score_history
from tests.analysis.gamma_market import chain_row, days, flat_market, published, restless_market

LONG = {"naive": 6e9, "short_calls": -3e9, "all_short": -9e9}
SHORT = {"naive": -6e9, "short_calls": -3e9, "all_short": -9e9}


def restless_with_gamma() -> Market:
    """Return a market whose published gamma falls with the VIX."""
    market = restless_market(700)
    gex = 60.0 - 20.0 * np.log(market.closes("^VIX").to_numpy())
    return replace(market, dix=published(market.sessions, gex))


def ending_with(market: Market, last_return: float) -> Market:
    """Return the market with another last day, everything before it unchanged."""
    close = market.close.copy()
    close.loc[market.sessions[-1], "^GSPC"] = close["^GSPC"].iloc[-2] * (1.0 + last_return)
    return replace(market, close=close)


def day_with_chain(gamma: dict[str, float], last_return: float = 0.01) -> pd.Series:
    """Measure a day on which SPY trades 20 bn and the index moves after standing still."""
    sessions = days(80)
    index = 4000.0 * np.exp(np.cumsum(np.tile([0.005, -0.005], 40)))
    close = pd.DataFrame({"^GSPC": index, "SPY": 400.0}, index=sessions)
    members = pd.DataFrame({"AAA": 100.0}, index=sessions)
    market = Market(
        sessions=sessions,
        close=close,
        member_close=members,
        member_volume=members * 2e7,
        gamma=pd.DataFrame([chain_row(sessions[-1], "SPX", **gamma)]),
    )
    return measure(ending_with(market, last_return)).iloc[-1]


def test_dealers_short_of_gamma_buy_into_a_rally() -> None:
    day = day_with_chain(SHORT)

    assert day["flow_low_usd"] == pytest.approx(3e9)
    assert day["flow_mid_usd"] == pytest.approx(6e9)
    assert day["flow_high_usd"] == pytest.approx(6e9)
    assert day["hedge_all_short_usd"] == pytest.approx(9e9)
    # 100 USD * 2 bn shares a day: 6 bn is 3 % of 200 bn, and 5 % is one standard unit.
    assert day["share_of_adv"] == pytest.approx(0.03)
    assert day["z"] == pytest.approx(0.6)


def test_where_conventions_disagree_there_are_no_dollars_and_the_claim_shrinks_to_a_third() -> None:
    day = day_with_chain(LONG)

    assert day[["flow_low_usd", "flow_mid_usd", "flow_high_usd", "share_of_adv"]].isna().all()
    assert day["hedge_naive_usd"] == pytest.approx(-6e9)
    assert day["hedge_all_short_usd"] == pytest.approx(9e9)
    assert day["z"] == pytest.approx(-0.2)
    assert day["conventions_agree"] == 0.0
    assert day["gamma_sign"] == 0.0
    assert np.isnan(day["push"])
    assert day["caveat"] == DISPUTED


def test_a_disputed_side_is_never_more_than_mild_however_large_the_flow() -> None:
    day = day_with_chain({"naive": 90e9, "short_calls": -30e9, "all_short": -300e9}, 0.03)

    assert day["hedge_naive_usd"] == pytest.approx(-270e9)
    assert day["hedge_all_short_usd"] == pytest.approx(900e9)
    # tanh(0.8 / 2) = 0.38: below the 0.40 at which a reading becomes moderate.
    assert day["z"] == pytest.approx(-0.8)


def test_a_chain_that_prices_and_the_vix_contradict_says_so() -> None:
    sessions = flat_market(80).sessions
    calm = replace(flat_market(80), gamma=pd.DataFrame([chain_row(sessions[-1], "SPX", **SHORT)]))

    day = measure(calm).iloc[-1]

    assert day["series"] == "chain"
    assert day["predicted_gex"] > 0.0
    assert day["caveat"] == OPPOSED

    assert day["side_denied"] == 1.0
    assert day[["flow_low_usd", "flow_mid_usd", "flow_high_usd"]].isna().all()


@pytest.mark.parametrize(("gex", "denied"), [(4.0, True), (-4.0, False)])
def test_dealers_have_dollars_only_where_the_published_index_gives_them_the_same_side(
    *, gex: float, denied: bool
) -> None:
    sessions = flat_market(80).sessions
    short = replace(
        flat_market(80),
        gamma=pd.DataFrame([chain_row(sessions[-1], "SPX", **SHORT)]),
        dix=published(sessions, np.full(80, gex)),
    )

    day = measure(ending_with(short, 0.01)).iloc[-1]

    assert bool(day["side_denied"]) is denied
    assert np.isnan(day["flow_mid_usd"]) == denied
    # The one count stays to be told: six bn per 1 %, after a rise of 1 %.
    assert day["hedge_naive_usd"] == pytest.approx(6e9, rel=0.01)


def test_no_count_of_the_hedges_takes_more_than_half_of_a_normal_day() -> None:
    # 200 bn are traded on a normal day: 90 bn can be, 300 bn cannot.
    day = day_with_chain({"naive": -90e9, "short_calls": -300e9, "all_short": -600e9})

    assert day["flow_mid_usd"] == pytest.approx(90e9)
    assert day["flow_high_usd"] == pytest.approx(100e9)
    assert day["hedge_short_calls_usd"] == pytest.approx(300e9)


def test_a_side_every_convention_gives_is_claimed_with_more_confidence() -> None:
    agreed, disputed = day_with_chain(SHORT), day_with_chain(LONG)
    lost = sum(
        needed.weight * (agreed[f"has_{needed.key}"] - disputed[f"has_{needed.key}"])
        for needed in dealer_gamma.inputs
    )

    # Two of three conventions contradict, and half of the coverage hangs on the sign.
    assert lost == pytest.approx(1 / 3)
    assert agreed["caveat"] == AGREED
    assert agreed["gamma_sign"] == -1.0


@settings(max_examples=20, deadline=None)
@given(size=st.floats(min_value=1e-4, max_value=0.1))
def test_the_hedges_trade_is_odd_in_the_return(size: float) -> None:
    up, down = day_with_chain(SHORT, size), day_with_chain(SHORT, -size)

    assert up["flow_mid_usd"] == pytest.approx(-down["flow_mid_usd"])
    assert up["flow_low_usd"] == pytest.approx(-down["flow_high_usd"])
    assert up["z"] == pytest.approx(-down["z"])


@settings(max_examples=10, deadline=None)
@given(size=st.floats(min_value=1e-4, max_value=0.1))
def test_the_regime_s_reading_is_odd_in_the_return(size: float) -> None:
    market = restless_with_gamma()

    up = measure(ending_with(market, size)).iloc[-1]
    down = measure(ending_with(market, -size)).iloc[-1]

    assert up["z"] == pytest.approx(-down["z"])
    assert up["push"] == pytest.approx(-down["push"])


def test_a_regime_long_of_gamma_leans_against_the_day() -> None:
    market = flat_market(80)
    close = market.close.copy()
    close["^GSPC"] = 4000.0 * np.exp(np.cumsum(np.tile([0.005, -0.005], 40)))
    calm = replace(market, close=close)

    rally, fall = (measure(ending_with(calm, move)).iloc[-1] for move in (0.01, -0.01))

    assert rally["z"] < 0.0 < fall["z"]
    assert rally["gamma_sign"] == 1.0
    assert rally["series"] == "fallback"
    assert rally["caveat"] == GUESSED
    assert np.isnan(rally["flow_mid_usd"])


def test_chain_days_and_guessed_days_are_never_one_series() -> None:
    market = restless_with_gamma()
    chains = pd.DataFrame([chain_row(session, "SPX", **SHORT) for session in market.sessions[-3:]])

    series = measure(replace(market, gamma=chains))["series"]

    assert (series.iloc[-3:] == "chain").all()
    assert (series.iloc[:-3] == "fallback").all()


def test_without_chain_or_file_a_session_before_2020_is_not_measured() -> None:
    market = restless_market(300, first="2018-01-01")

    scored = score_history(dealer_gamma, measure(market), market, market.sessions[-1:])

    assert not scored["measured"].any()


def test_without_chain_or_file_the_printed_constants_measure_from_2020_on() -> None:
    market = restless_market(300, first="2021-01-04")

    scored = score_history(dealer_gamma, measure(market), market, market.sessions[-1:])

    assert scored["measured"].iloc[-1]
    assert scored["coverage"].iloc[-1] == pytest.approx(1 / 6 + 0.2 + 0.05 + 0.15 * 0.8)


def test_without_the_vix_and_a_chain_nothing_is_measured() -> None:
    market = restless_with_gamma()
    blind = replace(market, close=market.close.drop(columns="^VIX"))

    scored = score_history(dealer_gamma, measure(blind), blind, blind.sessions[-1:])

    assert not scored["measured"].any()
    assert measure(blind)["has_vix"].eq(0.0).all()


def test_the_published_row_shown_is_yesterday_s() -> None:
    market = restless_with_gamma()

    shown = measure(market)

    assert shown["published_on"].iloc[-1] == market.sessions[-2]


@settings(max_examples=12, deadline=None)
@given(cut=st.integers(min_value=0, max_value=699))
def test_dealer_gamma_does_not_know_tomorrow(cut: int) -> None:
    market = restless_with_gamma()
    chains = [chain_row(session, "SPX", **LONG) for session in market.sessions[500:600:3]]
    market = replace(market, gamma=pd.DataFrame(chains))
    session = market.sessions[cut]

    then = measure(market.until(session)).iloc[-1]
    now = measure(market).loc[[session]].iloc[0]

    pd.testing.assert_series_equal(then, now, check_exact=True)


def test_every_fact_and_input_has_its_column() -> None:
    columns = set(measure(flat_market()).columns)

    assert {fact.key for fact in dealer_gamma.facts} <= columns
    assert {f"has_{needed.key}" for needed in dealer_gamma.inputs} <= columns
    assert sum(needed.weight for needed in dealer_gamma.inputs) == pytest.approx(1.0)
