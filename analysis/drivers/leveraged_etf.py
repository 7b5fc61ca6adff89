"""Leveraged and inverse ETFs must trade with the day's move before the close.

A fund that promises L times its index's daily return has to end the day with exposure L times
its new net assets. After a return r, that takes a trade in the direction of r whatever the
sign of L, so a 3x bull fund and a 3x bear fund both buy into a rally:

    trade = L * (L - 1) * A * r          [USD, above zero = buying]

with A the fund's net assets at the previous close and r its underlying's return, close to
close. Summed over the funds that trade US stocks this is *the identity*: no belief in it, only
arithmetic. All evidence below is the identity, before any investor's own money moves.

**What investors do.** Money F created or redeemed at the close adds L * F. Holders of these
funds tend to sell into gains, which cancels part of the trade. Share counts that would tell F
are published the morning after, so on the evening of the session no count can narrow the range
and none is used: it stays at 0.26, 0.90 and 1.00 times the identity.

**Which funds.** Index funds (Nasdaq-100, S&P 500, Russell 2000, Dow), sector funds
(semiconductors, technology, financials, and as "other" biotechnology, health care, energy, home
builders) and single-stock funds: all of them end up trading US shares. Funds on volatility,
bonds, coins and Chinese shares rebalance elsewhere and are left out; see `analysis.funds`.

**Assets**, best first: (a) the dated figure of the previous close; (b) the last figure rolled
forward, at most 252 sessions (bull funds by 1 + L * r, inverse funds held); (c) where the
assets of fewer than half of the listed funds are known, the published dollars per 1 % of the
S&P 500 times its return: a total, without buckets; (d) not known. (a) to (c) estimate one
quantity in one unit and are ranked as one history. Whatever neither an issuer nor the desk's
own record told at the time is a backcast, and the evidence says how much of the sum it is.

**Missing data.** A fund whose underlying has no return, nor its listed proxy, leaves the sum
and counts against coverage by its assets; a fund whose assets are not known counts as one of
average size. With no assets and no published sensitivity the flow is missing.

Pitfalls
--------
Assets age fast: a table half a year old has missed more than half of a desk's figure, so their
age counts against coverage. The underlying is the index, not a fund that tracks it: SPY's last
price is struck later than the index's. Dealers who carry the swaps may hedge before the close.
Leverage is that of the fund list's date, and some funds have changed theirs. The sensitivities
are per 1 % of the S&P 500 and so contain the funds' usual beta; the sum over funds is per 1 %
of each underlying. Before 2011 the oldest sensitivity is held, which is too large for funds
that were only starting.

References
----------
Cheng, M. and Madhavan, A. (2009). The Dynamics of Leveraged and Inverse Exchange-Traded Funds.
Journal of Investment Management 7(4).
Ivanov, I. and Lenkey, S. (2014). Are Concerns About Leveraged ETFs Overblown? Finance and
Economics Discussion Series 2014-106, Federal Reserve Board.
Tuzun, T. (2013). Are Leveraged and Inverse ETFs the New Portfolio Insurers? Finance and
Economics Discussion Series 2013-48, Federal Reserve Board.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.funds import (
    BUCKETS,
    FundAssets,
    published_sensitivity,
    rolled_assets,
    session_days,
    sum_known,
    underlying_returns,
    us_stock_funds,
)
from analysis.market import Market
from analysis.reading import INDEX_VOLUME, Driver, Fact, Grade, Input, Kind
from analysis.scoring import robust_z

FLOW_OFFSET = (0.26, 0.90, 1.00)
"""Share of the identity left after investors' own flows: low, mid, high.

The low end is a reduction by 74 %, the most that Ivanov and Lenkey (2014) found; the high end
is none. That a tenth is cancelled in between is a judgement: desk figures in the press put it at
6 % on 3 April 2025.
"""

LEAST_MOVE_TO_COMPARE = 0.005
"""A smaller move of the index is no yardstick for those of the funds' indices [fraction]."""

LEAST_KNOWN_FRACTION = 0.5
"""Below this share of funds with known assets, the published sensitivity speaks instead."""

BACKCAST_WORTH = 0.7
"""What an asset figure worked out afterwards counts for in coverage; a judgement."""

SENSITIVITY_WORTH = 0.4
"""What a total from the published sensitivities counts for in coverage; a judgement."""

BUCKET_NAMES = tuple(dict.fromkeys(BUCKETS.values()))


def rebalance_usd(
    leverage: pd.Series, prior_assets_usd: pd.DataFrame, underlying_return: pd.DataFrame
) -> pd.DataFrame:
    """Return what each fund must trade by the close to restore its leverage.

    Parameters
    ----------
    leverage : shape (n_funds,)
        The promised multiple L [x].
    prior_assets_usd : shape (n_sessions, n_funds)
        Net assets A at the previous close [USD]; missing where nobody knows.
    underlying_return : shape (n_sessions, n_funds)
        Return r of each fund's underlying since that close [fraction].

    Returns
    -------
    shape (n_sessions, n_funds)
        To buy (above zero) or to sell (below) [USD]. Missing stays missing.
    """
    return leverage * (leverage - 1.0) * prior_assets_usd * underlying_return


def measure(market: Market) -> pd.DataFrame:
    """Add up, session by session, what all funds had to trade.

    Returns
    -------
    shape (n_sessions, ...)
        The columns that `analysis.reading.Driver` names; missing where not known.
    """
    by_fund = from_funds(market)
    published = from_sensitivity(market).reindex(columns=by_fund.columns)
    half_known = by_fund["known_fraction"] >= LEAST_KNOWN_FRACTION
    trust_funds = half_known | published["usd_per_pct"].isna()
    chosen = {
        name: by_fund[name].where(trust_funds, published[name])
        for name in by_fund.columns.drop("known_fraction")
    }
    return _with_range(pd.DataFrame(chosen), market)


def from_funds(market: Market) -> pd.DataFrame:
    """Measure from each fund's own assets, one row a session.

    ``covered_fraction`` is the part of the funds that is in the sum: by number those with
    known assets, times by assets those with a return.
    """
    funds = us_stock_funds(market)
    returns, proxied = underlying_returns(market, funds)
    closing = rolled_assets(market, funds, returns)
    prior = FundAssets(
        usd=closing.usd.shift(1), day=closing.day.shift(1), backcast=closing.backcast.shift(1)
    )
    trades = rebalance_usd(funds["leverage"], prior.usd, returns)
    summed_usd = prior.usd.where(trades.notna())
    known_fraction = prior.usd.notna().sum(axis="columns") / max(len(funds), 1)
    by_number = returns.notna().sum(axis="columns") / max(len(funds), 1)
    by_assets = sum_known(summed_usd).fillna(0.0) / sum_known(prior.usd)
    returned = by_assets.fillna(by_number)
    backcast = _mean_of(prior.backcast, prior.usd)
    prior_close = pd.Series(session_days(market), market.sessions).shift(1)
    age = _mean_of(-prior.day.sub(prior_close, axis="index"), prior.usd)
    per_pct = rebalance_usd(funds["leverage"], summed_usd, returns.where(returns.isna(), 0.01))
    buckets = {
        f"bucket_{name}_usd": sum_known(trades.loc[:, funds["bucket"] == name])
        for name in BUCKET_NAMES
    }
    return pd.DataFrame(
        {
            "identity_usd": sum_known(trades),
            **buckets,
            "usd_per_pct": sum_known(per_pct),
            "assets_usd": sum_known(summed_usd),
            "covered_fraction": known_fraction * returned,
            "assets_age_days": age,
            "backcast_fraction": backcast,
            "proxied_fraction": sum_known(summed_usd.where(proxied)).fillna(0.0)
            / sum_known(summed_usd),
            "as_of_assets": _date(prior.day.max(axis="columns")),
            "source": _fund_source(backcast),
            "caveat": CAVEAT,
            "known_fraction": known_fraction,
            "has_assets": known_fraction * (1.0 - (1.0 - BACKCAST_WORTH) * backcast),
            "has_underlying": returned,
            "age_assets": age,
        }
    )


def from_sensitivity(market: Market) -> pd.DataFrame:
    """Measure from the published dollars per 1 % of the index: a total, without buckets."""
    published = published_sensitivity(market)
    identity_usd = published["usd_per_pct"] * market.day_return * 100.0
    return pd.DataFrame(
        {
            "identity_usd": identity_usd,
            "usd_per_pct": published["usd_per_pct"],
            "covered_fraction": np.nan,
            "assets_age_days": published["age_days"],
            "backcast_fraction": 1.0,
            "proxied_fraction": 0.0,
            "as_of_assets": _date(published["day"]),
            "source": "published dollars per 1 % of the index (backcast)",
            "caveat": SENSITIVITY_CAVEAT,
            "has_assets": SENSITIVITY_WORTH,
            "has_underlying": market.day_return.notna().astype(float),
            "age_assets": published["age_days"],
        },
        index=market.sessions,
    )


def _with_range(chosen: pd.DataFrame, market: Market) -> pd.DataFrame:
    low, mid, high = (chosen["identity_usd"] * left for left in FLOW_OFFSET)
    adv_usd = market.adv_usd()
    index_return = market.day_return.where(market.day_return.abs() >= LEAST_MOVE_TO_COMPARE)
    return chosen.assign(
        move_per_index=chosen["identity_usd"] / (chosen["usd_per_pct"] * 100.0 * index_return),
        flow_low_usd=np.minimum(low, high),
        flow_mid_usd=mid,
        flow_high_usd=np.maximum(low, high),
        share_of_adv=mid / adv_usd,
        z=robust_z(chosen["identity_usd"]),
        has_volume=adv_usd.notna().astype(float),
        age_volume=market.volume_age_days,
    )


def _mean_of(values: pd.DataFrame, weights: pd.DataFrame) -> pd.Series:
    return sum_known(values * weights) / sum_known(weights)


def _date(days: pd.Series) -> pd.Series:
    stamps = (days * 86_400.0).round().astype("Int64")
    return pd.to_datetime(stamps, unit="s").astype("datetime64[us]")


def _fund_source(backcast: pd.Series) -> pd.Series:
    told = np.select(
        [backcast == 0.0, backcast == 1.0, backcast.notna()],
        ["as published", "backcast", "partly backcast"],
        default="not known",
    )
    return pd.Series(
        [f"fund assets ({how}), closes of their underlyings" for how in told], index=backcast.index
    )


def _usd(key: str, label: str) -> Fact:
    return Fact(key=key, label=label, unit="USD", source="fund assets", source_column="source")


def _of_assets(key: str, label: str, unit: str) -> Fact:
    return Fact(
        key=key,
        label=label,
        unit=unit,
        source="fund assets",
        as_of="as_of_assets",
        source_column="source",
    )


CAVEAT = (
    "Assumes the assets of the previous close; money moving in or out of the funds can cancel "
    "part of it, and share counts that would show it come out the next morning."
)

SENSITIVITY_CAVEAT = (
    "The funds' assets of that time are not known here: the total is worked back from published "
    "figures of other dates, and nothing is known of its parts."
)

leveraged_etf = Driver(
    slug="leveraged_etf",
    title="Leveraged-ETF rebalancing",
    kind=Kind.MECHANICAL,
    grade=Grade.A,
    measure=measure,
    inputs=(
        Input(
            key="assets",
            weight=0.5,
            missing="assets of leveraged and inverse funds at the previous close",
            half_life_days=182.0,
        ),
        Input(key="underlying", weight=0.35, missing="closes of the funds' underlyings"),
        INDEX_VOLUME,
    ),
    facts=(
        _usd("identity_usd", "Needed before investors' own flows"),
        _usd("bucket_ndx_usd", "of it in Nasdaq-100 funds"),
        _usd("bucket_spx_usd", "of it in S&P 500 funds"),
        _usd("bucket_rty_usd", "of it in Russell 2000 funds"),
        _usd("bucket_dow_usd", "of it in Dow funds"),
        _usd("bucket_semis_usd", "of it in semiconductor funds"),
        _usd("bucket_tech_usd", "of it in technology funds"),
        _usd("bucket_financials_usd", "of it in financial funds"),
        _usd("bucket_single_stocks_usd", "of it in single-stock funds"),
        _usd("bucket_other_usd", "of it in other sector funds"),
        Fact(
            key="share_of_adv",
            label="Most likely flow over a normal day's trading in the index",
            unit="fraction",
            source="fund assets, dollar volume",
        ),
        _of_assets("usd_per_pct", "Traded for every 1 % of the underlyings", "USD"),
        _of_assets("move_per_index", "Move of the underlyings for each move of the index", "x"),
        _of_assets("assets_usd", "Assets of the funds in the sum", "USD"),
        _of_assets("covered_fraction", "Part of the listed funds in the sum", "fraction"),
        _of_assets("assets_age_days", "Mean age of the asset figures", "days"),
        _of_assets("backcast_fraction", "Part of the assets that is backcast", "fraction"),
        _of_assets("proxied_fraction", "Part of the sum measured by a proxy", "fraction"),
    ),
    caveat=CAVEAT,
)
