"""FINRA: short-sale volume by day, and short interest twice a month.

Daily short-sale volume: about 18:00 New York the same day; off-exchange trades only, of which
45 to 50 % are marked short as a matter of course: it is no short interest. The file ends in a
line with its row count, by which a cut one is known.
Short interest: of the 15th and the month's end, public 7 to 9 business days later.
Licence: free to use, not to redistribute without FINRA's leave.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.positions import SHORT_INTEREST
from analysis.sources.http import Answer, Expect, Http
from analysis.sources.parsing import csv_rows, json_body, newest_by
from analysis.sources.tables import SHORT_VOLUME, normal
from analysis.sources.universe import shorted_symbols
from analysis.sources.vendor import Facts, Feed, Findings, Item, Raw, Shelf

VOLUME_FEED = Feed(name="FINRA short volume", stale_days=1, feeds="nothing; kept for readers")
INTEREST_FEED = Feed(name="FINRA short interest", stale_days=31, feeds="short_covering")

VOLUME, INTEREST = "short_volume", "short_interest"

KEPT_ALONGSIDE = ("SPY", "QQQ", "IWM")
"""Funds whose short-marked volume is kept besides the basket's."""

FIRST_MONTHS = 30
"""How far back a first run asks for short interest."""

PAGE = 5000


class Finra:
    """Asks two hosts: the file server for volume, the data service for short interest."""

    name = "finra"
    feeds = (VOLUME_FEED, INTEREST_FEED)

    def __init__(
        self,
        http: Http,
        files: str = "https://cdn.finra.org",
        service: str = "https://api.finra.org",
    ) -> None:
        self._http = http
        self._files = files
        self._service = f"{service}/data/group/otcMarket/name/consolidatedShortInterest"

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return the day's volume file and the query for short interest."""
        return [
            Item(key=INTEREST, feed=INTEREST_FEED.name),
            Item(key=VOLUME, feed=VOLUME_FEED.name),
        ]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return one of the two."""
        if item.key == VOLUME:
            return self._short_volume(session)
        return self._short_interest(session, shelf)

    def probe(self) -> str:
        """Say the newest settlement date of the most shorted name."""
        rows = self._prints(shorted_symbols()[:1], pd.Timestamp("2020-01-01"))[1]
        return f"newest settlement {rows['date'].max().date()}"

    def _short_volume(self, session: pd.Timestamp) -> Findings:
        name = f"CNMSshvol{session:%Y%m%d}.txt"
        answer = self._published(f"{self._files}/equity/regsho/daily/{name}", name)
        rows = short_volume(answer.content)
        as_of = newest_by(self.name, rows["date"], session)
        kept = rows[rows["symbol"].isin([*shorted_symbols(), *KEPT_ALONGSIDE])]
        return Findings(
            as_of=as_of,
            final=as_of == session,
            raws=(Raw(name=name, content=answer.content, content_type=answer.content_type),),
            facts=(Facts(path=SHORT_VOLUME.path, rows=normal(SHORT_VOLUME.path, kept)),),
            problems=() if as_of == session else (f"{name} is of {as_of.date()}",),
        )

    def _published(self, url: str, name: str) -> Answer:
        """Return a file, taking "no such file" for "not yet": that is how the host says it."""
        try:
            return self._http.get(self.name, url, Expect.TABLE)
        except VendorError as error:
            if error.fault not in (Fault.NOT_THERE, Fault.DENIED):
                raise
            problem = f"{name} is not there yet, or the host denies it ({error.problem})"
            raise VendorError(self.name, Fault.NOT_YET, problem) from error

    def _short_interest(self, session: pd.Timestamp, shelf: Shelf) -> Findings:
        have = shelf.table(SHORT_INTEREST.path)["date"]
        first = session - pd.DateOffset(months=FIRST_MONTHS)
        since = first if have.empty else have.max() - pd.Timedelta(days=35)
        raw, rows = self._prints(shorted_symbols(), since)
        rows = rows[rows["date"] <= session]
        return Findings(
            as_of=newest_by(self.name, rows["date"], session),
            final=True,
            raws=(raw,),
            facts=(Facts(path=SHORT_INTEREST.path, rows=normal(SHORT_INTEREST.path, rows)),),
        )

    def _prints(self, symbols: Sequence[str], since: pd.Timestamp) -> tuple[Raw, pd.DataFrame]:
        """Ask for the prints of some symbols, newest first."""
        query = {
            "limit": PAGE,
            "fields": ["symbolCode", "settlementDate", "currentShortPositionQuantity"],
            "sortFields": ["-settlementDate"],
            "domainFilters": [{"fieldName": "symbolCode", "values": list(symbols)}],
            "compareFilters": [
                {
                    "compareType": "GTE",
                    "fieldName": "settlementDate",
                    "fieldValue": f"{since:%Y-%m-%d}",
                }
            ],
        }
        body = json.dumps(query, sort_keys=True).encode()
        answer = self._http.get(self.name, self._service, Expect.JSON, body=body)
        raw = Raw(
            name=f"consolidatedShortInterest since {since.date()}",
            content=answer.content,
            content_type=answer.content_type,
        )
        return raw, self._rows(answer.content)

    def _rows(self, content: bytes) -> pd.DataFrame:
        records = json_body(self.name, content)
        if not isinstance(records, list) or not records:
            raise VendorError(self.name, Fault.EMPTY, "no short interest in the answer")
        frame = pd.DataFrame(records)
        names = {
            "symbolCode": "ticker",
            "settlementDate": "date",
            "currentShortPositionQuantity": "current",
        }
        absent = [name for name in names if name not in frame]
        if absent:
            raise VendorError(self.name, Fault.UNREADABLE, f"no field {absent[0]!r} in the answer")
        frame = frame.rename(columns=names)[list(names.values())]
        return frame.assign(date=pd.to_datetime(frame["date"]))


def short_volume(content: bytes) -> pd.DataFrame:
    """Return a daily short-sale volume file's rows: date, symbol, shares short-marked and in all.

    Raises
    ------
    VendorError
        If the file is cut: its last line must say how many rows there are.
    """
    lines = content.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    if not lines[-1].strip().isdigit():
        raise VendorError("finra", Fault.UNREADABLE, "the file is cut: its row count is missing")
    stated, found = int(lines[-1]), len(lines) - 2
    if stated != found:
        problem = f"the file is cut: {found} rows where it states {stated}"
        raise VendorError("finra", Fault.UNREADABLE, problem)
    needed = {"Date", "Symbol", "ShortVolume", "TotalVolume"}
    rows = csv_rows("finra", b"\n".join(lines[:-1]) + b"\n", needed, separator="|")
    return pd.DataFrame(
        {
            "date": pd.to_datetime(rows["Date"], format="%Y%m%d"),
            "symbol": rows["Symbol"],
            "short_volume": rows["ShortVolume"].astype(float),
            "total_volume": rows["TotalVolume"].astype(float),
        }
    )
