"""What the desk follows: the symbols its drivers read, and the funds and stocks behind them.

Tickers are facts and ship with the project; prices and holdings never do.
"""

from __future__ import annotations

from functools import cache

from analysis.funds import shipped_funds
from analysis.most_shorted import shipped_list
from analysis.sources.guard import AMBIGUOUS_TICKERS

INDICES = (
    *("^GSPC", "^VIX", "^NDX", "^RUT", "^VIX3M", "^VIX9D", "^VIX6M", "^VVIX", "^SKEW", "^VXN"),
    *("^DJI", "^SOX"),
)

FUNDS = (
    *("SPY", "QQQ", "IWM", "RSP", "HYG", "LQD", "IEF", "TLT", "DIA", "VOO", "IVV", "VTI"),
    *("XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY"),
    *("GVIP", "MTUM", "SPHB", "SPLV", "USMV", "QUAL", "VLUE", "KRE", "SMH", "XBI", "IGV"),
    *("VXX", "VIXY", "VIXM", "UVXY", "UVIX", "SVXY", "SVIX", "DBMF", "KMLM", "CTA"),
)

PROSHARES_FUNDS = (
    *("TQQQ", "QLD", "SSO", "SQQQ", "UPRO", "SPXU", "SDS", "SH", "PSQ", "QID", "UDOW", "SDOW"),
    *("URTY", "SRTY", "UWM", "TWM", "ROM", "USD", "DDM", "UVXY", "SVXY", "VIXY", "VIXM"),
)

CHAINS = ("_SPX", "SPY", "QQQ", "_NDX", "IWM", "_RUT")
"""Option chains in Cboe's spelling, the most needed first."""


@cache
def desk_symbols() -> tuple[str, ...]:
    """Return every symbol of the price file in Yahoo's spelling, the most needed first."""
    funds = shipped_funds()
    lists = [
        *(INDICES, FUNDS),
        *(funds.index, funds["underlying"], funds["proxy"]),
        shorted_symbols(),
    ]
    wanted = dict.fromkeys(str(symbol) for symbols in lists for symbol in symbols if symbol)
    return tuple(symbol for symbol in wanted if symbol not in AMBIGUOUS_TICKERS)


@cache
def shorted_symbols() -> tuple[str, ...]:
    """Return the basket's names that are still in it."""
    names = shipped_list()
    return tuple(dict.fromkeys(names["symbol"][names["until"].isna()]))
