"""The option symbol every exchange prints: root, expiry, right and strike in one word.

``SPXW260821P07400000`` is the SPXW put struck at 7,400 that expires on 21 August
2026. The last fifteen characters have a fixed layout, so the symbol is a better
witness than any date column written in a browser's language.

References
----------
The Options Clearing Corporation (2008). Options Symbology Initiative.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.options.errors import ChainError

ASCII_END = 127
TAIL = 15
"""Six digits of date, one letter of right, eight digits of strike in thousandths."""

AM_SETTLED_ROOTS = frozenset({"SPX", "NDX", "RUT", "DJX", "VIX", "VIXW", "RUI", "RLG", "RLV"})
"""Index roots settled at the opening prints of the expiry date: they trade until the day before."""

INDEX_FAMILIES = {
    "SPXW": "SPX",
    "NDXP": "NDX",
    "RUTW": "RUT",
    "VIXW": "VIX",
    "SPXQ": "SPX",
    "SPXPM": "SPX",
    "NQX": "NDX",
}
"""Roots that deliver on the same index under another symbol."""

EUROPEAN_FAMILIES = frozenset({"SPX", "XSP", "NDX", "XND", "RUT", "MRUT", "DJX", "VIX"})
"""Cash-settled European families: only these serve for box-spread financing."""


class Contracts(NamedTuple):
    """What the symbols say; every field has shape (n,)."""

    root: NDArray[np.str_]
    expiry: NDArray[np.datetime64]
    is_call: NDArray[np.bool_]
    strike: NDArray[np.float64]

    def keep(self, flags: NDArray[np.bool_]) -> "Contracts":
        """Return the flagged contracts."""
        return Contracts(
            self.root[flags], self.expiry[flags], self.is_call[flags], self.strike[flags]
        )


def parse_osi(symbols: NDArray[np.str_] | NDArray[np.bytes_]) -> Contracts:
    """Read root, expiry, right and strike [USD or points] off option symbols.

    Parameters
    ----------
    symbols : shape (n,)
        With or without the blanks that pad the root to six characters.

    Raises
    ------
    ChainError
        Naming the first symbol that is none.
    """
    try:
        words = np.asarray(symbols).astype("S")
    except UnicodeEncodeError as error:
        raise ChainError(f"an option symbol is not plain ASCII: {error.object!r}") from error
    if words.size == 0:
        return Contracts(
            np.empty(0, "U6"), np.empty(0, "M8[D]"), np.empty(0, bool), np.empty(0, float)
        )
    width = max(words.dtype.itemsize, TAIL + 1)
    letters = np.strings.rjust(words, width).view(np.uint8).reshape(len(words), width)
    tail = letters[:, -TAIL:]
    digits = np.delete(tail, 6, axis=1).astype(np.int64) - ord("0")
    right = tail[:, 6]
    expiry, real_date = _dates(digits[:, :6])
    bad = (
        ((digits < 0) | (digits > 9)).any(axis=1)
        | ~np.isin(right, (ord("C"), ord("P")))
        | ~real_date
        | (letters[:, :-TAIL] <= ord(" ")).all(axis=1)
        | (letters >= ASCII_END).any(axis=1)
    )
    if bad.any():
        first = words[bad][0].decode("ascii", "replace")
        raise ChainError(
            f"{first!r} is no option symbol; expected root, yymmdd, C or P, "
            "and eight digits of strike, such as SPXW260821P07400000"
        )
    head = np.ascontiguousarray(letters[:, :-TAIL]).view(f"S{width - TAIL}").ravel()
    return Contracts(
        root=np.strings.strip(head).astype("U"),
        expiry=expiry,
        is_call=right == ord("C"),
        strike=_number(digits[:, 6:]) / 1000.0,
    )


def _number(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    value = np.zeros(len(digits), dtype=np.int64)
    for column in digits.T:
        value = 10 * value + column
    return value


def _dates(digits: NDArray[np.int64]) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    year = 2000 + digits[:, 0] * 10 + digits[:, 1]
    month = digits[:, 2] * 10 + digits[:, 3]
    day = digits[:, 4] * 10 + digits[:, 5]
    first = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    dates = first.astype("M8[D]") + (day - 1)
    real = (month >= 1) & (month <= 12) & (day >= 1) & (dates.astype("M8[M]") == first)
    return dates, real


def family(root: str) -> str:
    """Name the underlying a root delivers on: SPXW is SPX, QQQ is QQQ."""
    return INDEX_FAMILIES.get(root, root)
