"""What was known, and when: the panels every driver looks at.

A `Market` holds prices and volumes by session, tables of positions with the
session on whose evening they became known, and a few reference lists. Cutting
it with `Market.until` leaves what a reader could have known that evening and
nothing else, so a driver that only looks up the frame cannot see tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

INDEX = "^GSPC"
"""The index the desk explains: the S&P 500, by its Yahoo name."""

VIX = "^VIX"

SIGMA_SESSIONS = 63
"""Three months of sessions: the memory of "usual" in "a move against its own volatility"."""

PANELS = (
    "close",
    "open",
    "high",
    "low",
    "volume",
    "relative_volume",
    "member_close",
    "member_volume",
    "breadth",
    "fund_assets_usd",
    "fund_assets_quality",
)
"""Parts of a market with one row a session."""

DATED = (
    *("fund_shares", "fund_flows_usd", "short_interest", "dix", "cot", "put_call", "gamma"),
    "member_weights",
)
"""Parts with one row a publication: ``date`` it speaks of, session on which it was ``known``."""


@dataclass(frozen=True, kw_only=True)
class SourceNote:
    """How one source stood: its name, its newest row, and what went wrong with it.

    ``as_of`` is None where the source has no row by the session; ``stale_days``
    is the age past which it no longer counts as fresh [calendar days].
    """

    name: str
    as_of: pd.Timestamp | None
    stale_days: int
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Market:
    """Point-in-time panels of one market, cut at its last session.

    Attributes
    ----------
    sessions : shape (n_sessions,)
        Sessions of the exchange from the first index bar to the last, without a gap.
    open, high, low, close, volume : shape (n_sessions, n_symbols)
        Index points or dollars, and shares. Missing stays missing; ``volume`` holds
        only volumes that count shares, never rescaled partial feeds.
    relative_volume : shape (n_sessions, n_symbols)
        Volume over its own median of the 20 sessions before [x], from any feed.
    member_close, member_volume : shape (n_sessions, n_members)
        The index's members, dollars and shares.
    breadth : shape (n_sessions, ...)
        ``advancers``, ``decliners``, ``members`` counted by somebody else, for
        sessions on which the members' own prices are not known.
    fund_assets_usd, fund_assets_quality : shape (n_sessions, n_funds)
        Net assets at that session's close [USD], published the next morning, and
        where they come from: ``issuer``, ``live`` or ``backcast``.
    fund_shares : dated (date, known, symbol, shares)
        Shares outstanding of exchange-traded funds.
    fund_flows_usd : dated (date, known, symbol, flow_usd)
        Money created (+) or redeemed (-) in funds [USD].
    short_interest : dated (date, known, symbol, shares)
        Shares sold short at the settlement ``date``, public on ``known``.
    dix : dated (date, known, dix, gex)
        SqueezeMetrics' daily row, known the next session.
    cot : dated (date, known, market, open_interest, lev_long, lev_short, am_long, am_short)
        Traders in financial futures [contracts], shorts above zero.
    put_call : dated (date, known, total, equity, index)
        Put volume over call volume [x].
    gamma : dated (date, known, symbol, ...)
        One row a session and option chain; see `analysis.sources.chains`.
    member_weights : dated (date, known, symbol, weight)
        Part of each member in the index [fraction], where the list of members has weights.
    leveraged_funds : reference, index ticker
        ``leverage`` [x], ``underlying``, ``bucket``, ``proxy``.
    leveraged_sensitivity : reference (date, usd_per_pct)
        Published dollars that leveraged funds trade per 1 % of the index.
    most_shorted : reference (symbol, since, until)
        The basket of heavily shorted names.
    notes
        How each source stood when the market was read.
    simulated
        True for the demo market: every edition must say so.
    """

    sessions: pd.DatetimeIndex
    close: pd.DataFrame = field(default_factory=pd.DataFrame)
    open: pd.DataFrame = field(default_factory=pd.DataFrame)
    high: pd.DataFrame = field(default_factory=pd.DataFrame)
    low: pd.DataFrame = field(default_factory=pd.DataFrame)
    volume: pd.DataFrame = field(default_factory=pd.DataFrame)
    relative_volume: pd.DataFrame = field(default_factory=pd.DataFrame)
    member_close: pd.DataFrame = field(default_factory=pd.DataFrame)
    member_volume: pd.DataFrame = field(default_factory=pd.DataFrame)
    breadth: pd.DataFrame = field(default_factory=pd.DataFrame)
    fund_assets_usd: pd.DataFrame = field(default_factory=pd.DataFrame)
    fund_assets_quality: pd.DataFrame = field(default_factory=pd.DataFrame)
    fund_shares: pd.DataFrame = field(default_factory=pd.DataFrame)
    fund_flows_usd: pd.DataFrame = field(default_factory=pd.DataFrame)
    short_interest: pd.DataFrame = field(default_factory=pd.DataFrame)
    dix: pd.DataFrame = field(default_factory=pd.DataFrame)
    cot: pd.DataFrame = field(default_factory=pd.DataFrame)
    put_call: pd.DataFrame = field(default_factory=pd.DataFrame)
    gamma: pd.DataFrame = field(default_factory=pd.DataFrame)
    member_weights: pd.DataFrame = field(default_factory=pd.DataFrame)
    leveraged_funds: pd.DataFrame = field(default_factory=pd.DataFrame)
    leveraged_sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)
    most_shorted: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[SourceNote, ...] = ()
    simulated: bool = False

    def until(self, session: pd.Timestamp) -> Market:
        """Return the market as it was known on the evening of ``session``."""
        cut: dict[str, Any] = {"sessions": self.sessions[self.sessions <= session]}
        panels = {name: getattr(self, name) for name in PANELS}
        dated = {name: getattr(self, name) for name in DATED}
        cut |= {name: frame.loc[:session] for name, frame in panels.items() if len(frame)}
        cut |= {name: rows[rows["known"] <= session] for name, rows in dated.items() if len(rows)}
        return replace(self, **cut)

    def column(self, panel: pd.DataFrame, symbol: str) -> pd.Series:
        """Return one symbol of a panel by session, all missing where it is not there."""
        if symbol in panel.columns:
            return panel[symbol].reindex(self.sessions)
        return pd.Series(float("nan"), index=self.sessions, name=symbol)

    def closes(self, symbol: str) -> pd.Series:
        """Return the closes of ``symbol`` by session [points or USD]."""
        return self.column(self.close, symbol)

    def returns(self, symbol: str) -> pd.Series:
        """Return close over prior close less one [fraction]; missing unless both are known."""
        return self.closes(symbol).pct_change(fill_method=None)

    @cached_property
    def day_return(self) -> pd.Series:
        """The index's return by session [fraction]."""
        return self.returns(INDEX)

    @cached_property
    def sigma(self) -> pd.Series:
        """Daily volatility of the index over the 63 sessions before each [fraction].

        Known before the day begins, so that the day cannot widen its own yardstick.
        Missing until 21 earlier returns are known.
        """
        past = self.day_return.shift(1)
        return past.rolling(SIGMA_SESSIONS, min_periods=21).std()

    @cached_property
    def move(self) -> pd.Series:
        """Each session's return in units of its own volatility [x], signed."""
        return self.day_return / self.sigma

    @cached_property
    def _members_usd(self) -> pd.Series:
        """Dollar volume of the members, where nearly all of them are known [USD]."""
        if self.member_volume.empty:
            return pd.Series(float("nan"), index=self.sessions)
        traded = (self.member_close * self.member_volume).reindex(self.sessions)
        count = traded.notna().sum(axis="columns")
        nearly_all = 0.8 * count.rolling(60, min_periods=1).max()
        return traded.sum(axis="columns").where((count > 0) & (count >= nearly_all))

    @cached_property
    def dollar_volume_usd(self) -> pd.Series:
        """Dollar volume of the index's members by session [USD].

        Where the members are not known, SPY's dollar volume times the last known
        60-session median of their ratio stands in; see `volume_age_days`.
        """
        members = self._members_usd
        spy = self.closes("SPY") * self.column(self.volume, "SPY")
        ratio = (members / spy).rolling(60, min_periods=20).median().ffill()
        return members.fillna(spy * ratio)

    @cached_property
    def volume_age_days(self) -> pd.Series:
        """Age of what the volume yardstick rests on [calendar days]; zero where it is direct."""
        return age_days(self._members_usd)

    def adv_usd(self, sessions: int = 20) -> pd.Series:
        """Return the mean dollar volume of the ``sessions`` before each one [USD].

        The day itself is left out: a stampede must not set its own yardstick.
        """
        return self.dollar_volume_usd.shift(1).rolling(sessions, min_periods=sessions // 2).mean()

    def known(self, table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """Return, for each session, the newest row of a dated table known that evening.

        The result has ``columns`` and the row's own ``date``, indexed by session; missing
        before the first publication and throughout for an empty table.
        """
        if table.empty:
            empty = pd.DataFrame(float("nan"), index=self.sessions, columns=columns)
            empty["date"] = pd.Series(pd.NaT, index=self.sessions, dtype="datetime64[us]")
            return empty
        newest = table.sort_values(["known", "date"]).drop_duplicates("known", keep="last")
        return newest.set_index("known")[[*columns, "date"]].reindex(self.sessions, method="ffill")


def age_days(values: pd.Series) -> pd.Series:
    """Return how long ago each session's last known value was [calendar days].

    Zero where the value is known that session, missing before the first.
    """
    index = pd.DatetimeIndex(values.index)
    stamps = pd.Series(index, index=index)
    return (stamps - stamps.where(values.notna()).ffill()).dt.days.astype(float)
