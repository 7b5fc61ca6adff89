"""The causes laid out as the panels and tables of a `Market`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market import INDEX, Market, SourceNote
from analysis.simulate import book, funds, positioning, prices, volatility
from analysis.simulate.arrays import Floats, stream
from analysis.simulate.funds import Funds
from analysis.simulate.members import Members
from analysis.simulate.prices import Bars
from analysis.simulate.universe import (
    BASKET,
    LEVERAGED,
    MEMBERS,
    SINGLES,
    TRACKERS,
    TRADED,
    VOLATILITY,
)
from analysis.simulate.world import World

FIRST_INDEX = 3900.0
STALE_DAYS = 5
QUOTED_DIGITS = 4
FUND_TURNOVER = 0.08
"""Daily turnover of leveraged and volatility funds [share of assets]."""

BASKET_USD = 0.35e9
"""Usual dollar volume of a most-shorted name, made up [USD]."""


def underlying_bars(world: World, listed: Members) -> Bars:
    """Return bars of the index, the funds and indices, the basket and the named members."""
    traded = prices.traded_returns(world.seed, world.commons, world.desks)
    symbols = tuple(one.symbol for one in TRADED)
    small = traded[:, symbols.index("^RUT")]
    basket = prices.basket_returns(world.seed, small, world.desks, world.commons.heat)
    named = listed.log_return[:, : len(SINGLES)]
    first = np.concatenate(
        [
            np.array([FIRST_INDEX, *(one.price for one in TRADED)]),
            prices.first_basket_prices(world.seed),
            listed.close[0, : len(SINGLES)],
        ]
    )
    returns = np.column_stack([world.commons.index, traded, basket, named])
    every = (INDEX, *symbols, *BASKET, *SINGLES)
    return prices.bars(world.seed, every, first, returns, world.desks)


def tracker_bars(seed: int, plain: Bars) -> Bars:
    """Return bars of the funds that hold an index, a hair beside the index itself."""
    columns = [plain.symbols.index(index) for _, index, _, _ in TRACKERS]
    share = np.array([share for _, _, share, _ in TRACKERS])
    hair = np.exp(2e-4 * stream(seed, "trackers").standard_normal((len(plain.close), len(columns))))
    parts = (part[:, columns] * share * hair for part in _parts(plain))
    return Bars(tuple(symbol for symbol, _, _, _ in TRACKERS), *parts)


def fund_bars(world: World, leveraged: Funds) -> Bars:
    """Return bars of the leveraged funds and of the funds on VIX futures."""
    futures = volatility.futures_return(world.seed, world.vix_shock)
    leverage = np.array([leverage for _, leverage, _ in VOLATILITY])
    close = np.column_stack([leveraged.price, volatility.fund_prices(futures, leverage)])
    returns = np.diff(np.log(close), axis=0, prepend=np.log(close[:1]))
    symbols = (*leveraged.symbols, *(symbol for symbol, _, _ in VOLATILITY))
    return prices.bars(world.seed + 1, symbols, close[0], returns, world.desks)


def index_bars(world: World) -> Bars:
    """Return bars of the volatility indices; their open and range are quotes, and rough."""
    close = np.column_stack(list(world.vix.values()))
    before = np.vstack([close[:1], close[:-1]])
    drawn = stream(world.seed, "vix bars").standard_normal((3, *close.shape))
    opens = before * np.exp(0.3 * np.log(close / before) + 0.015 * drawn[0])
    high = np.maximum(opens, close) * np.exp(0.02 * np.abs(drawn[1]))
    low = np.minimum(opens, close) * np.exp(-0.02 * np.abs(drawn[2]))
    return Bars(tuple(world.vix), opens, high, low, close)


def fund_returns(plain: Bars) -> Floats:
    """Return simple returns of each leveraged fund's underlying, by session and fund."""
    columns = [plain.symbols.index(fund.underlying) for fund in LEVERAGED]
    close = plain.close[:, columns]
    return np.vstack([np.zeros((1, len(columns))), close[1:] / close[:-1] - 1.0])


def lay_out(world: World, listed: Members, plain: Bars, leveraged: Funds) -> Market:
    """Return the market that shows these causes, marked as simulated."""
    days = world.sessions
    own_funds = fund_bars(world, leveraged)
    every = _joined(plain, tracker_bars(world.seed, plain), own_funds, index_bars(world))
    volume = _volume(world, every, leveraged)
    return Market(
        sessions=days,
        open=priced(every.open, days, every.symbols),
        high=priced(every.high, days, every.symbols),
        low=priced(every.low, days, every.symbols),
        close=priced(every.close, days, every.symbols),
        volume=volume,
        relative_volume=pd.DataFrame(
            prices.over_median(volume.to_numpy()), index=days, columns=volume.columns
        ),
        member_close=priced(listed.close, days, listed.symbols),
        member_volume=frame(listed.volume, days, listed.symbols),
        breadth=_breadth(listed, days),
        fund_assets_usd=frame(np.round(leveraged.assets_usd), days, leveraged.symbols),
        fund_assets_quality=frame(
            np.full(leveraged.assets_usd.shape, "issuer", dtype=object), days, leveraged.symbols
        ),
        fund_shares=_shares(world, leveraged, own_funds),
        fund_flows_usd=positioning.creations(world.seed, days, world.desks),
        short_interest=positioning.short_interest(
            world.seed, days, _closes_of(plain, BASKET), world.desks
        ),
        dix=positioning.dark_pool(world.seed, days, world.gamma),
        cot=positioning.traders(world.seed, days, world.path.move),
        put_call=positioning.put_call(world.seed, days, world.path.move),
        gamma=book.chain_summaries(world.seed, days, world.gamma, plain.close[:, 0]),
        leveraged_funds=_leveraged_list(),
        leveraged_sensitivity=_sensitivity(leveraged, days),
        most_shorted=_most_shorted(days),
        notes=(SourceNote(name="demo", as_of=days[-1], stale_days=STALE_DAYS),),
        simulated=True,
    )


def priced(values: Floats, days: pd.DatetimeIndex, symbols: tuple[str, ...]) -> pd.DataFrame:
    """Label prices, quoted to a hundredth of a cent.

    Rounding also hides the last bit, in which one machine's exponential differs from
    another's: the market is the same everywhere.
    """
    return frame(np.round(values, QUOTED_DIGITS), days, symbols)


def frame(values: Floats, days: pd.DatetimeIndex, symbols: tuple[str, ...]) -> pd.DataFrame:
    """Label an array with its sessions and symbols."""
    return pd.DataFrame(values, index=days, columns=pd.Index(symbols, dtype=str))


def _closes_of(some: Bars, symbols: tuple[str, ...]) -> Floats:
    return some.close[:, [some.symbols.index(symbol) for symbol in symbols]]


def _parts(some: Bars) -> tuple[Floats, Floats, Floats, Floats]:
    return some.open, some.high, some.low, some.close


def _joined(*some: Bars) -> Bars:
    symbols = tuple(symbol for bars in some for symbol in bars.symbols)
    return Bars(symbols, *(np.column_stack(part) for part in zip(*map(_parts, some), strict=True)))


def _volume(world: World, every: Bars, leveraged: Funds) -> pd.DataFrame:
    """Return shares traded of everything that trades: indices have none."""
    usual = {one.symbol: one.volume_usd for one in TRADED if one.volume_usd > 0.0}
    usual |= {symbol: volume for symbol, _, _, volume in TRACKERS}
    usual |= dict.fromkeys(BASKET, BASKET_USD)
    assets = np.median(leveraged.assets_usd, axis=0)
    usual |= {
        symbol: FUND_TURNOVER * median
        for symbol, median in zip(leveraged.symbols, assets, strict=True)
    }
    usual |= {symbol: FUND_TURNOVER * assets_usd for symbol, _, assets_usd in VOLATILITY}
    columns = [every.symbols.index(symbol) for symbol in usual]
    close = every.close[:, columns]
    returns = np.diff(np.log(close), axis=0, prepend=np.log(close[:1]))
    traded = prices.volumes(world.seed, close, np.array(list(usual.values())), returns, world.level)
    return frame(traded, world.sessions, tuple(usual))


def _shares(world: World, leveraged: Funds, own_funds: Bars) -> pd.DataFrame:
    leverage = np.array([leverage for _, leverage, _ in VOLATILITY])
    first_usd = np.array([assets_usd for _, _, assets_usd in VOLATILITY])
    price = own_funds.close[:, len(LEVERAGED) :]
    volatile = funds.volatility_shares(world.seed, first_usd, leverage, price, world.desks)
    return positioning.long_table(
        world.sessions,
        own_funds.symbols,
        "shares",
        np.column_stack([leveraged.shares, volatile]),
        1,
    )


def _breadth(listed: Members, days: pd.DatetimeIndex) -> pd.DataFrame:
    up = (listed.log_return > 0.0).sum(axis=1).astype(float)
    return pd.DataFrame(
        {"advancers": up, "decliners": MEMBERS - up, "members": float(MEMBERS)},
        index=days,
    )


def _most_shorted(days: pd.DatetimeIndex) -> pd.DataFrame:
    until = pd.Series(pd.NaT, index=range(len(BASKET)))
    return pd.DataFrame({"symbol": BASKET, "since": days[0], "until": until})


def _leveraged_list() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "leverage": [fund.leverage for fund in LEVERAGED],
            "underlying": [fund.underlying for fund in LEVERAGED],
            "bucket": [fund.bucket for fund in LEVERAGED],
            "proxy": ["" for _ in LEVERAGED],
        },
        index=pd.Index([fund.symbol for fund in LEVERAGED], name="ticker", dtype=str),
    )


def _sensitivity(leveraged: Funds, days: pd.DatetimeIndex) -> pd.DataFrame:
    leverage = np.array([fund.leverage for fund in LEVERAGED])
    per_pct = leveraged.assets_usd[[0, len(days) // 2]] @ (leverage * (leverage - 1.0)) * 0.01
    return pd.DataFrame({"date": days[[0, len(days) // 2]], "usd_per_pct": np.round(per_pct, -7)})
