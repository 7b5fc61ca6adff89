"""Made-up option books the size of real ones, the same on every run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.options.kernel import Bells

Floats = NDArray[np.float64]

SPOT, RATE, DIVIDEND = 6543.21, 0.038, 0.012
MINUTES_15 = 15.0 / 525_600.0
NEAR_DAYS = (MINUTES_15 * 365.0, *range(1, 20))
FAR_DAYS = np.geomspace(22.0, 1800.0, 20)


class Book(NamedTuple):
    """Contracts as a chain has them; every field has shape (n,)."""

    strike: Floats
    years: Floats
    iv: Floats
    held: Floats
    spot: Floats


def index_book(n: int = 25_000) -> Book:
    """Return an index chain: 40 expiries from 15 minutes to five years, a smile, both signs."""
    draw = np.random.default_rng(20240105)
    years = draw.choice(np.concatenate([NEAR_DAYS, FAR_DAYS]), n) / 365.0
    strike = 5.0 * np.rint(SPOT * draw.uniform(0.5, 1.5, n) / 5.0)
    return Book(strike, years, _smile(strike / SPOT, years), _held(draw, n), np.full(n, SPOT))


def market_book(n: int = 1_500_000, names: int = 5_000) -> tuple[Book, NDArray[np.intp]]:
    """Return a whole market, a few names large and most small, and where each name starts."""
    draw = np.random.default_rng(20240106)
    share = draw.pareto(1.2, names) + 0.05
    size = np.maximum(20, np.floor(0.99 * n * share / share.sum())).astype(np.intp)
    size[:100] += (n - size.sum()) // 100
    size[0] += n - size.sum()
    starts = np.concatenate([[0], np.cumsum(size)[:-1]])
    spot = np.repeat(draw.uniform(10.0, 900.0, names), size)
    moneyness = np.exp(draw.normal(0.0, 0.25, n))
    years = draw.choice([1, 2, 4, 8, 14, 21, 35, 60, 90, 180, 365, 730], n) / 365.0
    book = Book(spot * moneyness, years, 2.0 * _smile(moneyness, years), _held(draw, n), spot)
    return book, starts


def _smile(moneyness: Floats, years: Floats) -> Floats:
    log = np.log(moneyness)
    return np.clip(0.16 - 0.1 * log / np.sqrt(years + 0.1) + 0.2 * log**2, 0.06, 2.0)


def _held(draw: np.random.Generator, n: int) -> Floats:
    return draw.integers(0, 2_000, n).astype(float) * np.where(draw.random(n) < 0.5, 1.0, -1.0)


def bells(book: Book, *, relative: bool = False) -> Bells:
    """Fold a book; `relative` measures log spot from each contract's own underlying."""
    deviation = book.iv * np.sqrt(book.years)
    centre = np.log(book.strike) - (RATE - DIVIDEND + 0.5 * book.iv**2) * book.years
    return Bells(
        book.held * np.exp(-DIVIDEND * book.years) / (deviation * np.sqrt(2.0 * np.pi)),
        centre - np.log(book.spot) if relative else centre,
        1.0 / deviation,
    )
