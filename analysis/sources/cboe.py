"""Cboe: option chains with open interest, closes of the volatility indices, put/call ratios.

Chains: the delayed-quotes JSON, 15 minutes late; open interest is last night's. Indices have
an underscore before their symbol and some funds do not, so both spellings are tried. Only the
current session's chain can be had: one fetched the next day is of another session and refused.
Indices: CSV files of the whole history, updated in the evening. Opens and highs are quotes and
not trades (2024-08-05), so closes alone are taken.
Put/call: volume of Cboe's own exchanges by day, from 2019-10-07.
Licence: for personal use, not to redistribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from analysis.sources import guard
from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.positions import PUT_CALL
from analysis.sources.http import Answer, Expect, Http
from analysis.sources.parsing import csv_rows, json_body, newest_by
from analysis.sources.tables import CBOE_INDICES, CHAIN_TOTALS, normal
from analysis.sources.universe import CHAINS
from analysis.sources.vendor import Facts, Feed, Findings, Item, Raw, Shelf

if TYPE_CHECKING:
    from analysis.options.chain import Chain

CHAIN_FEED = Feed(name="Cboe option chains", stale_days=0, feeds="dealer_gamma")
INDEX_FEED = Feed(name="Cboe volatility indices", stale_days=1, feeds="hedge_unwinding")
RATIO_FEED = Feed(name="Cboe put and call volume", stale_days=5, feeds="hedge_unwinding")

INDICES = ("VIX", "VIX9D", "VIX3M", "VIX6M", "VVIX", "SKEW")

RATIOS = "put_call"
CHAIN, HISTORY = "chain/", "history/"

FIRST_YEARS = 6

RATIO_NAMES = {
    "TOTAL PUT/CALL RATIO": "pcr_total",
    "INDEX PUT/CALL RATIO": "pcr_index",
    "EQUITY PUT/CALL RATIO": "pcr_equity",
}


class Cboe:
    """Asks the exchange's file server."""

    name = "cboe"
    feeds = (CHAIN_FEED, INDEX_FEED, RATIO_FEED)

    def __init__(self, http: Http, base: str = "https://cdn.cboe.com") -> None:
        self._http = http
        self._base = base

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return chains, indices and ratios."""
        return [
            *(Item(key=f"{CHAIN}{symbol}", feed=CHAIN_FEED.name) for symbol in CHAINS),
            *(Item(key=f"{HISTORY}{name}", feed=INDEX_FEED.name) for name in INDICES),
            Item(key=RATIOS, feed=RATIO_FEED.name),
        ]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return one chain, one index's closes, or the day's ratios."""
        if item.key.startswith(CHAIN):
            return self._chain(item.key.removeprefix(CHAIN), session, shelf)
        if item.key.startswith(HISTORY):
            return self._history(item.key.removeprefix(HISTORY), session, shelf)
        return self._ratios(session)

    def probe(self) -> str:
        """Say the newest close of the VIX."""
        rows = self._index_rows("VIX")[1]
        return f"VIX to {rows['date'].max().date()}"

    def _chain(self, symbol: str, session: pd.Timestamp, shelf: Shelf) -> Findings:
        answer = self._chain_answer(symbol)
        chain = self._read(symbol, answer.content, session)
        totals = chain_totals(chain, answer.content)
        problem = guard.chain_size(shelf.table(CHAIN_TOTALS.path), totals)
        if problem == guard.REPEATED_CHAIN:
            raise VendorError(self.name, Fault.STALE, f"the {chain.symbol} chain {problem}")
        raw = Raw(
            name=f"chains/payloads/cboe_delayed_{chain.symbol}_{session:%Y%m%d}.json.gz",
            content=answer.content,
            content_type=answer.content_type,
        )
        return Findings(
            as_of=session,
            final=True,
            chains=(raw,),
            facts=(Facts(path=CHAIN_TOTALS.path, rows=normal(CHAIN_TOTALS.path, totals)),),
            problems=(f"{chain.symbol}: {problem}",) if problem else (),
        )

    def _chain_answer(self, symbol: str) -> Answer:
        """Ask under both spellings: the host denies what it does not know."""
        folder = f"{self._base}/api/global/delayed_quotes/options"
        other = symbol.lstrip("_") if symbol.startswith("_") else f"_{symbol}"
        try:
            return self._http.get(self.name, f"{folder}/{symbol}.json", Expect.JSON)
        except VendorError as error:
            if error.fault not in (Fault.NOT_THERE, Fault.DENIED):
                raise
        return self._http.get(self.name, f"{folder}/{other}.json", Expect.JSON)

    def _read(self, symbol: str, content: bytes, session: pd.Timestamp) -> Chain:
        from analysis.options.chain import ChainError, read_chain

        try:
            chain = read_chain(content)
        except ChainError as error:
            problem = f"the {symbol} chain is refused: {error}"
            raise VendorError(self.name, Fault.UNREADABLE, problem) from error
        if chain.symbol != symbol.lstrip("_"):
            problem = f"the {symbol} chain is of {chain.symbol}"
            raise VendorError(self.name, Fault.UNREADABLE, problem)
        if pd.Timestamp(chain.session) != session:
            problem = f"the {symbol} chain is of {chain.session}, and only that one can be had"
            raise VendorError(self.name, Fault.STALE, problem)
        return chain

    def _history(self, name: str, session: pd.Timestamp, shelf: Shelf) -> Findings:
        raw, rows = self._index_rows(name)
        have = shelf.table(CBOE_INDICES.path)
        known = have["date"][have["symbol"] == f"^{name}"]
        first = session - pd.DateOffset(years=FIRST_YEARS)
        since = first if known.empty else known.max() - pd.Timedelta(days=14)
        as_of = newest_by(self.name, rows["date"], session)
        wanted = rows[(rows["date"] > since) & (rows["date"] <= session)]
        return Findings(
            as_of=as_of,
            final=as_of == session,
            raws=(raw,),
            facts=(Facts(path=CBOE_INDICES.path, rows=normal(CBOE_INDICES.path, wanted)),),
        )

    def _index_rows(self, name: str) -> tuple[Raw, pd.DataFrame]:
        url = f"{self._base}/api/global/us_indices/daily_prices/{name}_History.csv"
        answer = self._http.get(self.name, url, Expect.TABLE)
        rows = csv_rows(self.name, answer.content, {"DATE"})
        column = "CLOSE" if "CLOSE" in rows else rows.columns[-1]
        try:
            days = pd.to_datetime(rows["DATE"], format="%m/%d/%Y")
            closes = pd.to_numeric(rows[column])
        except ValueError as error:
            problem = f"{name}_History.csv has changed its format: {error}"
            raise VendorError(self.name, Fault.UNREADABLE, problem) from error
        raw = Raw(
            name=f"{name}_History.csv", content=answer.content, content_type=answer.content_type
        )
        return raw, pd.DataFrame({"date": days, "symbol": f"^{name}", "close": closes})

    def _ratios(self, session: pd.Timestamp) -> Findings:
        day = f"{session:%Y-%m-%d}"
        url = f"{self._base}/data/us/options/market_statistics/daily/{day}_daily_options"
        try:
            answer = self._http.get(self.name, url, Expect.JSON)
        except VendorError as error:
            if error.fault not in (Fault.NOT_THERE, Fault.DENIED):
                raise
            problem = f"the ratios of {day} are not there yet, or denied ({error.problem})"
            raise VendorError(self.name, Fault.NOT_YET, problem) from error
        rows = pd.DataFrame([{"date": session, **self._ratio_values(answer.content)}])
        return Findings(
            as_of=session,
            final=True,
            raws=(Raw(name=RATIOS, content=answer.content, content_type=answer.content_type),),
            facts=(Facts(path=PUT_CALL.path, rows=normal(PUT_CALL.path, rows)),),
        )

    def _ratio_values(self, content: bytes) -> dict[str, float]:
        body = json_body(self.name, content)
        told = body.get("ratios") if isinstance(body, dict) else None
        if not told:
            raise VendorError(self.name, Fault.UNREADABLE, "the day's statistics name no ratios")
        values = {
            RATIO_NAMES[row["name"]]: float(row["value"])
            for row in told
            if row.get("name") in RATIO_NAMES
        }
        if "pcr_total" not in values:
            raise VendorError(self.name, Fault.UNREADABLE, "the day's statistics have no total")
        return values


def chain_totals(chain: Chain, content: bytes) -> pd.DataFrame:
    """Return how much a chain holds, as one row: contracts, open interest, volume."""
    volume = sum(row.get("volume") or 0.0 for row in json_body("cboe", content)["data"]["options"])
    return pd.DataFrame(
        [
            {
                "date": pd.Timestamp(chain.session),
                "symbol": chain.symbol,
                "contracts": float(len(chain)),
                "open_interest": float(chain.open_interest.sum()),
                "volume": float(volume),
            }
        ]
    )
