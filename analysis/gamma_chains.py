"""What option chains say dealers had to trade, under three guesses at who holds what.

A hedger who is long gamma sells rallies and buys dips, one who is short of it does the
opposite; over a day with index return r the hedges take

    Q = -(G(open) + G(close)) / 2 * 100 r

where G is dollar gamma per 1 % at the spot where the day began and at the one where it
ended, of contracts that outlive the session, with last night's open interest. Nobody
outside knows the sign of a dealer's position in any contract, so the sum is made three
times, once for each convention. Dealers short of every option there is would be a bound, not
a book: in 2026 it calls for more than a day's whole volume after a 1.5 % move. So the range
of dollars runs over the other two, and only where all three give the same side: a flow whose
side hangs on an assumption has no dollars, only the three sums for a reader to see.

References
----------
Barbon, A. and Buraschi, A. (2021). Gamma Fragility. Working paper, SSRN 3725454.
Baltussen, G., Da, Z., Lammers, S. and Martens, M. (2021). Hedging demand and market
intraday momentum. Journal of Financial Economics 142(1).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market import Market

CONVENTIONS = ("naive", "short_calls", "all_short")
"""Who is assumed to hold what; the first is the one that is published everywhere."""

BOOKS = ("naive", "short_calls")
"""Conventions that a dealer's book could follow; the third is a bound."""

INDEX_CHAIN, FUND_CHAIN = "SPX", "SPY"
"""The index's own options must be there for a chain to speak; its fund's are added."""

INDEX_CHAIN_SHARE = 0.8
"""Part of the complex that SPX alone stands for."""

COMPLEXES = {"nasdaq": (("NDX", "QQQ"), "QQQ"), "small_cap": (("RUT", "IWM"), "IWM")}
"""Other indices' options, each against the dollar volume of its own fund."""

LEAST_FOR_RANK = 5
"""A rank among fewer earlier chains would be a coin."""


def chain_days(market: Market) -> pd.DataFrame:
    """Return what the S&P 500's chains say of each session; missing without an SPX chain.

    Returns
    -------
    shape (n_sessions, ...)
        ``flow_low_usd``, ``flow_mid_usd``, ``flow_high_usd``: the hedges' trade where the
        conventions agree on its side [USD]; ``hedge_<convention>_usd``, the trade that each
        gives by itself [USD]; ``day_gamma_usd_per_pct``, the naive
        gamma it came from; ``support`` [1/3 to 1], the share of conventions with the sign
        of the naive one, over the day, and ``support_tonight``, at the close;
        ``<convention>_usd_per_pct``, dollar gamma at the close;
        ``known_fraction`` of the complex and ``expiries_share`` of its expiries [0 to 1];
        ``rank`` [0 to 1] of naive gamma among the ``history`` earlier sessions with a whole
        chain; the expiring shares of gamma; what a vol
        point and a day make dealers trade [USD]; SPX's flip zone and largest strikes; other
        indices' gamma as a share of their own fund's dollar volume.
    """
    index, fund = _rows(market, INDEX_CHAIN), _rows(market, FUND_CHAIN)
    there = index["naive_usd_per_pct"].notna()
    days = _flows(index, fund, market.day_return)
    for name in CONVENTIONS:
        column = f"{name}_usd_per_pct"
        days[column] = index[column] + fund[column].fillna(0.0)
    days["support_tonight"] = _support(days[[f"{name}_usd_per_pct" for name in CONVENTIONS]])
    days["expiries_share"] = _expiries_share(index, fund)
    days["known_fraction"] = np.where(fund["naive_usd_per_pct"].notna(), 1.0, INDEX_CHAIN_SHARE)
    for share in ("expiring_le_1d", "expiring_le_5d"):
        days[share] = _gamma_weighted(share, index, fund)
    for flow in ("vanna_usd_per_vol_point", "charm_usd_per_day"):
        days[flow] = index[flow] + fund[flow].fillna(0.0)
    days[list(ZONE)] = index[list(ZONE)]
    whole = days["expiries_share"] == 1.0
    days["rank"], days["history"] = _own_history(days["naive_usd_per_pct"].where(whole))
    for name, (symbols, traded_by) in COMPLEXES.items():
        days[f"{name}_gamma_share"] = _share_of_volume(market, symbols, traded_by)
    return days.where(there)


ZONE = ("spot", "flip_low", "flip_mid", "flip_high", "call_strike", "put_strike", "oi_covered")
"""What is told of the index's own chain alone: levels of two underlyings do not add up."""

SUMMARY = (
    *(f"{name}{at}_usd_per_pct" for name in CONVENTIONS for at in ("", "_open")),
    "expiring_le_1d",
    "expiring_le_5d",
    "vanna_usd_per_vol_point",
    "charm_usd_per_day",
    *ZONE,
    "expiries_share",
)
"""Columns of `Market.gamma` beside date, known and symbol; ``_open`` is at the prior close."""


def _rows(market: Market, symbol: str) -> pd.DataFrame:
    """Return one chain's summaries by session, those that were known the same evening."""
    table = market.gamma
    if table.empty:
        return pd.DataFrame(float("nan"), index=market.sessions, columns=list(SUMMARY))
    mine = table[(table["symbol"] == symbol) & (table["known"] <= table["date"])]
    newest = mine.drop_duplicates("date", keep="last").set_index("date")
    return newest.reindex(index=market.sessions, columns=list(SUMMARY)).astype(float)


def _flows(index: pd.DataFrame, fund: pd.DataFrame, day_return: pd.Series) -> pd.DataFrame:
    """Return the hedges' trade under each convention, in order, and how far they agree."""
    gamma = pd.DataFrame(
        {name: _day_gamma(index, name) + _day_gamma(fund, name).fillna(0.0) for name in CONVENTIONS}
    )
    hedges = -gamma.mul(100.0 * day_return, axis="index")
    support = _support(gamma)
    settled = hedges[list(BOOKS)].where(support == 1.0)
    low, high = (settled.min(axis="columns"), settled.max(axis="columns"))
    return pd.DataFrame(
        {
            "flow_low_usd": low,
            "flow_mid_usd": settled["naive"],
            "flow_high_usd": high,
            **{f"hedge_{name}_usd": hedges[name] for name in CONVENTIONS},
            "day_gamma_usd_per_pct": gamma["naive"],
            "support": support,
        }
    )


def _expiries_share(index: pd.DataFrame, fund: pd.DataFrame) -> pd.Series:
    """Return the part of the expiries that both chains hold, the lesser of the two [0 to 1]."""
    shares = pd.DataFrame({"index": index["expiries_share"], "fund": fund["expiries_share"]})
    return shares.min(axis="columns").fillna(1.0)


def _support(gamma: pd.DataFrame) -> pd.Series:
    """Return the share of conventions (columns, the naive first) with the naive one's sign."""
    long = gamma > 0.0
    return long.eq(long.iloc[:, 0], axis="index").mean(axis="columns")


def _day_gamma(chain: pd.DataFrame, name: str) -> pd.Series:
    """Return the mean of gamma at the day's first and last spot [USD per 1 %].

    Where the prior close is not known the last spot stands alone.
    """
    close = chain[f"{name}_usd_per_pct"]
    return (chain[f"{name}_open_usd_per_pct"].fillna(close) + close) / 2.0


def _gamma_weighted(share: str, index: pd.DataFrame, fund: pd.DataFrame) -> pd.Series:
    """Return a share of gamma over both chains, weighted by their unsigned gamma."""
    unsigned_index = index["all_short_usd_per_pct"].abs()
    unsigned_fund = fund["all_short_usd_per_pct"].abs().where(fund[share].notna(), 0.0)
    total = unsigned_index + unsigned_fund
    return (index[share] * unsigned_index + fund[share].fillna(0.0) * unsigned_fund) / total


def _own_history(gamma: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the rank among earlier chain sessions and how many those are."""
    known = gamma.dropna()
    earlier = np.arange(len(known), dtype=float)
    below = known.expanding().rank(method="min") - 1.0
    rank = (below / np.maximum(earlier, 1.0)).where(earlier >= LEAST_FOR_RANK)
    return rank.reindex(gamma.index), pd.Series(earlier, known.index).reindex(gamma.index)


def _share_of_volume(market: Market, symbols: tuple[str, ...], traded_by: str) -> pd.Series:
    """Return gamma per 1 % over the fund's mean dollar volume of the 20 sessions before."""
    index, fund = (_rows(market, symbol)["naive_usd_per_pct"] for symbol in symbols)
    gamma = index.add(fund, fill_value=0.0)
    traded = market.closes(traded_by) * market.column(market.volume, traded_by)
    return gamma / traded.shift(1).rolling(20, min_periods=10).mean()
