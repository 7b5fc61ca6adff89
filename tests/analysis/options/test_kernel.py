"""The recurrence against the sum it replaces."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.options.grids import interpolated
from analysis.options.kernel import Bells, bell_sum, bell_sums

GRID = np.linspace(math.log(0.8), math.log(1.2), 200)


def directly(bells: Bells, levels: np.ndarray) -> np.ndarray:
    u = (levels[:, None] - bells.centre) * bells.sharpness
    return np.asarray((bells.weight * np.exp(-0.5 * u * u)).sum(axis=1))


def book(n: int, sharpness: tuple[float, float], seed: int) -> Bells:
    draw = np.random.default_rng(seed)
    return Bells(
        draw.normal(size=n) * 1000.0,
        draw.uniform(-0.7, 0.7, n),
        np.exp(draw.uniform(math.log(sharpness[0]), math.log(sharpness[1]), n)),
    )


@pytest.mark.parametrize(
    "sharpness",
    [(1.0, 400.0), (300.0, 500.0), (1e3, 1e5), (0.01, 1.0)],
    ids=["a day to years", "hours", "minutes and less", "decades"],
)
def test_the_recurrence_agrees_with_the_direct_sum(sharpness: tuple[float, float]) -> None:
    bells = book(5000, sharpness, seed=3)

    expected = directly(bells, GRID)

    assert np.abs(bell_sums(bells, GRID) - expected).max() <= 1e-12 * np.abs(expected).max()


@settings(max_examples=60, deadline=None)
@given(
    weight=arrays(float, 12, elements=st.floats(-1e6, 1e6)),
    centre=arrays(float, 12, elements=st.floats(-3.0, 3.0)),
    log_sharpness=arrays(float, 12, elements=st.floats(-2.0, 14.0)),
    levels=st.integers(2, 320),
    width=st.floats(0.001, 3.0),
)
def test_no_book_and_no_grid_breaks_it(
    weight: np.ndarray, centre: np.ndarray, log_sharpness: np.ndarray, levels: int, width: float
) -> None:
    bells = Bells(weight, centre, np.exp(log_sharpness))
    grid = np.linspace(-width / 2, width / 2, levels)

    error = np.abs(bell_sums(bells, grid) - directly(bells, grid)).max()

    assert error <= 1e-10 * np.abs(weight).sum() + 1e-300


def test_many_books_at_once_are_each_their_own_sum() -> None:
    bells = book(60_000, (2.0, 2000.0), seed=5)
    starts = np.array([0, 1, 7, 20_000, 20_001, 59_999])
    grid = np.linspace(-0.2, 0.2, 60)

    sums = bell_sums(bells, grid, starts)

    ends = [*starts[1:], 60_000]
    for line, lo, hi in zip(sums, starts, ends, strict=True):
        mine = bells.take(slice(lo, hi))
        assert np.abs(line - directly(mine, grid)).max() <= 1e-10 * np.abs(mine.weight).sum()


def test_at_one_price_it_is_one_exact_sum() -> None:
    bells = Bells(np.array([2.0, -1.0]), np.array([0.0, 0.1]), np.array([10.0, 10.0]))

    # At 0: 2 - exp(-1/2); the second curve is one deviation away.
    assert bell_sum(bells, 0.0) == pytest.approx(2.0 - 0.6065306597)


def test_an_empty_book_has_no_gamma_anywhere() -> None:
    nothing = Bells(np.empty(0), np.empty(0), np.empty(0))

    assert not bell_sums(nothing, GRID).any()


def test_an_uneven_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="even steps"):
        bell_sums(book(3, (1.0, 2.0), seed=1), np.array([0.0, 0.1, 0.3]))


@pytest.mark.parametrize("levels", [60, 137, 200, 401])
def test_broad_curves_on_a_coarser_grid_are_as_exact(levels: int) -> None:
    grid = np.linspace(math.log(0.8), math.log(1.2), levels)
    bells = book(4000, (0.5, 60.0), seed=11)

    expected = directly(bells, grid)

    assert np.abs(bell_sums(bells, grid) - expected).max() <= 1e-11 * np.abs(expected).max()


def wiggly(places: np.ndarray) -> np.ndarray:
    """Return a polynomial of degree nineteen with many turns."""
    return np.asarray(np.polynomial.chebyshev.chebval(places / 20.0, np.ones(20)), dtype=float)


def test_interpolation_returns_a_polynomial_of_degree_nineteen() -> None:
    # Coarse levels at -9 .. 20; fine ones at 0, 1/4, .. 10 3/4: the polynomial is its own.
    coarse = wiggly(np.arange(-9.0, 21.0))

    fine = interpolated(coarse, 4)

    places = np.arange(len(fine)) / 4.0
    expected = wiggly(places)
    np.testing.assert_allclose(fine, expected, rtol=1e-9, atol=1e-9)
