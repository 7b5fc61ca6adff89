"""A small made-up chain, and the same chain as each vendor would print it."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analysis.options.chain import Chain

SPOT = 5000.0
SESSION = date(2024, 1, 5)
"""A Friday."""
EXPIRIES = (date(2024, 1, 5), date(2024, 1, 8), date(2024, 1, 19), date(2024, 3, 15))
STRIKES = tuple(float(strike) for strike in range(4000, 6001, 50))
VOLATILITY = 0.2


@dataclass(frozen=True)
class Contract:
    """One made-up contract with everything a vendor prints."""

    option: str
    expiry: date
    is_call: bool
    strike: float
    bid: float
    ask: float
    iv: float
    gamma: float
    open_interest: int


def black_scholes(spot: float, strike: float, years: float, iv: float, is_call: bool) -> float:
    """Price without rates, by the textbook."""
    d1 = (math.log(spot / strike) + 0.5 * iv * iv * years) / (iv * math.sqrt(years))
    d2 = d1 - iv * math.sqrt(years)

    def cdf(x: float) -> float:
        return 0.5 * math.erfc(-x / math.sqrt(2.0))

    call = spot * cdf(d1) - strike * cdf(d2)
    return call if is_call else call - spot + strike


def contracts(root: str = "SPXW", session: date = SESSION) -> list[Contract]:
    """Return calls and puts on 41 strikes and four expiries, the first of them the session."""
    made = []
    for expiry in EXPIRIES:
        years = max((expiry - session).days, 0.01) / 365.0
        for place, strike in enumerate(STRIKES):
            for is_call in (True, False):
                price = black_scholes(SPOT, strike, years, VOLATILITY, is_call)
                deviation = VOLATILITY * math.sqrt(years)
                d1 = math.log(SPOT / strike) / deviation + 0.5 * deviation
                gamma = math.exp(-0.5 * d1 * d1) / math.sqrt(2 * math.pi) / (SPOT * deviation)
                right = "C" if is_call else "P"
                made.append(
                    Contract(
                        option=f"{root}{expiry:%y%m%d}{right}{round(strike * 1000):08d}",
                        expiry=expiry,
                        is_call=is_call,
                        strike=strike,
                        bid=round(max(price - 0.05, 0.0), 2),
                        ask=round(price + 0.05, 2),
                        iv=VOLATILITY,
                        gamma=round(gamma, 4),
                        open_interest=100 + 7 * place + (50 if is_call else 0),
                    )
                )
    return made


ENGLISH = '"Date: January 5, 2024 at 4:31 PM EST"'
HEADER = "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike"
HEADER += ",Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest"


def quotedata(
    rows: Sequence[Contract],
    stated: str = ENGLISH,
    spot: str = "5000.00",
) -> str:
    """Print contracts as Cboe's quote table."""
    lines = [
        "",
        f"S&P 500 INDEX,Last: {spot},Change:  8.56",
        f"{stated},Bid: 4999.10,Ask: 5000.90,Size: 1*1,Volume: 0",
        HEADER,
    ]
    puts = {(row.expiry, row.strike): row for row in rows if not row.is_call}
    for call in (row for row in rows if row.is_call):
        put = puts[call.expiry, call.strike]
        cells = [f"{call.expiry:%a %b %d %Y}", *_side(call), f"{call.strike:.2f}", *_side(put)]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def _side(row: Contract) -> list[str]:
    numbers = (0, 0, row.bid, row.ask, 3, row.iv, 0.5, row.gamma, row.open_interest)
    return [row.option, *(f"{number:g}" for number in numbers)]


def cboe_json(rows: Sequence[Contract], **underlying: object) -> bytes:
    """Print contracts as Cboe's delayed-quotes answer, after the close of the session."""
    data: dict[str, Any] = {
        "options": [
            {
                "option": row.option,
                "bid": row.bid,
                "ask": row.ask,
                "iv": row.iv,
                "open_interest": float(row.open_interest),
                "gamma": row.gamma,
            }
            for row in rows
        ],
        "symbol": "^SPX",
        "current_price": SPOT + 3.0,
        "close": SPOT,
        "last_trade_time": "2024-01-05T16:14:59",
    }
    data |= underlying
    return json.dumps({"timestamp": "2024-01-05 22:52:31", "data": data}).encode()


def quote_list(rows: Sequence[Contract], updated: str = "2024-01-06T09:50:09-05:00") -> bytes:
    """Print contracts as the single-name lists do."""
    quotes = [
        {
            "symbol": row.option,
            "bid": row.bid,
            "ask": row.ask,
            "iv": row.iv,
            "gamma": row.gamma,
            "openInterest": float(row.open_interest),
        }
        for row in rows
    ]
    answer = {"symbol": "SPX", "updated": updated, "underlyingPrice": SPOT, "quotes": quotes}
    return json.dumps(answer).encode()


def tidy_csv(
    rows: Sequence[Contract],
    labelled: str = "2024-01-05",
    last_trade: str = "2024-01-05T16:14:59",
) -> str:
    """Print contracts as the tidy table of a market folder."""
    lines = ["session_date,ticker,option,bid,ask,open_interest,iv,gamma,last_trade_time"]
    for row in rows:
        numbers = f"{row.bid:g},{row.ask:g},{row.open_interest},{row.iv:g},{row.gamma:g}"
        lines.append(f"{labelled},_SPX,{row.option},{numbers},{last_trade}")
    return "\n".join(lines) + "\n"


def yahoo_frame(rows: Sequence[Contract]) -> pd.DataFrame:
    """Return contracts as one of yfinance's frames has them."""
    return pd.DataFrame(
        {
            "contractSymbol": [row.option for row in rows],
            "strike": [row.strike for row in rows],
            "bid": [row.bid for row in rows],
            "ask": [row.ask for row in rows],
            "openInterest": [row.open_interest for row in rows],
            "impliedVolatility": [row.iv for row in rows],
        }
    )


def chain(rows: Sequence[tuple[float, bool, float, float]], **changes: object) -> Chain:
    """Build a chain by hand: (strike, is_call, open interest, days to expiry) per contract.

    Volatility is 20 %, spot 100, no rates, unless changed.
    """
    strike, is_call, open_interest, days = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    made: dict[str, Any] = {
        "symbol": "TEST",
        "spot": 100.0,
        "session": SESSION,
        "as_of": "2024-01-05T21:31:00Z",
        "source": "made up",
        "expiry": np.array([SESSION + timedelta(int(d)) for d in days], dtype="M8[D]"),
        "strike": strike.astype(float),
        "is_call": is_call.astype(bool),
        "open_interest": open_interest.astype(float),
        "iv": np.full(n, VOLATILITY),
        "gamma": np.full(n, np.nan),
        "bid": np.full(n, np.nan),
        "ask": np.full(n, np.nan),
        "root": np.full(n, "TEST"),
        "underlying": np.full(n, "TEST"),
        "years": days / 365.0,
        "carry": np.zeros(n),
        "rate": 0.0,
        "left_out": {},
        "oi_covered": 1.0,
    }
    return Chain(**(made | changes))
