"""Dealers' gamma, its flip, its strikes and the flows it forces."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.options.chain import Chain
from analysis.options.conventions import dealer_sign
from analysis.options.expiries import expiring_share
from analysis.options.exposure import (
    charm_usd,
    gamma_by_strike,
    hedge_usd,
    net_gamma_usd,
    vanna_usd,
)
from analysis.options.flip import flip_zone, nearest
from analysis.options.profile import fold, gamma_profile, gamma_usd, net_gamma_at
from analysis.options.strikes import is_box_strike, large_gamma_strikes
from tests.analysis.options.made_up import SESSION, chain

CALL, PUT = True, False
AT_THE_MONEY = chain([(100.0, CALL, 1000.0, 365)])


def test_dollar_gamma_of_one_line_by_hand() -> None:
    # Gamma .01984763 (d1 = .1); 1,000 contracts of 100 shares, 1 % of a spot of 100 squared.
    assert net_gamma_usd(AT_THE_MONEY)["naive"] == pytest.approx(198_476.3, abs=0.05)


def test_three_conventions_of_two_calls_and_one_put() -> None:
    book = chain([(100.0, CALL, 2000.0, 365), (100.0, PUT, 1000.0, 365)])

    gamma = net_gamma_usd(book)

    assert gamma["naive"] == pytest.approx(198_476.3, abs=0.05)
    assert gamma["short_calls"] == pytest.approx(-2 * 198_476.3, abs=0.1)
    assert gamma["all_short"] == pytest.approx(-3 * 198_476.3, abs=0.15)


def test_the_naive_dealer_is_long_calls_and_short_puts() -> None:
    assert dealer_sign("naive", np.array([CALL, PUT])).tolist() == [1.0, -1.0]


def test_a_book_long_gamma_sells_a_rally_and_buys_a_fall() -> None:
    assert hedge_usd(AT_THE_MONEY, 1.0) < 0.0 < hedge_usd(AT_THE_MONEY, -1.0)


def test_the_hedge_averages_gamma_over_both_ends_of_the_move() -> None:
    # At 102: d1 = ln(1.02)/.2 + .1 = .1990132, density .3911196, gamma .01917253,
    # dollar gamma 1000 * .01917253 * 102**2 = 199,471.0; mean with 198,476.3, times 2.
    assert hedge_usd(AT_THE_MONEY, 2.0) == pytest.approx(-(198_476.3 + 199_471.0), rel=1e-5)


def test_gamma_at_the_prior_close_is_gamma_there() -> None:
    assert net_gamma_at(AT_THE_MONEY, 102.0) == pytest.approx(199_471.0, rel=1e-5)


def test_at_spot_it_is_no_reading_off_the_profile() -> None:
    hours = chain([(100.5, CALL, 1000.0, 0.02)])
    exact = gamma_usd(fold(hours), 100.0)
    profile = gamma_profile(fold(hours), 100.0, levels=41)

    interpolated = float(np.interp(100.0, profile.spot, profile.gamma_usd))

    assert net_gamma_usd(hours)["naive"] == pytest.approx(exact, rel=1e-12)
    assert abs(interpolated / exact - 1.0) > 0.2


def test_vanna_and_charm_of_a_single_call_by_hand() -> None:
    # d1 = .1, d2 = -.1, density .3969525: vanna .3969525 * .1 / .2 = .1984763 per 1.00,
    # charm .3969525 * .1 * .2 ... / (2 * 1 * .2) = -.3969525 * .02 / .4 = -.01984763 a year.
    assert vanna_usd(AT_THE_MONEY) == pytest.approx(-0.1984763 * 1000 * 100 * 100 * 0.01, rel=1e-6)
    assert charm_usd(AT_THE_MONEY) == pytest.approx(0.01984763 * 1000 * 100 * 100 / 365, rel=1e-6)


@given(
    strikes=st.lists(st.floats(80.0, 120.0), min_size=1, max_size=8),
    interest=st.floats(1.0, 1e6),
    days=st.integers(1, 900),
)
def test_a_book_of_one_sign_has_that_sign_at_every_price(
    strikes: list[float], interest: float, days: int
) -> None:
    book = chain([(strike, PUT, interest, days) for strike in strikes])

    assert (gamma_profile(fold(book), 100.0).gamma_usd <= 0.0).all()
    assert flip_zone(book).mid is None


def test_gamma_by_strike_adds_up_to_gamma_at_spot() -> None:
    book = chain([(95.0, PUT, 500.0, 30), (95.0, CALL, 700.0, 60), (105.0, CALL, 100.0, 30)])

    strikes, net = gamma_by_strike(book)

    assert strikes.tolist() == [95.0, 105.0]
    assert net.sum() == pytest.approx(net_gamma_usd(book)["naive"], rel=1e-12)


def call_above_put(**changes: object) -> Chain:
    """Return a call at 110 and a put at 90 with equal interest, 91.25 days, 20 %."""
    return chain([(110.0, CALL, 1000.0, 91.25), (90.0, PUT, 1000.0, 91.25)], **changes)


def test_the_flip_between_a_put_and_a_call_by_hand() -> None:
    # Two equal bells cross midway in log: sqrt(110 * 90) * exp(-.2**2 * .25 / 2) = 99.0025.
    assert flip_zone(call_above_put()).methods["profile_root"] == pytest.approx(99.0025, abs=1e-4)


def test_the_zone_spans_its_methods() -> None:
    zone = flip_zone(call_above_put())
    found = [level for level in zone.methods.values() if level is not None]

    assert (zone.low, zone.high) == (min(found), max(found))
    assert zone.low is not None
    assert zone.mid is not None
    assert zone.high is not None
    assert zone.low <= zone.mid <= zone.high


def test_without_a_flip_there_is_a_reason() -> None:
    zone = flip_zone(AT_THE_MONEY)

    assert zone.as_dict()["low"] is None
    assert zone.reason == "naive gamma stays above zero from 20 % under spot to 20 % over it"


def test_every_root_is_listed_and_the_nearest_one_leads() -> None:
    book = chain(
        [(90.0, PUT, 1000.0, 7), (97.0, CALL, 1000.0, 7), (104.0, PUT, 1000.0, 7)], spot=100.0
    )

    zone = flip_zone(book)

    # Equal bells again, midway between 90 and 97, and 97 and 104; the third one barely reaches.
    shift = math.exp(-0.5 * 0.04 * 7 / 365)
    assert zone.roots == pytest.approx(
        [math.sqrt(90 * 97) * shift, math.sqrt(97 * 104) * shift], rel=1e-4
    )
    assert zone.methods["profile_root"] == zone.roots[1]


def test_the_nearest_of_no_levels_is_none() -> None:
    assert nearest([], 100.0) is None


def test_shares_that_expire_count_calendar_days() -> None:
    # SESSION is a Friday; equal strikes and volatility: gamma goes as 1 / sqrt(days).
    book = chain([(100.0, CALL, 100.0, 1), (100.0, PUT, 100.0, 4), (100.0, CALL, 100.0, 100)])
    # exp(-d1**2 / 2) differs from one by less than .2 %.
    total = 1.0 + 0.5 + 0.1

    assert expiring_share(book, 1) == pytest.approx(1.0 / total, rel=0.005)
    assert expiring_share(book, 5) == pytest.approx(1.5 / total, rel=0.005)
    assert SESSION.weekday() == 4


def test_large_strikes_are_near_spot_and_sorted_by_gamma() -> None:
    book = chain(
        [
            (100.0, CALL, 10.0, 30),
            (101.0, CALL, 900.0, 30),
            (102.0, CALL, 100.0, 30),
            (120.0, CALL, 10**7, 30),
            (97.0, PUT, 50.0, 30),
        ]
    )

    assert large_gamma_strikes(book) == {"calls": [101.0, 102.0, 100.0], "puts": [97.0]}


def test_a_box_spread_strike_of_an_index_is_no_large_gamma_strike() -> None:
    rows = [
        (7000.0, CALL, 100_000.0, 60),
        (7000.0, PUT, 90_000.0, 60),
        (7050.0, CALL, 500.0, 60),
        (6950.0, PUT, 400.0, 60),
    ]
    index = chain(rows, symbol="SPX", spot=7010.0)
    share = chain(rows, symbol="XYZ", spot=7010.0)

    assert large_gamma_strikes(index) == {"calls": [7050.0], "puts": [6950.0]}
    assert large_gamma_strikes(share)["calls"][0] == 7000.0
    assert is_box_strike(index, np.array([7000.0, 7050.0])).tolist() == [True, False]


def test_a_round_strike_held_on_one_side_only_is_kept() -> None:
    index = chain(
        [(7000.0, CALL, 1000.0, 60), (7000.0, PUT, 90_000.0, 60)], symbol="SPX", spot=7010.0
    )

    assert large_gamma_strikes(index)["puts"] == [7000.0]
