"""From a file's columns to a chain fit to measure: the guards, once, for every format.

Everything left out is counted under a named reason; everything that would make
the answer wrong raises instead.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from analysis.options.carry import Legs, implied_carry, implied_spot
from analysis.options.chain import Chain, counted
from analysis.options.errors import ChainError
from analysis.options.osi import AM_SETTLED_ROOTS, EUROPEAN_FAMILIES, family, parse_osi
from analysis.options.quotes import Quotes
from analysis.options.rows import Rows
from analysis.options.trading_days import is_session, session_after
from analysis.options.volatilities import volatilities

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DAYS_A_YEAR = 365.0
OPENING_LEAD_DAYS = 6.5 / 24.0
"""A morning-settled contract ends at the open: this much before the close."""


ENOUGH_ROWS, LEAST_HELD = 50, 0.03
"""Of so many contracts at least this share has open interest in every whole chain seen."""

WIDEST_SPREAD = 0.015
"""Quotes wider than this share of the strike say nothing about the forward."""

STRIKE_SLACK = 1.25
"""How far beyond its strikes a price may have run [x]."""

SPOT_NOTED_LOG, SPOT_REFUSED_LOG = 0.004, 0.05
"""Stated and quote-implied prices further apart are noted, refused [log]."""


def clean(quotes: Quotes, *, session: date | None = None, spot: float | None = None) -> Chain:
    """Check a file's columns, drop what is not alive, solve what is missing.

    Parameters
    ----------
    quotes
        What a reader returned.
    session
        The session it must hold; None takes the file's.
    spot
        Price of the underlying in place of the file's.

    Raises
    ------
    ChainError
        Another session than asked for; no session; contradicting duplicates; no open
        interest; no price; no usable volatility; volatilities in unknown units.
    """
    day = _session(quotes, session)
    rows = _rows(quotes)
    rows, repeated = _without_repeats(rows)
    rows, dropped = _alive(rows, quotes.symbol, day)
    if not len(rows):
        raise ChainError(f"no contract of {quotes.symbol} is alive after {day}: {dict(dropped)}")
    _check_open_interest(rows, quotes.symbol, day)
    legs = _legs(rows, day)
    price = _price(quotes, spot, legs)
    carry = implied_carry(legs, price, european=quotes.symbol in EUROPEAN_FAMILIES)
    iv, solved, notes = volatilities(rows, legs, carry, price)
    measured = _measured(rows, iv, f"{quotes.symbol} chain of {day}")
    return Chain(
        symbol=quotes.symbol,
        spot=price,
        session=day,
        as_of=quotes.as_of,
        source=quotes.source,
        expiry=rows.contracts.expiry,
        strike=rows.contracts.strike,
        is_call=rows.contracts.is_call,
        open_interest=rows.open_interest,
        iv=iv,
        solved=solved,
        gamma=rows.gamma,
        bid=rows.bid,
        ask=rows.ask,
        root=rows.contracts.root,
        underlying=np.full(len(rows), quotes.symbol),
        years=legs.years,
        carry=carry.carry,
        rate=carry.rate,
        left_out=counted({"repeated_row": repeated, **dropped, **_unmeasured(rows, iv)}),
        oi_covered=float(rows.open_interest[measured].sum() / rows.open_interest.sum()),
        expiries_share=quotes.expiries_share,
        notes=quotes.notes + notes + _spot_notes(quotes, spot, price, carry.spot_gap),
    )


def _measured(rows: Rows, iv: Floats, name: str) -> Flags:
    """Return which contracts can be measured: open interest and a volatility."""
    measured = np.isfinite(iv) & (rows.open_interest > 0.0)
    if not measured.any():
        raise ChainError(
            f"no contract of the {name} has an implied volatility: zeros or placeholders, and no "
            "two-sided quotes to solve one from"
        )
    return measured


def _unmeasured(rows: Rows, iv: Floats) -> dict[str, int]:
    held = rows.open_interest > 0.0
    return {
        "no_open_interest": int((~held).sum()),
        "no_implied_volatility": int((held & ~np.isfinite(iv)).sum()),
    }


def _session(quotes: Quotes, wanted: date | None) -> date:
    found = quotes.session or wanted
    if found is None:
        raise ChainError("the file does not say when it was made; name its session with --session")
    if wanted is not None and found != wanted:
        raise ChainError(f"the file holds the session of {found}, not of {wanted}")
    if not is_session(found):
        raise ChainError(f"{found} is not a session of the New York exchange")
    return found


def _rows(quotes: Quotes) -> Rows:
    oi = np.nan_to_num(quotes.open_interest, nan=0.0)
    if (oi < 0.0).any():
        raise ChainError(f"open interest below zero ({oi.min():g}); the columns are out of place")
    return Rows(parse_osi(quotes.option), quotes.bid, quotes.ask, quotes.iv, quotes.gamma, oi)


def _check_open_interest(rows: Rows, symbol: str, day: date) -> None:
    """Refuse the chains that vendors send at night, before open interest is published."""
    held = int((rows.open_interest > 0.0).sum())
    if held == 0:
        raise ChainError(
            f"the {symbol} chain of {day} has no open interest at all, as chains "
            "fetched at night do; fetch it again after the exchange has published it"
        )
    if len(rows) >= ENOUGH_ROWS and held < LEAST_HELD * len(rows):
        raise ChainError(
            f"the {symbol} chain of {day} has open interest in {held} of {len(rows)} contracts "
            "only: it was fetched while the exchange was publishing; fetch it again"
        )


def _without_repeats(rows: Rows) -> tuple[Rows, int]:
    """Drop rows printed twice; two different rows for one contract are an error."""
    _, root = np.unique(rows.contracts.root, return_inverse=True)
    day = rows.contracts.expiry.astype(np.int64)
    key = ((root * 2 + rows.contracts.is_call) * 10**5 + day) * 10**9 + np.rint(
        rows.contracts.strike * 1000.0
    ).astype(np.int64)
    _, first, where = np.unique(key, return_index=True, return_inverse=True)
    if len(first) == len(rows):
        return rows, 0
    twin = first[where]
    if not (rows.open_interest == rows.open_interest[twin]).all():
        at = int(np.flatnonzero(rows.open_interest != rows.open_interest[twin])[0])
        contracts = rows.contracts
        raise ChainError(
            f"{contracts.root[at]} {contracts.expiry[at]} {contracts.strike[at]:g} appears twice "
            "with different open interest: two files were joined"
        )
    return rows.keep(_mask(first, len(rows))), len(rows) - len(first)


def _mask(index: NDArray[np.int64], size: int) -> Flags:
    flags = np.zeros(size, dtype=bool)
    flags[index] = True
    return flags


def _alive(rows: Rows, symbol: str, session: date) -> tuple[Rows, dict[str, int]]:
    """Keep standard contracts that still trade after the session's close."""
    contracts = rows.contracts
    roots = np.unique(contracts.root)
    ours = np.isin(contracts.root, [root for root in roots if _delivers(str(root), symbol)])
    expired = ours & (contracts.expiry <= np.datetime64(session, "D"))
    last_chance = contracts.expiry <= np.datetime64(session_after(session), "D")
    ceased = ours & ~expired & last_chance & np.isin(contracts.root, list(AM_SETTLED_ROOTS))
    reasons = {
        "adjusted_or_other_root": int((~ours).sum()),
        "expired": int(expired.sum()),
        "morning_settled_ceased_trading": int(ceased.sum()),
    }
    return rows.keep(ours & ~expired & ~ceased), reasons


def _delivers(root: str, symbol: str) -> bool:
    plain = "".join(letter for letter in symbol.upper() if letter.isalnum())
    return family(root) in (symbol, plain)


def _legs(rows: Rows, session: date) -> Legs:
    contracts = rows.contracts
    days = (contracts.expiry - np.datetime64(session, "D")).astype(np.float64)
    morning = np.isin(contracts.root, list(AM_SETTLED_ROOTS))
    with np.errstate(invalid="ignore"):
        two_sided = (rows.bid > 0.0) & (rows.ask >= rows.bid)
        two_sided &= rows.ask - rows.bid <= WIDEST_SPREAD * contracts.strike
    _, root = np.unique(contracts.root, return_inverse=True)
    return Legs(
        strike=contracts.strike,
        is_call=contracts.is_call,
        mid=np.where(two_sided, 0.5 * (rows.bid + rows.ask), np.nan),
        group=root * 10**5 + days.astype(np.int64),
        years=(days - np.where(morning, OPENING_LEAD_DAYS, 0.0)) / DAYS_A_YEAR,
    )


def _price(quotes: Quotes, given: float | None, legs: Legs) -> float:
    price = given or quotes.spot or implied_spot(legs)
    if price is None or not np.isfinite(price) or price <= 0.0:
        raise ChainError(
            f"the {quotes.symbol} file has no price of the underlying, and no two-sided quotes "
            "to imply one; give it with --spot"
        )
    if not legs.strike.min() / STRIKE_SLACK < price < legs.strike.max() * STRIKE_SLACK:
        raise ChainError(
            f"the price {price:g} lies outside the strikes {legs.strike.min():g} to "
            f"{legs.strike.max():g}: price and contracts belong to different files"
        )
    return float(price)


def _spot_notes(quotes: Quotes, given: float | None, price: float, gap: float) -> tuple[str, ...]:
    if given is None and quotes.spot is None:
        return (f"The file has no price of the underlying; quotes imply {price:.2f}.",)
    if abs(gap) > SPOT_REFUSED_LOG:
        raise ChainError(
            f"the stated price {price:g} is {-gap:+.1%} away from what the {quotes.symbol} quotes "
            "imply: price and contracts belong to different files"
        )
    if abs(gap) > SPOT_NOTED_LOG:
        return (
            f"The stated price {price:g} is {-gap:+.1%} away from what the quotes imply: "
            "it belongs to another hour than they do.",
        )
    return ()
