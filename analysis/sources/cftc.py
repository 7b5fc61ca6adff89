"""The CFTC's Traders in Financial Futures: who is long and short, as of Tuesdays.

Lag: a Tuesday's report is published on Friday at 15:30 New York, later in holiday weeks and
not at all while the government is shut; when a row counts as known is the folder's business.
Contracts, futures only; shorts are above zero here. Licence: a work of the US government, in
the public domain.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.positions import COT, SP500_COT
from analysis.sources.http import Expect, Http
from analysis.sources.parsing import json_body, newest_by
from analysis.sources.tables import normal
from analysis.sources.vendor import Facts, Feed, Findings, Item, Raw, Shelf

FEED = Feed(name="CFTC futures positions", stale_days=14, feeds="trend_following, hedge_unwinding")

CODES = {"13874A": "ES", "209742": "NQ", "239742": "RTY", "1170E1": "VX"}
"""Contract codes of the CFTC and the futures they are."""

ALL_SP500 = "13874+"
"""E-mini and micro contracts of the S&P 500 taken together: the folder's file of its own."""

FIRST_YEARS = 6
"""How far back a first run asks."""

FIELDS = {
    "oi": ("open_interest_all",),
    "dealer_long": ("dealer_positions_long_all",),
    "dealer_short": ("dealer_positions_short_all",),
    "asset_mgr_long": ("asset_mgr_positions_long", "asset_mgr_positions_long_all"),
    "asset_mgr_short": ("asset_mgr_positions_short", "asset_mgr_positions_short_all"),
    "lev_long": ("lev_money_positions_long", "lev_money_positions_long_all"),
    "lev_short": ("lev_money_positions_short", "lev_money_positions_short_all"),
}
"""Our columns and the names they have had in the answers."""

TUESDAY = 1
PUBLICATION = pd.Timedelta(days=3)


class Cftc:
    """Asks the open-data service for the contracts the desk follows."""

    name = "cftc"
    feeds = (FEED,)

    def __init__(self, http: Http, base: str = "https://publicreporting.cftc.gov") -> None:
        self._http = http
        self._url = f"{base}/resource/gpe5-46if.json"

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return the one query."""
        return [Item(key="tff", feed=FEED.name)]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return reports newer than the archive's; final once the report due is there."""
        have = shelf.table(COT.path)["date"]
        first = session - pd.DateOffset(years=FIRST_YEARS)
        since = first if have.empty else have.max() - pd.Timedelta(days=35)
        raw, rows = self._query(since, 5000)
        rows = rows[rows["date"] <= session]
        as_of = newest_by(self.name, rows["date"], session)
        return Findings(
            as_of=as_of, final=as_of >= due(session), raws=(raw,), facts=tuple(_facts(rows))
        )

    def probe(self) -> str:
        """Say the newest report's day."""
        _, rows = self._query(pd.Timestamp("2006-01-01"), 1)
        return f"newest report {rows['date'].max().date()}"

    def _query(self, since: pd.Timestamp, limit: int) -> tuple[Raw, pd.DataFrame]:
        codes = ", ".join(f"'{code}'" for code in (*CODES, ALL_SP500))
        query: dict[str, str | int] = {
            "$where": f"cftc_contract_market_code in ({codes}) and "
            f"report_date_as_yyyy_mm_dd >= '{since:%Y-%m-%d}T00:00:00'",
            "$order": "report_date_as_yyyy_mm_dd DESC",
            "$limit": limit,
        }
        answer = self._http.get(self.name, self._url, Expect.JSON, query=query)
        raw = Raw(name=item_name(since), content=answer.content, content_type=answer.content_type)
        return raw, self._rows(answer.content)

    def _rows(self, content: bytes) -> pd.DataFrame:
        records = json_body(self.name, content)
        if not isinstance(records, list):
            raise VendorError(self.name, Fault.UNREADABLE, "the answer is no list of reports")
        if not records:
            raise VendorError(self.name, Fault.EMPTY, "no report in the answer")
        frame = pd.DataFrame(records)
        columns = {own: _first(frame, names) for own, names in FIELDS.items()}
        columns["code"] = _first(frame, ("cftc_contract_market_code",))
        columns["date"] = pd.to_datetime(_first(frame, ("report_date_as_yyyy_mm_dd",)))
        return pd.DataFrame(columns).dropna(subset=["date", "code"])


def item_name(since: pd.Timestamp) -> str:
    """Name a query by what it asks for."""
    return f"gpe5-46if.json since {since.date()}"


def due(session: pd.Timestamp) -> pd.Timestamp:
    """Return the Tuesday whose report is out by the evening of a session in a usual week."""
    friday_or_before = session - PUBLICATION
    return friday_or_before - pd.Timedelta(days=(friday_or_before.weekday() - TUESDAY) % 7)


def _first(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    for name in names:
        if name in frame:
            return frame[name]
    raise VendorError("cftc", Fault.UNREADABLE, f"the answer has no field {names[0]!r}")


def _facts(rows: pd.DataFrame) -> list[Facts]:
    """Sort the reports into the folder's two files."""
    common = rows[rows["code"].isin(CODES)]
    common = common.assign(code=common["code"].map(CODES))
    whole = rows[rows["code"] == ALL_SP500].rename(
        columns={"oi": "all", "asset_mgr_long": "am_long", "asset_mgr_short": "am_short"}
    )
    found = [(COT.path, common), (SP500_COT.path, whole)]
    return [Facts(path=path, rows=normal(path, part)) for path, part in found if len(part)]
