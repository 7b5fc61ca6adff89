"""The symbols of the demo market and how each one leans on the market's common moves.

Tickers, leverage and underlyings are facts. Prices, assets and volumes are round numbers of
the right order, made up for the demo.
"""

from __future__ import annotations

from typing import NamedTuple


class Traded(NamedTuple):
    """An index or fund: its first price and its loadings on the common moves.

    ``beta`` on the index, ``tech`` on the technology move, ``small`` on the small-company
    move, ``rates`` on the move of ten-year bonds and ``broad`` on patient buyers' preference
    for the whole list over its giants [x]; ``idio`` is the daily noise of its own
    [fraction]; ``volume_usd`` is zero for an index.
    """

    symbol: str
    price: float
    beta: float
    tech: float = 0.0
    small: float = 0.0
    broad: float = 0.0
    idio: float = 0.0
    volume_usd: float = 0.0
    rates: float = 0.0


TRADED = (
    Traded("^NDX", 11500.0, 1.28, 1.0, idio=0.0008),
    Traded("^RUT", 1750.0, 1.12, small=1.0, broad=0.6, idio=0.0006),
    Traded("^DJI", 31000.0, 0.80, -0.45, broad=0.3, idio=0.0020),
    Traded("SMH", 205.0, 1.60, 1.9, idio=0.0065, volume_usd=1.8e9),
    Traded("SOXX", 350.0, 1.60, 1.9, idio=0.0065, volume_usd=0.9e9),
    Traded("XLK", 128.0, 1.32, 1.15, idio=0.0022, volume_usd=1.6e9),
    Traded("XLC", 55.0, 1.02, 0.5, idio=0.0060, volume_usd=0.5e9),
    Traded("XLY", 140.0, 1.20, 0.35, broad=0.5, idio=0.0060, volume_usd=0.9e9),
    Traded("XLF", 32.0, 0.88, -0.5, 0.2, 0.4, 0.0055, 1.7e9),
    Traded("XLI", 88.0, 0.88, -0.4, 0.2, 0.4, 0.0045, 1.1e9),
    Traded("XLB", 74.0, 0.87, -0.5, 0.2, 0.4, 0.0065, 0.5e9),
    Traded("XLE", 72.0, 0.60, -0.6, 0.1, 0.2, 0.0140, 1.4e9),
    Traded("XLV", 128.0, 0.56, -0.5, idio=0.0065, volume_usd=1.2e9),
    Traded("XLP", 72.0, 0.40, -0.55, broad=-0.6, idio=0.0060, volume_usd=1.0e9),
    Traded("XLU", 70.0, 0.45, -0.55, broad=-0.7, idio=0.0090, volume_usd=1.0e9),
    Traded("XLRE", 41.0, 0.72, -0.5, broad=0.1, idio=0.0085, volume_usd=0.3e9),
    Traded("KRE", 60.0, 1.05, -0.6, 0.8, 0.4, 0.0130, 0.9e9),
    Traded("XBI", 78.0, 1.15, 0.0, 0.9, 0.2, 0.0140, 0.8e9),
    Traded("RSP", 135.0, 0.88, -0.35, 0.2, 1.0, 0.0014, 1.6e9),
    Traded("MTUM", 140.0, 1.06, 0.6, idio=0.0048, volume_usd=0.2e9),
    Traded("GVIP", 75.0, 1.15, 0.5, idio=0.0022, volume_usd=0.02e9),
    Traded("QUAL", 112.0, 1.0, 0.1, idio=0.0020, volume_usd=0.2e9),
    Traded("USMV", 70.0, 0.60, -0.3, broad=-0.3, idio=0.0040, volume_usd=0.2e9),
    Traded("SPLV", 62.0, 0.46, -0.5, broad=-0.4, idio=0.0055, volume_usd=0.2e9),
    Traded("SPHB", 63.0, 1.45, 0.7, 0.4, 0.4, 0.0055, 0.05e9),
    Traded("HYG", 74.0, 0.33, broad=0.35, idio=0.0010, volume_usd=3.0e9, rates=0.15),
    Traded("LQD", 110.0, 0.20, broad=0.25, idio=0.0012, volume_usd=2.3e9, rates=1.15),
    Traded("IEF", 102.0, 0.04, idio=0.0004, volume_usd=0.9e9, rates=1.0),
    Traded("TLT", 113.0, 0.08, idio=0.0030, volume_usd=3.3e9, rates=2.1),
    Traded("GLD", 170.0, 0.15, idio=0.0095, volume_usd=1.6e9),
)
"""Indices and funds beside the index itself."""

TRACKERS = (
    ("SPY", "^GSPC", 0.1, 36.0e9),
    ("IVV", "^GSPC", 0.1004, 2.6e9),
    ("VOO", "^GSPC", 0.0919, 3.2e9),
    ("QQQ", "^NDX", 0.0244, 21.0e9),
    ("IWM", "^RUT", 0.0992, 7.0e9),
    ("DIA", "^DJI", 0.01, 1.4e9),
)
"""Funds that hold an index: symbol, index, price as a share of the index, volume [USD]."""

CREATED = ("SPY", "IVV", "VOO", "QQQ")
"""The funds whose creations patient buyers use."""

SINGLES = ("NVDA", "AAPL", "MSFT", "AMZN", "GOOGL", "META", "TSLA", "AMD")
"""Members with leveraged funds of their own; the other members carry invented names."""

MEMBERS = 120

BASKET = (
    *("GME", "AMC", "BYND", "CVNA", "UPST", "AFRM", "MARA", "RIOT", "COIN", "MSTR"),
    *("PLUG", "LCID", "RIVN", "HOOD", "SOFI", "PTON", "CHWY", "W", "KSS", "RUN"),
)
"""A list of names that were heavily shorted in these years, per the press."""


class Leveraged(NamedTuple):
    """A leveraged or inverse fund: what it promises, and round made-up assets [USD]."""

    symbol: str
    leverage: float
    underlying: str
    bucket: str
    assets_usd: float


LEVERAGED = (
    Leveraged("TQQQ", 3.0, "^NDX", "NDX", 17e9),
    Leveraged("QLD", 2.0, "^NDX", "NDX", 6e9),
    Leveraged("SQQQ", -3.0, "^NDX", "NDX", 3e9),
    Leveraged("QID", -2.0, "^NDX", "NDX", 0.3e9),
    Leveraged("PSQ", -1.0, "^NDX", "NDX", 0.7e9),
    Leveraged("SPXL", 3.0, "^GSPC", "SPX", 4e9),
    Leveraged("UPRO", 3.0, "^GSPC", "SPX", 3e9),
    Leveraged("SSO", 2.0, "^GSPC", "SPX", 5e9),
    Leveraged("SPXU", -3.0, "^GSPC", "SPX", 0.6e9),
    Leveraged("SPXS", -3.0, "^GSPC", "SPX", 0.5e9),
    Leveraged("SDS", -2.0, "^GSPC", "SPX", 0.6e9),
    Leveraged("SH", -1.0, "^GSPC", "SPX", 1.4e9),
    Leveraged("TNA", 3.0, "^RUT", "RTY", 2e9),
    Leveraged("UWM", 2.0, "^RUT", "RTY", 0.3e9),
    Leveraged("TZA", -3.0, "^RUT", "RTY", 0.4e9),
    Leveraged("RWM", -1.0, "^RUT", "RTY", 0.2e9),
    Leveraged("UDOW", 3.0, "^DJI", "DJI", 0.7e9),
    Leveraged("SDOW", -3.0, "^DJI", "DJI", 0.3e9),
    Leveraged("SOXL", 3.0, "SOXX", "SEMI", 8e9),
    Leveraged("USD", 2.0, "SMH", "SEMI", 0.8e9),
    Leveraged("SOXS", -3.0, "SOXX", "SEMI", 0.8e9),
    Leveraged("TECL", 3.0, "XLK", "TECH", 3e9),
    Leveraged("ROM", 2.0, "XLK", "TECH", 0.7e9),
    Leveraged("TECS", -3.0, "XLK", "TECH", 0.1e9),
    Leveraged("FAS", 3.0, "XLF", "FIN", 2.2e9),
    Leveraged("FAZ", -3.0, "XLF", "FIN", 0.2e9),
    Leveraged("LABU", 3.0, "XBI", "BIO", 0.7e9),
    Leveraged("NVDL", 2.0, "NVDA", "SINGLE", 2e9),
    Leveraged("TSLL", 2.0, "TSLA", "SINGLE", 2.5e9),
    Leveraged("AMDL", 2.0, "AMD", "SINGLE", 0.5e9),
)
"""Leveraged and inverse equity funds of the demo."""

VOLATILITY = (
    ("UVXY", 1.5, 0.6e9),
    ("UVIX", 2.0, 0.3e9),
    ("VXX", 1.0, 0.5e9),
    ("VIXY", 1.0, 0.2e9),
    ("SVXY", -0.5, 0.3e9),
    ("SVIX", -1.0, 0.2e9),
)
"""Funds on VIX futures: symbol, leverage, round made-up assets [USD]."""
