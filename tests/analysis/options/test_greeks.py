"""Greeks against QuantLib, finite differences, parity and hand-worked values."""

import math

import numpy as np
import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st

from analysis.options.greeks import Option, charm, delta, gamma, normal_cdf, vanna

SPOTS = st.floats(50.0, 200.0)
YEARS = st.floats(0.01, 3.0)
VOLATILITIES = st.floats(0.08, 1.0)
RATES = st.floats(-0.02, 0.1)
OPTIONS = st.builds(Option, SPOTS, st.just(100.0), YEARS, VOLATILITIES, RATES, RATES)


def quantlib(option: Option, is_call: bool) -> QuantLib.BlackCalculator:
    kind = QuantLib.Option.Call if is_call else QuantLib.Option.Put
    spot, strike, years, iv, rate, dividend = (float(field) for field in option)
    forward = spot * math.exp((rate - dividend) * years)
    return QuantLib.BlackCalculator(
        QuantLib.PlainVanillaPayoff(kind, strike),
        forward,
        iv * math.sqrt(years),
        math.exp(-rate * years),
    )


@given(option=OPTIONS, is_call=st.booleans())
def test_delta_and_gamma_are_quantlibs(option: Option, is_call: bool) -> None:
    theirs = quantlib(option, is_call)
    spot = float(option.spot)

    assert float(gamma(option)) == pytest.approx(theirs.gamma(spot), rel=1e-10, abs=1e-100)
    # QuantLib's normal distribution is itself good to about 1e-15 of one, absolutely.
    assert float(delta(option, is_call)) == pytest.approx(theirs.delta(spot), rel=1e-10, abs=1e-14)


@given(option=OPTIONS, is_call=st.booleans())
def test_vanna_is_the_change_of_delta_with_volatility(option: Option, is_call: bool) -> None:
    step = 1e-5
    up = delta(option._replace(iv=option.iv + step), is_call)
    down = delta(option._replace(iv=option.iv - step), is_call)

    assert float(vanna(option)) == pytest.approx(float(up - down) / (2 * step), rel=1e-4, abs=1e-5)


@given(option=OPTIONS, is_call=st.booleans())
def test_charm_is_the_change_of_delta_as_time_passes(option: Option, is_call: bool) -> None:
    step = 1e-5 * float(option.years)
    later = delta(option._replace(years=option.years - step), is_call)
    earlier = delta(option._replace(years=option.years + step), is_call)

    expected = float(later - earlier) / (2 * step)
    assert float(charm(option, is_call)) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@given(option=OPTIONS)
def test_call_and_put_differ_by_the_share_they_deliver(option: Option) -> None:
    held = math.exp(-float(option.dividend) * float(option.years))

    assert float(delta(option, True) - delta(option, False)) == pytest.approx(held, rel=1e-12)
    assert float(charm(option, True) - charm(option, False)) == pytest.approx(
        float(option.dividend) * held, rel=1e-9, abs=1e-12
    )


def test_vanna_by_hand() -> None:
    # d1 = (ln(90/80) + 0.005) / 0.1 = 1.22783, d2 = 1.12783, density 0.187740,
    # discount exp(-0.05 * 0.25) = 0.987578: -0.987578 * 0.187740 * 1.12783 / 0.2.
    example = Option(90.0, 80.0, 0.25, 0.20, 0.05, 0.05)

    assert float(vanna(example)) == pytest.approx(-1.04552, abs=2e-5)


def test_gamma_at_the_money_by_hand() -> None:
    # d1 = 0.1, density 0.3969525, over 100 * 0.2.
    assert float(gamma(Option(100.0, 100.0, 1.0, 0.2))) == pytest.approx(0.01984763, abs=5e-9)


def test_the_normal_distribution_holds_in_the_far_tail() -> None:
    # Abramowitz and Stegun, table 26.2: Q(10) = 7.61985e-24.
    assert float(normal_cdf(-10.0)) == pytest.approx(7.61985e-24, rel=1e-6)


def test_a_whole_chain_is_one_call() -> None:
    strikes = np.array([90.0, 100.0, 110.0])

    assert gamma(Option(100.0, strikes, 0.25, 0.2)).shape == (3,)
