"""Which printed volatilities to believe, and what quotes say where there is none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.options.carry import Carry, Legs
from analysis.options.errors import ChainError
from analysis.options.implied import Quote, implied_volatility
from analysis.options.rows import Rows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PLACEHOLDERS = (1e-5, *(2.0**-n for n in range(1, 10)))
"""Steps of a vendor's search that found nothing: halvings of one, each a hair above."""
PLACEHOLDER_WIDTH = 1.1e-5
PLACEHOLDER_SHARE = 0.05
"""More unquoted open interest than this on such values, and they are placeholders [share]."""

LOWEST_IV, HIGHEST_IV = 1e-3, 30.0
PERCENT_LOOKS_LIKE = 2.5
"""A median near-money volatility above 250 % is checked for being printed in per cent."""


class Volatilities(NamedTuple):
    """Volatilities as fractions, which of them were solved here, and what was odd."""

    iv: Floats
    solved: Flags
    notes: tuple[str, ...]


def volatilities(rows: Rows, legs: Legs, carry: Carry, spot: float) -> Volatilities:
    """Return every volatility there is; missing ones are solved from mids where quotes allow."""
    printed, notes = _units_checked(rows, legs, carry, spot)
    with np.errstate(invalid="ignore"):
        real = (printed >= LOWEST_IV) & (printed <= HIGHEST_IV)
    real &= ~_placeholder(rows)
    wanted = ~real & (rows.open_interest > 0.0)
    iv = np.where(real, printed, np.nan)
    iv[wanted] = _solved(rows, legs, carry, spot, wanted)
    iv = np.where(iv <= HIGHEST_IV, iv, np.nan)
    return Volatilities(iv, wanted & np.isfinite(iv), notes)


def _placeholder(rows: Rows) -> Flags:
    """Flag volatilities a vendor fills in when it has none: powers of one half, unquoted."""
    with np.errstate(invalid="ignore"):
        unquoted = ~((rows.bid > 0.0) | (rows.ask > 0.0))
    distance = np.abs(rows.iv[:, None] - np.array(PLACEHOLDERS))
    with np.errstate(invalid="ignore"):
        suspect: Flags = unquoted & (distance < PLACEHOLDER_WIDTH).any(axis=1)
    weight = rows.open_interest[suspect].sum()
    if weight <= PLACEHOLDER_SHARE * rows.open_interest.sum():
        return np.zeros(len(rows), dtype=np.bool_)
    return suspect


def _solved(rows: Rows, legs: Legs, carry: Carry, spot: float, wanted: Flags) -> Floats:
    years = legs.years[wanted]
    return implied_volatility(
        Quote(
            forward=spot * np.exp(carry.spot_gap + carry.carry[wanted] * years),
            strike=legs.strike[wanted],
            years=years,
            discount=np.exp(-carry.rate * years),
            bid=rows.bid[wanted],
            ask=rows.ask[wanted],
            is_call=legs.is_call[wanted],
        )
    )


def _units_checked(
    rows: Rows, legs: Legs, carry: Carry, spot: float
) -> tuple[Floats, tuple[str, ...]]:
    """Recognise volatilities printed in per cent by what the quotes imply."""
    with np.errstate(invalid="ignore"):
        near = (np.abs(np.log(legs.strike / spot)) < 0.1) & (rows.iv > 0.0) & (legs.years > 0.01)
    if not near.any() or np.median(rows.iv[near]) < PERCENT_LOOKS_LIKE:
        return rows.iv, ()
    ratio = rows.iv[near] / _solved(rows, legs, carry, spot, near)
    ratio = ratio[np.isfinite(ratio)]
    if ratio.size and 0.5 < np.median(ratio) < 2.0:
        return rows.iv, ()
    if ratio.size and 50.0 < np.median(ratio) < 200.0:
        return rows.iv / 100.0, ("Volatilities were printed in per cent.",)
    raise ChainError(
        f"near-money volatilities have a median of {np.median(rows.iv[near]):g}, which is neither "
        "a fraction nor a per cent that the quotes confirm"
    )
