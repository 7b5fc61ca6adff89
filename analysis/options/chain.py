"""An option chain, ready to be measured: one frozen column set, whatever file it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from analysis.options.errors import ChainError

__all__ = ["Chain", "ChainError", "read_chain"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Every contract of one underlying that is alive after a session's close.

    Arrays have shape (n_contracts,) and share one order. A contract whose implied
    volatility is not known stays in, with NaN: it has open interest nobody can value.

    Attributes
    ----------
    symbol
        The underlying, SPX for SPX and SPXW together.
    spot
        Its price at the session's close, or when the file was made [USD or points].
    session
        The New York session the chain describes: the date of the underlying's last trade.
    as_of
        When the file was made, UTC, ISO 8601; empty where it does not say.
    source
        The format it was read from.
    expiry
        Settlement date [datetime64, days].
    strike
        [USD or points]
    is_call
        True for calls.
    open_interest
        After the previous session's clearing [contracts of 100 shares].
    iv
        Implied volatility [fraction per year to the half]; NaN where not known.
    gamma
        The vendor's gamma [1 / USD], rounded as printed; used only to reproduce others.
    bid, ask
        [USD]
    root
        SPX or SPXW: contracts of different roots are different contracts.
    underlying
        Symbol of the underlying, contract by contract.
    years
        From the session's close to settlement [365-day years]; morning-settled
        contracts end six and a half hours before the others of their date.
    carry
        Rate less dividend yield to that settlement, from put-call parity [1 / year].
    rate
        Interest rate, from put-call parity [1 / year]; 0.0 where quotes do not tell.
    left_out
        How many rows of the file are not measured, by reason.
    oi_covered
        Share of the open interest of living contracts that has a known volatility [0, 1].
    expiries_share
        Part of the listed expiries that the file holds [0 to 1]; one for a whole chain.
    solved
        True where the volatility is not the vendor's but solved here from a mid price;
        None when all are the vendor's.
    notes
        Anything a reader of the figures should know, one sentence each.
    """

    symbol: str
    spot: float
    session: date
    as_of: str
    source: str
    expiry: NDArray[np.datetime64]
    strike: Floats
    is_call: NDArray[np.bool_]
    open_interest: Floats
    iv: Floats
    gamma: Floats
    bid: Floats
    ask: Floats
    root: NDArray[np.str_]
    underlying: NDArray[np.str_]
    years: Floats
    carry: Floats
    rate: float
    left_out: Mapping[str, int]
    oi_covered: float
    notes: tuple[str, ...] = ()
    solved: NDArray[np.bool_] | None = None
    expiries_share: float = 1.0

    def __len__(self) -> int:
        """Count the contracts."""
        return len(self.strike)

    @property
    def dte(self) -> NDArray[np.int64]:
        """Calendar days from the session to expiry [days]."""
        return (self.expiry - np.datetime64(self.session, "D")).astype(np.int64)

    @property
    def measurable(self) -> NDArray[np.bool_]:
        """Which contracts have open interest and a known volatility."""
        return np.isfinite(self.iv) & (self.open_interest > 0.0)

    @property
    def printed(self) -> NDArray[np.bool_]:
        """Which contracts are measurable with the vendor's own volatility."""
        return self.measurable if self.solved is None else self.measurable & ~self.solved

    def select(self, keep: NDArray[np.bool_]) -> "Chain":
        """Return the chain with some of its contracts; counts and coverage stay the file's."""
        return replace(
            self,
            expiry=self.expiry[keep],
            strike=self.strike[keep],
            is_call=self.is_call[keep],
            open_interest=self.open_interest[keep],
            iv=self.iv[keep],
            solved=None if self.solved is None else self.solved[keep],
            gamma=self.gamma[keep],
            bid=self.bid[keep],
            ask=self.ask[keep],
            root=self.root[keep],
            underlying=self.underlying[keep],
            years=self.years[keep],
            carry=self.carry[keep],
        )

    def running(self, least_days: int) -> "Chain":
        """Return the contracts with at least so many calendar days to run; count the others.

        Vendors differ in whether the next day's contracts belong to an evening's gamma: their
        open interest is yesterday's and their gamma the largest of all.

        Raises
        ------
        ChainError
            When none runs as long.
        """
        keep = self.dte >= least_days
        if keep.all():
            return self
        if not keep.any():
            raise ChainError(
                f"no contract of {self.symbol} runs {least_days} days or longer after "
                f"{self.session}; the longest runs {int(self.dte.max())}"
            )
        left_out = {**self.left_out, "expires_sooner": int((~keep).sum())}
        return replace(self.select(keep), left_out=left_out)


def read_chain(
    source: Path | str | bytes, *, session: date | None = None, spot: float | None = None
) -> Chain:
    """Read a chain from a file or its bytes, whatever known format it is in.

    Parameters
    ----------
    source
        A path, or the content; gzip is undone.
    session
        The session it should hold: a file of another one is refused. Also settles
        a stated time that has more than one reading, or none.
    spot
        Price of the underlying, in place of the file's.

    Raises
    ------
    ChainError
        With the reason in one sentence: unknown format, cut, edited, another session,
        no open interest, no volatilities.
    """
    from analysis.options.cleaning import clean
    from analysis.options.document import open_document
    from analysis.options.formats import reader_of

    document = open_document(source, session)
    try:
        quotes = reader_of(document).read(document)
        return clean(quotes, session=session, spot=spot)
    except ChainError as error:
        raise ChainError(f"{document.name}: {error}") from error


def counted(reasons: Mapping[str, int]) -> Mapping[str, int]:
    """Freeze a table of reasons, without those nobody met."""
    return MappingProxyType({reason: int(n) for reason, n in reasons.items() if n})
