"""Option chains from Yahoo, asked for only where Cboe gave none for the session.

Yahoo answers one expiry a question, so the whole of SPX and SPY would cost ninety. The next
eight expiries, the next six monthly ones and the next three quarter ends hold about four fifths
of the gamma (measured on six sessions of 2026: 77 to 85 % of it, 72 to 81 % of open interest,
and the side of the whole chain each time; the nearest twelve alone hold a quarter of SPX's and
missed the side once). A part has no total, so no dollars come of it.

Lag: quotes stop with the session, open interest is last night's; after midnight it is zero and
the chain is refused. Volatilities are Yahoo's own; missing ones are solved from quotes.
Licence: Yahoo's terms allow personal use and no redistribution.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson
import pandas as pd

from analysis.gamma_chains import FUND_CHAIN, INDEX_CHAIN
from analysis.sources.faults import Fault, VendorError
from analysis.sources.tables import CHAIN_TOTALS
from analysis.sources.vendor import Feed, Findings, Item, Raw, Shelf
from analysis.sources.yahoo_client import YahooClient

if TYPE_CHECKING:
    from analysis.options.chain import Chain

FEED = Feed(name="Yahoo option chains", stale_days=0, feeds="dealer_gamma without Cboe")

SYMBOLS = {INDEX_CHAIN: "^SPX", FUND_CHAIN: "SPY"}
"""What is asked for, by the name it has in a chain, the more needed first."""

NEAR, MONTHLY, QUARTERLY = 8, 6, 3
"""How many of the next expiries, third Fridays and quarter ends are asked for."""

STAND_IN = "stand_in/"

FRIDAY, THIRD_WEEK = 4, range(15, 22)
LAST_DAYS = 28
"""A quarter's last business day is never earlier than this of March, June, September, December."""


class YahooChains:
    """Stands in for Cboe, at the end of a run.

    Parameters
    ----------
    client
        The run's own: yfinance is one for a process.
    """

    name = "yahoo"
    feeds = (FEED,)

    def __init__(self, client: YahooClient) -> None:
        self._client = client

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return the chains of which the archive has none for the session."""
        totals = shelf.table(CHAIN_TOTALS.path)
        have = set(totals["symbol"][totals["date"] == session])
        return [
            Item(key=f"{STAND_IN}{name}", feed=FEED.name) for name in SYMBOLS if name not in have
        ]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return one underlying's near and monthly expiries."""
        name = item.key.removeprefix(STAND_IN)
        symbol = SYMBOLS[name]
        listed = self._client.expiries(symbol)
        wanted = chosen(listed, session.date())
        if not wanted:
            raise VendorError(self.name, Fault.EMPTY, f"Yahoo lists no expiry of {symbol}")
        raws = self._client.chains(symbol, wanted)
        content = joined(raws)
        chain = self._read(name, content, session)
        told = f"{name}: {len(wanted)} of {len(listed)} expiries, in place of Cboe's chain"
        return Findings(
            as_of=session,
            final=True,
            raws=tuple(raws),
            chains=(
                Raw(
                    name=f"chains/payloads/yahoo_{chain.symbol}_{session:%Y%m%d}.json.gz",
                    content=content,
                    content_type="application/json",
                ),
            ),
            problems=(told,),
        )

    def probe(self) -> str:
        """Say how many expiries the fund has."""
        return f"{len(self._client.expiries(SYMBOLS[FUND_CHAIN]))} expiries of {FUND_CHAIN}"

    def _read(self, name: str, content: bytes, session: pd.Timestamp) -> Chain:
        from analysis.options.chain import ChainError, read_chain

        try:
            chain = read_chain(content)
        except ChainError as error:
            problem = f"Yahoo's {name} chain is refused: {error}"
            raise VendorError(self.name, Fault.UNREADABLE, problem) from error
        if pd.Timestamp(chain.session) != session:
            problem = f"Yahoo's {name} chain is of {chain.session}, and only that one can be had"
            raise VendorError(self.name, Fault.STALE, problem)
        return chain


def chosen(listed: Sequence[dt.date], session: dt.date) -> list[dt.date]:
    """Return the expiries worth a question: the next ones, monthly ones and quarter ends.

    Those that end with the session are not alive after it.
    """
    alive = sorted(day for day in set(listed) if day > session)
    monthly = [day for day in alive if day.weekday() == FRIDAY and day.day in THIRD_WEEK]
    quarterly = [day for day in alive if day.month % 3 == 0 and day.day >= LAST_DAYS]
    return sorted({*alive[:NEAR], *monthly[:MONTHLY], *quarterly[:QUARTERLY]})


def joined(raws: Sequence[Raw]) -> bytes:
    """Join answers of one underlying into the one object that `read_chain` reads."""
    answers = [
        answer for raw in raws for answer in orjson.loads(raw.content)["optionChain"]["result"]
    ]
    return orjson.dumps({"optionChain": {"result": answers, "error": None}})
