"""What leveraged funds must trade by the bell if the market stays where it is now.

The trade that `analysis.drivers.leveraged_etf` works out from a day's close is an identity given
the price. So it can be worked out before the close too: take the market as it was known the
evening before, let the session end at the prices of this minute, and measure. Nothing else is
assumed, and nothing is foretold: where the prices will be at the bell nobody knows, so the same
sum is done once more with every price 1 % higher, and once with every price 1 % lower.

Beside it stands what such a close would call for from volatility-control funds, by the same
driver that measures them in the evening. They trade it over the next one to three sessions and
not by the bell.

**Missing data.** A fund whose underlying has no usable price goes by its listed proxy, else it
leaves the sum; both are named. Without the index, without the funds' assets, or with prices for
fewer than half of the funds by assets there is no estimate, and the error says why.

Pitfalls
--------
The last minutes of a wild day move more than the hours before, and the estimate moves with them:
docs/into-the-close.md has the figures of 15:35 beside those of the close. Part of the trade may
be done before it is worked out; dealers who carry the funds' swaps need not wait for the bell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import ClassVar

import numpy as np
import pandas as pd

from analysis.contract import METHOD_VERSION, VERSION, hash_of, rounded
from analysis.drivers import leveraged_etf as funds_driver
from analysis.drivers.vol_control import vol_control
from analysis.funds import shipped_funds, underlying_returns, us_stock_funds
from analysis.market import INDEX, PANELS, Market
from analysis.reading import Estimate
from analysis.scoring import LEAST_COVERAGE, coverage_of
from analysis.sessions import close_utc, previous_session

MOVES = {"here": 0.0, "up_1pct": 0.01, "down_1pct": -0.01}
"""From the prices of this minute to the bell, every price alike [fraction], by scenario."""


LOOK_BACK = 756
"""Sessions that are measured, three years: more than the age of any asset figure that counts."""

LISTS = ("prices", "scenarios", "proxied", "missing", "problems")


class NoEstimateError(ValueError):
    """Too little is known for an estimate; the sentence says what is missing."""

    exit_code: ClassVar[int] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPrices:
    """Prices while a session runs, each of them checked by its source.

    ``rows`` are by symbol: ``price`` and ``prior_close``, the same source's close of the session
    before [points or USD], and ``at``, when the price was made [UTC]. ``problems`` name what was
    left out, and why.
    """

    session: pd.Timestamp
    rows: pd.DataFrame
    source: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What must be traded if every price moves by ``move_from_here`` [fraction] until the bell.

    ``flow_usd`` is the leveraged funds' trade; ``vol_control_usd`` what such a close calls for
    from volatility-control funds over the next sessions, None where that is not known.
    """

    key: str
    move_from_here: float
    day_return: float
    flow_usd: Estimate
    vol_control_usd: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """One price that the estimate rests on; ``at`` is when it was made, ISO 8601 in UTC."""

    symbol: str
    price: float
    prior_close: float
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntoClose:
    """The estimate of one session: scenarios, what they rest on, and what was not to be had.

    ``buckets_usd`` are parts of the identity if nothing moves any more, empty where only a
    published total is known. ``covered_fraction`` is the part of the listed funds in the sum,
    None for such a total. ``proxied`` and ``missing`` name underlyings.
    """

    session: date
    closes_at: str
    prices: tuple[Priced, ...]
    scenarios: tuple[Scenario, ...]
    identity_usd: float
    usd_per_pct: float
    share_of_adv: float | None
    buckets_usd: Mapping[str, float]
    coverage: float
    covered_fraction: float | None
    backcast_fraction: float
    assets_as_of: date | None
    proxied: tuple[str, ...]
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    source: str
    caveat: str
    demo: bool

    @property
    def here(self) -> Scenario:
        """What must be traded if nothing moves any more."""
        return self.scenarios[0]

    @property
    def index(self) -> Priced:
        """The index's price."""
        return next(one for one in self.prices if one.symbol == INDEX)

    @property
    def as_of(self) -> str:
        """When the newest of the prices was made, ISO 8601 in UTC."""
        return self.made_between[1]

    @property
    def made_between(self) -> tuple[str, str]:
        """When the oldest and the newest of the prices were made, ISO 8601 in UTC."""
        times = [one.at for one in self.prices]
        return min(times), max(times)

    @property
    def content_hash(self) -> str:
        """The hash of all that is printed."""
        return hash_of(self._body())

    def as_dict(self) -> dict[str, object]:
        """Return the estimate as JSON has it, every figure as printed."""
        body = self._body()
        return {**body, "content_hash": hash_of(body)}

    def _body(self) -> dict[str, object]:
        told = asdict(self)
        told |= {
            "version": VERSION,
            "method_version": METHOD_VERSION,
            "session": self.session.isoformat(),
            "assets_as_of": None if self.assets_as_of is None else self.assets_as_of.isoformat(),
            "as_of": self.as_of,
            "oldest_price_at": self.made_between[0],
            **{name: list(told[name]) for name in LISTS},
        }
        return {key: rounded(value) for key, value in told.items()}


def with_listed_proxies(market: Market) -> Market:
    """Return the market with the project's own proxies where its fund list names none.

    A list made for closes needs no stand-in for an underlying that has them; prices during a
    session are fewer.
    """
    funds, shipped = market.leveraged_funds, shipped_funds()["proxy"]
    if funds.empty:
        return market
    own = funds["proxy"].astype(object).where(funds["proxy"].notna(), "")
    listed = shipped.reindex(funds.index).fillna("")
    return replace(market, leveraged_funds=funds.assign(proxy=own.where(own != "", listed)))


def wanted_symbols(market: Market) -> tuple[str, ...]:
    """Return what to price: the index, and each fund's underlying and proxy.

    Symbols without a close on the market's last session are left out, for their return could
    not be taken.
    """
    funds = us_stock_funds(with_listed_proxies(market))
    listed = dict.fromkeys([INDEX, *funds["underlying"], *funds["proxy"]])
    closed = market.close.iloc[-1].dropna().index
    return tuple(symbol for symbol in listed if symbol in closed)


def estimate_into_close(market: Market, prices: SessionPrices) -> IntoClose:
    """Measure what must be traded by the bell at these prices.

    Parameters
    ----------
    market
        As it was known on the evening of the session before.
    prices
        Of the session that runs.

    Raises
    ------
    NoEstimateError
        Where the index, the funds' assets or most of the prices are missing.
    """
    if market.sessions[-1] != previous_session(prices.session):
        raise NoEstimateError(
            f"the last session known is {market.sessions[-1].date()}, but an estimate for "
            f"{prices.session.date()} rests on {previous_session(prices.session).date()}; "
            "fetch that evening first, with `undertow note`"
        )
    if INDEX not in prices.rows.index or np.isnan(market.closes(INDEX).iloc[-1]):
        raise NoEstimateError(f"no usable price of {INDEX}{_because(prices)}")
    market = _recent(with_listed_proxies(market))
    closed = {key: _closed_at(market, prices, move) for key, move in MOVES.items()}
    measured = {key: funds_driver.measure(one) for key, one in closed.items()}
    here = measured["here"].iloc[-1]
    coverage = float(coverage_of(funds_driver.leveraged_etf, measured["here"]).iloc[-1])
    _check_known(here, coverage, prices)
    buckets = _buckets(here)
    # A published total rests on the index alone: there is nothing to stand in for.
    proxied, missing = _stood_in(closed["here"]) if buckets else ((), ())
    return IntoClose(
        session=prices.session.date(),
        closes_at=_iso(close_utc(prices.session)),
        prices=_priced(market, prices),
        scenarios=tuple(_scenario(key, closed[key], measured[key]) for key in MOVES),
        identity_usd=float(here["identity_usd"]),
        usd_per_pct=float(here["usd_per_pct"]),
        share_of_adv=_known(here["share_of_adv"]),
        buckets_usd=buckets,
        coverage=coverage,
        covered_fraction=_known(here["covered_fraction"]),
        backcast_fraction=float(here["backcast_fraction"]),
        assets_as_of=None if pd.isna(here["as_of_assets"]) else here["as_of_assets"].date(),
        proxied=proxied,
        missing=missing,
        problems=prices.problems,
        source=f"{here['source']}; {prices.source}",
        caveat=str(here["caveat"]),
        demo=market.simulated,
    )


def _recent(market: Market) -> Market:
    """Return the market's last years, as far back as the estimate depends on them."""
    first = market.sessions[-min(LOOK_BACK, len(market.sessions))]
    panels = {name: getattr(market, name) for name in PANELS}
    kept = {name: frame.loc[first:] for name, frame in panels.items() if len(frame)}
    return replace(market, sessions=market.sessions[market.sessions >= first], **kept)


def _closed_at(market: Market, prices: SessionPrices, move: float) -> Market:
    """Return the market as if the session had ended ``move`` from its prices of now."""
    sessions = pd.DatetimeIndex([*market.sessions, prices.session]).as_unit("us")
    grown = prices.rows["price"] / prices.rows["prior_close"] * (1.0 + move)
    now = (market.close.iloc[-1] * grown).reindex(market.close.columns)
    close = pd.concat([market.close, now.to_frame(prices.session).T])
    return replace(market, sessions=sessions, close=close.reindex(sessions))


def _check_known(here: pd.Series, coverage: float, prices: SessionPrices) -> None:
    """Raise unless enough is known to speak of the funds at large."""
    if np.isnan(here["identity_usd"]) and not here["has_assets"] > 0.0:
        raise NoEstimateError("the leveraged funds' assets of the evening before are not known")
    priced = float(here["has_underlying"])
    if priced < LEAST_COVERAGE:
        raise NoEstimateError(
            f"usable prices cover {100 * priced:.0f} % of the leveraged funds by assets, and an "
            f"estimate needs half{_because(prices)}"
        )
    if coverage < LEAST_COVERAGE:
        raise NoEstimateError(
            f"coverage is {coverage:.2f}, and an estimate needs {LEAST_COVERAGE}: the funds' "
            "assets are too old or too few"
        )


def _because(prices: SessionPrices) -> str:
    return f" ({'; '.join(prices.problems[:3])})" if prices.problems else ""


def _scenario(key: str, closed: Market, measured: pd.DataFrame) -> Scenario:
    flow = _range(measured.iloc[-1])
    if flow is None:
        raise NoEstimateError(f"no dollars at {100 * MOVES[key]:+.0f} % from here")
    return Scenario(
        key=key,
        move_from_here=MOVES[key],
        day_return=float(closed.day_return.iloc[-1]),
        flow_usd=flow,
        vol_control_usd=_range(vol_control.measure(closed).iloc[-1]),
    )


def _range(row: pd.Series) -> Estimate | None:
    bounds = tuple(float(row[f"flow_{end}_usd"]) for end in ("low", "mid", "high"))
    return Estimate(*bounds) if np.isfinite(bounds).all() else None


def _stood_in(closed: Market) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the underlyings that go by a proxy, and those that nothing stands in for."""
    funds = us_stock_funds(closed)
    returns, proxied = underlying_returns(closed, funds)
    by_proxy = funds["underlying"][proxied.iloc[-1]]
    absent = funds["underlying"][returns.iloc[-1].isna()]
    return tuple(sorted(set(by_proxy))), tuple(sorted(set(absent)))


def _priced(market: Market, prices: SessionPrices) -> tuple[Priced, ...]:
    return tuple(
        Priced(
            symbol=symbol,
            price=float(prices.rows["price"][symbol]),
            prior_close=float(prices.rows["prior_close"][symbol]),
            at=_iso(prices.rows["at"][symbol]),
        )
        for symbol in wanted_symbols(market)
        if symbol in prices.rows.index
    )


def _buckets(here: pd.Series) -> dict[str, float]:
    return {
        name: float(here[f"bucket_{name}_usd"])
        for name in funds_driver.BUCKET_NAMES
        if not np.isnan(here[f"bucket_{name}_usd"])
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _iso(moment: pd.Timestamp) -> str:
    return f"{moment.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}"
