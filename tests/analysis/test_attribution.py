"""What forced flows explain, and what they leave over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attribution import attribute
from analysis.reading import Estimate


def test_a_hundredth_of_the_volume_moves_a_one_percent_market_by_seven_basis_points() -> None:
    found = attribute(0.02, {"a": Estimate(1e9, 1e9, 1e9)}, sigma=0.01, volume_usd=100e9)

    assert found.explained_return.mid == pytest.approx(0.0007)
    assert found.explained_return.low == pytest.approx(0.0004)
    assert found.explained_return.high == pytest.approx(0.0010)
    assert found.residual_return == pytest.approx(0.0193)


def test_the_explained_part_is_shared_out_in_proportion_to_the_flows() -> None:
    flows = {"a": Estimate(3e9, 3e9, 3e9), "b": Estimate(1e9, 1e9, 1e9)}
    found = attribute(0.02, flows, sigma=0.01, volume_usd=100e9)

    assert found.by_driver == pytest.approx({"a": 0.00105, "b": 0.00035})


def test_without_dollars_nothing_is_explained() -> None:
    found = attribute(-0.03, {}, sigma=0.01, volume_usd=100e9)

    assert found.explained_return == Estimate(0.0, 0.0, 0.0)
    assert found.residual_return == -0.03


dollars = st.floats(-1e10, 1e10)


@given(st.lists(st.tuples(dollars, dollars, dollars).map(sorted), min_size=1, max_size=5))
def test_the_shares_add_up_and_the_range_stays_in_order(bounds: list[list[float]]) -> None:
    flows = {str(at): Estimate(*bound) for at, bound in enumerate(bounds)}
    found = attribute(0.01, flows, sigma=0.01, volume_usd=1e11)

    assert sum(found.by_driver.values()) == pytest.approx(found.explained_return.mid, abs=1e-9)
    assert found.residual_return == pytest.approx(0.01 - found.explained_return.mid)
