"""A chain as its file has it, before any judgement: what every reader returns."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quotes:
    """Columns of one file; arrays have shape (n,), NaN marks what the file leaves out.

    Attributes
    ----------
    symbol
        The underlying: SPX, QQQ, TSLA.
    option
        OSI symbols.
    bid, ask
        Quoted prices [USD].
    iv
        Implied volatility [fraction per year to the half] as printed.
    gamma
        The vendor's gamma [1 / USD], often rounded to four decimals.
    open_interest
        Contracts open after the previous session's clearing [contracts].
    spot
        Price of the underlying [USD or points]; None where the file has none.
    session
        New York date of the underlying's last trade; None where the file has no time.
    as_of
        When the file says it was made, UTC, ISO 8601; empty where it does not.
    source
        The format, in words.
    notes
        Anything odd the reader saw, one sentence each.
    expiries_share
        Part of the listed expiries that the file holds [0 to 1]; one for a whole chain.
    """

    symbol: str
    option: NDArray[np.str_] | NDArray[np.bytes_]
    bid: Floats
    ask: Floats
    iv: Floats
    gamma: Floats
    open_interest: Floats
    spot: float | None
    session: date | None
    as_of: str
    source: str
    notes: tuple[str, ...] = ()
    expiries_share: float = 1.0
