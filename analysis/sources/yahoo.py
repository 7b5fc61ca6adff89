"""Yahoo Finance through yfinance: bars of the desk's symbols and the members, fund assets.

Lag: closes settle some minutes after 16:00 New York; fund assets are of the session before.
One question for a hundred symbols' quotes, which hold the session's bar; one a symbol for a
chart, where the archive lacks more than that (`analysis.sources.yahoo_quotes`). Bars are adjusted
for splits and not for dividends. yfinance is used as it comes, on a session of ours
(`analysis.sources.yahoo_session`), so that each of its silent failures ends as a typed error.
Licence: Yahoo's terms allow personal use and no redistribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.sessions import previous_session, sessions_between
from analysis.sources import guard
from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.funds import ASSETS
from analysis.sources.folder.prices import MEMBERS, PRICES
from analysis.sources.gate import Gate
from analysis.sources.members import member_list
from analysis.sources.tables import normal
from analysis.sources.universe import desk_symbols
from analysis.sources.vendor import Facts, Feed, Findings, Item, Shelf
from analysis.sources.yahoo_bars import checked_bars
from analysis.sources.yahoo_chains import YahooChains
from analysis.sources.yahoo_client import YahooClient
from analysis.sources.yahoo_quotes import (
    QUOTES_A_QUESTION,
    EveningQuotes,
    bar_of_quote,
    closing_row,
    needs_chart,
)
from analysis.sources.yahoo_shorts import YahooShorts

PRICE_FEED = Feed(name="Yahoo prices", stale_days=0, feeds="every driver")
MEMBER_FEED = Feed(name="Yahoo S&P 500 members", stale_days=0, feeds="volume, real_money")
ASSET_FEED = Feed(name="Yahoo fund assets", stale_days=5, feeds="leveraged_etf")

CHART, MEMBER, QUOTES, ASSET = "chart/", "member/", "quotes/", "assets"

FIRST_DAYS = 2200
"""Six years: what three years of ranks over a year of look-back need."""

OVERLAP_DAYS = 21
"""Bars of the last three weeks are taken again with each chart: corrections and splits show there.

More than the ten sessions after which each symbol has its turn, two holidays among them.
"""

CHARTS_AN_EVENING = 280
"""Charts asked for in one evening; members' pasts take what the desk's own symbols leave."""

MEMBER_SESSIONS = 10
"""A member that lacks a bar of so many sessions back lacks some of its past."""


class Yahoo:
    """Asks Yahoo for prices.

    Parameters
    ----------
    gate
        The run's budget and memory.
    base
        Address in place of Yahoo's own; "" for Yahoo itself.
    members
        The operator's own list of the index's members; None for the one that ships.
    """

    name = "yahoo"
    feeds = (PRICE_FEED, MEMBER_FEED, ASSET_FEED)

    def __init__(self, gate: Gate, base: str = "", members: Path | None = None) -> None:
        self._client = YahooClient(gate, base)
        self.stand_ins = (YahooChains(self._client), YahooShorts(self._client))
        self._members = member_list(members).symbols if members else member_list().symbols
        self._quotes = EveningQuotes(self._client, desk_symbols())

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return the desk's symbols, quotes of members and funds, and some members' pasts."""
        batches = range(0, len(self._members), QUOTES_A_QUESTION)
        return [
            *(Item(key=f"{CHART}{symbol}", feed=PRICE_FEED.name) for symbol in desk_symbols()),
            Item(key=ASSET, feed=ASSET_FEED.name),
            *(Item(key=f"{QUOTES}{start}", feed=MEMBER_FEED.name) for start in batches),
            *(Item(key=key, feed=MEMBER_FEED.name) for key in self._pasts(session, shelf)),
        ]

    def _pasts(self, session: pd.Timestamp, shelf: Shelf) -> list[str]:
        """Return the members whose past is this evening's share, asked already or not."""
        asked = shelf.asked(self.name)
        keys = {symbol: f"{MEMBER}{symbol}" for symbol in self._members}
        done = [key for key in keys.values() if key in asked]
        whole = _whole_pasts(shelf.table(MEMBERS.path), session)
        new = [key for symbol, key in keys.items() if symbol not in whole and key not in asked]
        prices = shelf.table(PRICES.path)
        known = set(prices["symbol"][prices["date"] >= previous_session(session)])
        own_charts = sum(symbol not in known for symbol in desk_symbols())
        return [*done, *new[: max(CHARTS_AN_EVENING - own_charts - len(done), 0)]]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return one symbol's bars, or quotes of many."""
        if item.key == ASSET:
            return self._assets(session)
        if item.key.startswith(QUOTES):
            start = int(item.key.removeprefix(QUOTES))
            return self._member_quotes(start, session, shelf)
        if item.key.startswith(MEMBER):
            return self._bars(item.key.removeprefix(MEMBER), MEMBERS.path, session, shelf)
        symbol = item.key.removeprefix(CHART)
        quoted = self._quoted(symbol, session, shelf)
        return quoted or self._bars(symbol, PRICES.path, session, shelf)

    def probe(self) -> str:
        """Say the index's last price."""
        quotes, _ = self._client.quotes(["^GSPC"])
        return f"^GSPC at {quotes[0].get('regularMarketPrice')}" if quotes else "no quote of ^GSPC"

    def _quoted(self, symbol: str, session: pd.Timestamp, shelf: Shelf) -> Findings | None:
        """Return the session's bar out of a symbol's quote, None where it takes a chart."""
        kept = shelf.table(PRICES.path)
        own = kept[kept["symbol"] == symbol].sort_values("date")
        if needs_chart(symbol, desk_symbols().index(symbol), own, session):
            return None
        found = self._quotes.of(symbol)
        rows = None if found is None else bar_of_quote(*found, own, session)
        if found is None or rows is None:
            return None
        facts = Facts(path=PRICES.path, rows=normal(PRICES.path, rows))
        return Findings(as_of=session, final=True, raws=(found[1],), facts=(facts,))

    def _bars(self, symbol: str, path: str, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return the bars since the archive's last, or the whole past where that was rescaled."""
        kept = shelf.table(path)
        own = kept[kept["symbol"] == symbol].set_index("date")["close"].sort_index()
        own = own if path == PRICES.path else _until_gap(own, session)
        first = session - pd.Timedelta(days=FIRST_DAYS)
        begin = first if own.empty else own.index.max() - pd.Timedelta(days=OVERLAP_DAYS)
        frames = [self._client.bars(symbol, max(begin, first), session)]
        anew = guard.rescaled(own, frames[0].bars.set_index("date")["close"])
        if anew:
            frames.append(self._client.bars(symbol, first, session))
        latest = frames[-1]
        last_known = None if anew or own.empty else float(own.iloc[-1])
        rows, problems = checked_bars(symbol, latest, session, last_known)
        if rows.empty:
            problem = f"{symbol}: {'; '.join(problems) or 'no bars in the answer'}"
            raise VendorError(self.name, Fault.EMPTY, problem)
        as_of = pd.Timestamp(rows["date"].max())
        if as_of < session:
            problems = (*problems, f"no bar of {session.date()}, its last is {as_of.date()}")
        facts = Facts(path=path, rows=normal(path, rows), replaces=(symbol,) if anew else ())
        return Findings(
            as_of=as_of,
            final=as_of == session,
            raws=tuple(frame.raw for frame in frames),
            facts=(facts,),
            problems=tuple(f"{symbol}: {problem}" for problem in problems),
        )

    def _assets(self, session: pd.Timestamp) -> Findings:
        """Return the leveraged funds' net assets, which are of the session before."""
        from analysis.funds import shipped_funds

        day = previous_session(session)
        quotes, raw = self._client.quotes(list(shipped_funds().index))
        rows = [
            {"date": day, "symbol": quote["symbol"], "assets_usd": quote["netAssets"]}
            for quote in quotes
            if (quote.get("netAssets") or 0.0) > 0.0
        ]
        if not rows:
            raise VendorError(self.name, Fault.EMPTY, "no fund's net assets in the answer")
        frame = pd.DataFrame(rows).assign(quality="live")
        return Findings(
            as_of=day,
            final=True,
            raws=(raw,),
            facts=(Facts(path=ASSETS.path, rows=normal(ASSETS.path, frame)),),
        )

    def _member_quotes(self, start: int, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return the session's closes and volumes of a hundred members."""
        symbols = self._members[start : start + QUOTES_A_QUESTION]
        quotes, raw = self._client.quotes(symbols)
        rows = [row for quote in quotes if (row := closing_row(quote, session)) is not None]
        if not rows:
            problem = f"no member's quote is of the close of {session.date()}"
            raise VendorError(self.name, Fault.STALE, problem)
        frame = pd.DataFrame(rows)
        split = _split_members(frame, shelf.table(MEMBERS.path), session)
        kept = frame[~frame["symbol"].isin(split)]
        absent = len(symbols) - len(frame)
        problems = [f"{absent} of {len(symbols)} members without a quote"] if absent else []
        problems += [f"{symbol} was split; its past is taken anew" for symbol in split]
        return Findings(
            as_of=session,
            final=True,
            raws=(raw,),
            facts=(
                Facts(path=MEMBERS.path, rows=normal(MEMBERS.path, kept), replaces=tuple(split)),
            ),
            problems=tuple(problems),
        )


def _whole_pasts(kept: pd.DataFrame, session: pd.Timestamp) -> set[str]:
    """Return the members with a bar on each of the last sessions before this one.

    A new archive has nobody's, and one that slept has a gap in everybody's: quotes tell the
    session's own bar and no other.
    """
    wanted = _sessions_before(session)
    recent = kept["symbol"][kept["date"].isin(wanted)].value_counts()
    return {str(symbol) for symbol in recent.index[recent >= len(wanted)]}


def _until_gap(own: pd.Series, session: pd.Timestamp) -> pd.Series:
    """Return a member's closes up to the first of the last sessions that it lacks."""
    wanted = _sessions_before(session)
    lacking = wanted[~wanted.isin(own.index)]
    return own[own.index < lacking[0]] if len(lacking) else own


def _sessions_before(session: pd.Timestamp) -> pd.DatetimeIndex:
    last = previous_session(session)
    earlier = sessions_between(last - pd.Timedelta(days=3 * MEMBER_SESSIONS), last)
    return earlier[-MEMBER_SESSIONS:]


def _split_members(quotes: pd.DataFrame, kept: pd.DataFrame, session: pd.Timestamp) -> list[str]:
    """Return the members whose prior close is no longer the one in the archive."""
    before = kept[kept["date"] == previous_session(session)].set_index("symbol")["close"]
    prior = pd.to_numeric(quotes.set_index("symbol")["prior_close"])
    ratio = (prior / before).dropna()
    moved = ratio[(ratio - 1.0).abs() > guard.SPLIT_SHARE]
    return [str(symbol) for symbol in moved.index]
