"""Chains from yfinance: one pair of frames an expiry, as `Ticker.option_chain` returns them.

Yahoo prints no greeks. At night it prints zero open interest, zero quotes and
placeholder volatilities; the guards refuse such a chain.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.options.chain import Chain
from analysis.options.cleaning import clean
from analysis.options.clock import as_utc, new_york
from analysis.options.errors import ChainError
from analysis.options.quotes import Quotes

if TYPE_CHECKING:
    import pandas as pd


class ExpiryFrames(Protocol):
    """What `Ticker.option_chain(expiry)` returns."""

    @property
    def calls(self) -> "pd.DataFrame | None":
        """Calls of one expiry, one row a contract."""

    @property
    def puts(self) -> "pd.DataFrame | None":
        """Puts of the same expiry."""

    @property
    def underlying(self) -> Mapping[str, Any] | None:
        """Yahoo's quote of the underlying."""


def chain_from_yfinance(
    expiries: Iterable[ExpiryFrames], *, session: date | None = None, spot: float | None = None
) -> Chain:
    """Join the frames of all expiries into one chain.

    Parameters
    ----------
    expiries
        What `option_chain` returned, expiry by expiry.
    session
        The session they must hold.
    spot
        Price of the underlying at its close, in place of Yahoo's regular-market price.

    Raises
    ------
    ChainError
        When every answer is empty, or a guard refuses the chain.
    """
    answers = [answer for answer in expiries if answer.calls is not None]
    frames = [frame for answer in answers for frame in (answer.calls, answer.puts)]
    full = [frame for frame in frames if frame is not None and len(frame)]
    if not full:
        raise ChainError("Yahoo answered with empty chains; ask again later")
    quote = next((answer.underlying for answer in answers if answer.underlying), {})
    traded = _traded(quote)
    quotes = Quotes(
        symbol=str(quote.get("symbol", "")).lstrip("^") or _root(full[0]),
        option=np.concatenate([np.array(frame["contractSymbol"], dtype="U") for frame in full]),
        bid=_joined(full, "bid"),
        ask=_joined(full, "ask"),
        iv=_joined(full, "impliedVolatility"),
        gamma=_joined(full, "gamma"),
        open_interest=_joined(full, "openInterest"),
        spot=float(quote["regularMarketPrice"]) if quote.get("regularMarketPrice") else None,
        session=traded.date() if traded else None,
        as_of=as_utc(traded) if traded else "",
        source="Yahoo option chain",
    )
    return clean(quotes, session=session, spot=spot)


def _joined(frames: "list[pd.DataFrame]", name: str) -> NDArray[np.float64]:
    return np.concatenate(
        [
            np.array(frame[name], dtype=np.float64)
            if name in frame
            else np.full(len(frame), np.nan)
            for frame in frames
        ]
    )


def _root(frame: "pd.DataFrame") -> str:
    return str(frame["contractSymbol"].iloc[0])[:-15]


def _traded(quote: Mapping[str, Any]) -> datetime | None:
    """Return the New York time of the underlying's last regular trade."""
    seconds = quote.get("regularMarketTime")
    if not seconds:
        return None
    return datetime.fromtimestamp(float(seconds), tz=UTC).astimezone(new_york())
