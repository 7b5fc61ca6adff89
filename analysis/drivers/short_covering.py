"""Short covering: heavily shorted shares rose more than their usual share of the market's move.

Whoever sold shares short must buy them back to get out. Nobody reports that on the day; what
shows is the price. A basket of heavily shorted US names, equally weighted, is compared with
small companies, with which it moves anyway:

    excess = R_basket - beta * R_IWM,   z_basket = excess / (1.4826 * median |excess|)

beta and the median come from the 60 sessions before the day. Above zero shorts were bought
back; below zero the shorted names were pressed, which is selling. The sign is the basket's
own: on 2021-01-27 the index fell 2.6 % while shorts were squeezed, and that reads as buying.
Turn the day's returns over and the excess turns over with them.

Two things tilt the reading and never turn it:

    z = z_basket * (0.5 + state) * (1 + 0.2 * degrossing)

- state in [0, 1], 0.5 where nothing is known: are there shorts to cover? The mean rank, over
  three years, of the index's 20-session drawdown the evening before (new shorts are laid on
  the way down), of the basket's days to cover, and with half the weight of leveraged funds'
  net short futures (they are mostly hedges, so state at most, never proof).
- degrossing in [-1, 1]: funds that cut risk cover shorts and sell their favourites together.
  The favourites (GVIP, else MTUM) minus SPY, in its own usual size, against the sign of the
  basket: below zero on a day of squeezed shorts confirms, above zero speaks against.

Without a basket, the excess of small companies over SPY stands in, as a series of its own;
its z is held to 1.386, so that the score cannot pass 0.6.

Dollars, only where short interest of the basket is published: SI$ = sum of shares short times
price, and the part of it covered

    phi = (1 %, 3.2 %, 10 %) * tanh(|z| / 2),   flow = sign(z) * phi * SI$

One per cent is about what a desk saw of all single-name shorts, ten per cent what it saw of
its own most-shorted basket, on 2021-11-03; the mid is their geometric mean, because the two
differ by a factor and not by a sum. Evidence near zero yields dollars near zero.

Units: returns and excess are fractions, beta and z are multiples, dollars are USD.

Missing data: a name counts from its ``since`` to its ``until`` and only with both closes; the
basket needs five names. Short interest counts from its publication, seven to nine business
days after settlement; before that there are no dollars and the price evidence stands alone.

Pitfalls: the list is chosen in hindsight, so its past is a backcast. A basket also outruns
small companies on lottery buying, an election, a vaccine, a takeover of one name. Adjusted
closes put a reverse split's short interest at the wrong price until the next report. FINRA's
daily short volume is not short interest and is not used.

References
----------
Hong, H., Li, F., Ni, S., Scheinkman, J. and Yan, P. (2015). Days to Cover and Stock Returns.
NBER Working Paper 21166.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.fund_changes import newest_total
from analysis.market import Market
from analysis.most_shorted import membership, shipped_list
from analysis.reading import Driver, Fact, Grade, Input, Kind
from analysis.scoring import past_rank
from analysis.short_interest_calendar import confirmation_dates
from analysis.statistics import (
    known_by_symbol,
    prior_beta,
    prior_scale,
    row_mean,
    row_sum,
    weighted_mean,
)

SMALL_COMPANIES = "IWM"
BROAD_FUND = "SPY"

FAVOURITES = ("GVIP", "MTUM")
"""Funds of what hedge funds crowd into, best first."""

BETA_SESSIONS = 60
"""A quarter: the memory of the basket's slope on small companies."""

LEAST_SESSIONS = 40
"""Known sessions that the slope and the usual size need, of 60."""

LEAST_NAMES = 5
"""Fewer names than this are stories, not a basket."""

DRAWDOWN_SESSIONS = 20
"""Shorts are put on within a month or so of a high."""

FAVOURITES_SESSIONS = 252
"""A year: the memory of the favourites' usual spread."""

DEGROSSING_TILT = 0.2
"""How far the favourites can tilt the reading: they confirm, the basket speaks."""

FUTURES_WEIGHT = 0.5
"""Leveraged funds' futures against the other two marks of state: mostly basis trades."""

PROXY_LIMIT = 2.0 * float(np.arctanh(0.6))
"""Without a basket |z| stops here, where the score tanh(z / 2) is 0.6."""

BETA_RANGE_SESSIONS = 252
"""A year, over which the multiple itself is seen to wander: from 1.1 to 2.4 up to April 2025."""

COVERED_FRACTION = (0.01, 0.01**0.5 * 0.1**0.5, 0.10)
"""Low, mid, high part of the short position bought back when the evidence is overwhelming."""

INDEX_FUTURES = ("SPX", "ES")
"""Names under which the S&P 500 stands in the table of traders in futures."""

LEAST_PRINTS = 252
"""Sessions with published short interest before days to cover can be ranked."""

CAVEAT = "An inference from prices: nobody reports covering on the day."
PROXY_CAVEAT = "Small companies stand in for the shorted names, whose prices are not known. "


def basket_return(market: Market) -> pd.DataFrame:
    """Return the equal-weight return of the heavily shorted names by session.

    Returns
    -------
    shape (n_sessions, 3)
        ``basket_return`` [fraction], missing under five known names; ``basket_names``
        that were known, and ``listed_names`` that the list held that session [count].
    """
    inside = membership(names_of(market), market.sessions)
    closes = pd.DataFrame({name: market.closes(str(name)) for name in inside.columns})
    returns = closes.pct_change(fill_method=None).where(inside)
    count = returns.notna().sum(axis="columns").astype(float)
    return pd.DataFrame(
        {
            "basket_return": row_mean(returns).where(count >= LEAST_NAMES),
            "basket_names": count,
            "listed_names": inside.sum(axis="columns").astype(float),
        }
    )


def names_of(market: Market) -> pd.DataFrame:
    """Return the market's own list of shorted names, or the one that ships."""
    return shipped_list() if market.most_shorted.empty else market.most_shorted


def beta_adjusted(returns: pd.Series, factor: pd.Series) -> pd.DataFrame:
    """Return what a return adds to its usual share of a factor's.

    Returns
    -------
    shape (n_sessions, 3)
        ``beta`` over the 60 sessions before [x], ``excess`` return [fraction] and its size
        ``z`` against the 60 sessions before [robust standard deviations]. ``excess`` and
        ``z`` change sign with the day's returns.
    """
    beta = prior_beta(returns, factor, window=BETA_SESSIONS, least=LEAST_SESSIONS)
    excess = returns - beta * factor
    scale = prior_scale(excess, window=BETA_SESSIONS, least=LEAST_SESSIONS)
    return pd.DataFrame({"beta": beta, "excess": excess, "z": excess / scale})


def covered_usd(z: pd.Series, short_interest_usd: pd.Series) -> pd.DataFrame:
    """Return the dollars bought back (or sold anew) that the evidence allows [USD].

    sign(z) * (1 %, 3.2 %, 10 %) * tanh(|z| / 2) of the short position, in order as numbers;
    missing where the position or the reading is.
    """
    flow = np.tanh(z / 2.0) * short_interest_usd
    small, mid, large = (fraction * flow for fraction in COVERED_FRACTION)
    return pd.DataFrame(
        {
            "flow_low_usd": np.minimum(small, large),
            "flow_mid_usd": mid,
            "flow_high_usd": np.maximum(small, large),
        }
    )


def measure(market: Market) -> pd.DataFrame:
    """Read, session by session, whether shorts were bought back or pressed."""
    basket = basket_return(market)
    small = market.returns(SMALL_COMPANIES)
    broad = market.returns(BROAD_FUND)
    shorted = beta_adjusted(basket["basket_return"], small)
    proxy = beta_adjusted(small, broad)
    favourites = _favourites(market, broad)
    state = _state(market)
    direct = shorted["z"].notna()
    evidence = shorted["z"].where(direct, proxy["z"])
    tilted = evidence * (0.5 + state["state"].fillna(0.5)) * _degrossing(evidence, favourites)
    sheet = pd.concat([basket, favourites, state], axis="columns", sort=False)
    sheet["z"] = tilted.where(direct, tilted.clip(-PROXY_LIMIT, PROXY_LIMIT))
    sheet["series"] = np.where(direct, "basket", "small_companies")
    sheet["basket_excess_return"] = shorted["excess"]
    sheet["basket_beta"] = shorted["beta"]
    year = shorted["beta"].rolling(BETA_RANGE_SESSIONS, min_periods=LEAST_SESSIONS)
    sheet["basket_beta_low"], sheet["basket_beta_high"] = year.min(), year.max()
    sheet["basket_z"] = shorted["z"]
    sheet["small_companies_return"] = small
    sheet["basket_source"] = _basket_source(market)
    sheet = pd.concat(
        [sheet, covered_usd(sheet["z"], state["short_interest_usd"])], axis="columns", sort=False
    )
    sheet["share_of_adv"] = sheet["flow_mid_usd"] / market.adv_usd()
    caveat = _caveats(market.sessions)
    sheet["caveat"] = caveat.where(direct, PROXY_CAVEAT + caveat)
    return pd.concat([sheet, _knowledge(sheet, small)], axis="columns", sort=False)


def _favourites(market: Market, broad: pd.Series) -> pd.DataFrame:
    """Return the favourites minus SPY, and the fund that stood for them."""
    spread = pd.Series(np.nan, index=market.sessions)
    fund = pd.Series("", index=market.sessions, dtype=object)
    for symbol in FAVOURITES:
        own = market.returns(symbol) - broad
        fund = fund.where(spread.notna() | own.isna(), symbol)
        spread = spread.fillna(own)
    return pd.DataFrame(
        {
            "favourites_spread_return": spread,
            "favourites_source": fund + " and SPY, close",
            "favourites_z": spread
            / prior_scale(spread, window=FAVOURITES_SESSIONS, least=LEAST_SESSIONS),
        }
    )


def _degrossing(evidence: pd.Series, favourites: pd.DataFrame) -> pd.Series:
    """Return the tilt of favourites that went against the shorted names [x]."""
    lag: pd.Series = -(favourites["favourites_z"] * np.sign(evidence)).clip(-1.0, 1.0)
    return 1.0 + DEGROSSING_TILT * lag.fillna(0.0)


def _state(market: Market) -> pd.DataFrame:
    """Say whether there are shorts to cover, from what was known before the day."""
    index = market.closes("^GSPC")
    peak = index.rolling(DRAWDOWN_SESSIONS, min_periods=DRAWDOWN_SESSIONS // 2).max()
    drawdown = (index / peak - 1.0).shift(1)
    shorts = _short_interest(market)
    futures = _futures(market)
    state = weighted_mean(
        [
            (1.0, past_rank(-drawdown)),
            (1.0, past_rank(shorts["days_to_cover"], least=LEAST_PRINTS)),
            (FUTURES_WEIGHT, past_rank(-futures["futures_net_fraction"])),
        ]
    )
    return pd.concat(
        [
            state.rename("state"),
            drawdown.rename("drawdown_return"),
            shorts,
            futures,
        ],
        axis="columns",
        sort=False,
    )


def _short_interest(market: Market) -> pd.DataFrame:
    """Return the basket's published short position, its change and its days to cover."""
    inside = membership(names_of(market), market.sessions)
    symbols = [str(name) for name in inside.columns]
    table = market.short_interest
    shares = known_by_symbol(table, "shares", symbols, market.sessions).where(inside)
    closes = pd.DataFrame({name: market.closes(name) for name in symbols})
    volumes = pd.DataFrame({name: market.column(market.volume, name) for name in symbols})
    usual = volumes.shift(1).rolling(DRAWDOWN_SESSIONS, min_periods=DRAWDOWN_SESSIONS // 2).mean()
    position = shares * closes
    traded = (usual * closes).where(position.notna())
    newest = newest_total(table, "shares", symbols, market.sessions)
    priced = position.notna().sum(axis="columns")
    return pd.DataFrame(
        {
            "short_interest_usd": row_sum(position),
            "short_interest_date": newest["as_of"],
            "days_to_cover": row_sum(position.where(traded.notna())) / row_sum(traded),
            "has_short_interest": priced / inside.sum(axis="columns").clip(lower=1),
        }
    )


def _futures(market: Market) -> pd.DataFrame:
    """Return leveraged funds' net S&P 500 futures as a part of open interest."""
    table = market.cot
    if len(table):
        table = table[table["market"].isin(INDEX_FUTURES)]
    known = market.known(table, ["lev_long", "lev_short", "open_interest"])
    net = (known["lev_long"] - known["lev_short"]) / known["open_interest"]
    return pd.DataFrame({"futures_net_fraction": net, "futures_date": known["date"]})


def _basket_source(market: Market) -> str:
    """Name the list the basket rests on, and that it is a backcast."""
    origin = "the project's own list" if market.most_shorted.empty else "the market's list"
    return f"closing prices of {origin}, chosen in hindsight (backcast)"


def _caveats(sessions: pd.DatetimeIndex) -> pd.Series:
    """Name, for each session, the day before which nobody can confirm the covering."""
    dates = confirmation_dates(sessions)
    words = {
        day: f"{CAVEAT} It cannot be confirmed before {day.day} {day:%B %Y}, and the figure due "
        f"then, as of {held.day} {held:%B}, covers two weeks and can only hint."
        for held, day in dates.drop_duplicates().itertuples(index=False)
    }
    return dates["published"].map(words).rename(None)


def _knowledge(sheet: pd.DataFrame, small: pd.Series) -> pd.DataFrame:
    """Which inputs each session had, and how old they were."""
    listed = sheet["listed_names"].clip(lower=1.0)
    age = pd.Series(sheet.index, index=sheet.index) - sheet["short_interest_date"]
    return pd.DataFrame(
        {
            "has_basket": (sheet["basket_names"] / listed).where(sheet["basket_z"].notna(), 0.0),
            "has_small_companies": small.notna().astype(float),
            "has_favourites": sheet["favourites_z"].notna().astype(float),
            "has_drawdown": sheet["drawdown_return"].notna().astype(float),
            "age_short_interest": age.dt.days.astype(float),
        }
    )


short_covering = Driver(
    slug="short_covering",
    title="Short covering",
    kind=Kind.MECHANICAL,
    grade=Grade.C,
    measure=measure,
    inputs=(
        Input(
            key="basket",
            weight=0.38,
            missing="prices of enough heavily shorted names",
        ),
        Input(
            key="small_companies",
            weight=0.32,
            missing="the fund of small companies they are measured against",
        ),
        Input(
            key="favourites",
            weight=0.15,
            missing="a fund of hedge funds' favourites",
        ),
        Input(
            key="drawdown",
            weight=0.05,
            missing="the index of the past month",
        ),
        Input(
            key="short_interest",
            weight=0.1,
            missing="published short interest, so no dollars",
            half_life_days=30.0,
        ),
    ),
    facts=(
        Fact(
            key="basket_return",
            label="Heavily shorted shares",
            unit="fraction",
            source="closing prices",
            source_column="basket_source",
        ),
        Fact(
            key="basket_excess_return",
            label="Heavily shorted shares against their usual share of small companies",
            unit="fraction",
            source="closing prices",
            source_column="basket_source",
        ),
        Fact(
            key="basket_beta",
            label="Move of the basket for each move of small companies",
            unit="x",
            source="closing prices of the 60 sessions before",
        ),
        Fact(
            key="basket_beta_low",
            label="Least such multiple of the past year",
            unit="x",
            source="closing prices of the year before",
        ),
        Fact(
            key="basket_beta_high",
            label="Largest such multiple of the past year",
            unit="x",
            source="closing prices of the year before",
        ),
        Fact(
            key="basket_z",
            label="That excess against its usual size",
            unit="sigma",
            source="closing prices",
            source_column="basket_source",
        ),
        Fact(
            key="basket_names",
            label="Names in the basket",
            unit="count",
            source="closing prices",
            source_column="basket_source",
        ),
        Fact(
            key="small_companies_return",
            label="Small companies (IWM)",
            unit="fraction",
            source="IWM, close",
        ),
        Fact(
            key="favourites_spread_return",
            label="Hedge funds' favourites minus SPY",
            unit="fraction",
            source="MTUM and SPY, close",
            source_column="favourites_source",
        ),
        Fact(
            key="drawdown_return",
            label="Index below its 20-session high the evening before",
            unit="fraction",
            source="S&P 500, close",
        ),
        Fact(
            key="state",
            label="Shorts to cover, ranked against three years",
            unit="fraction",
            source="drawdown, days to cover, futures",
        ),
        Fact(
            key="short_interest_usd",
            label="Shares sold short in the basket",
            unit="usd",
            source="FINRA short interest and closing prices",
            as_of="short_interest_date",
        ),
        Fact(
            key="days_to_cover",
            label="Days of usual volume to buy them back",
            unit="days",
            source="FINRA short interest and volume of the 20 sessions before",
            as_of="short_interest_date",
        ),
        Fact(
            key="futures_net_fraction",
            label="Leveraged funds' net S&P 500 futures, part of open interest",
            unit="fraction",
            source="CFTC traders in financial futures",
            as_of="futures_date",
        ),
    ),
    caveat=CAVEAT,
    witness="basket_z",
)
