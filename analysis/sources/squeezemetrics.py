"""SqueezeMetrics' DIX and GEX: one small file, a row a session since 2011-05-02.

Lag: the file is updated about 18:00 New York; a row counts as known the next session. The
file is whole each time, so the host is asked whether it has changed. The figures are
SqueezeMetrics' own; their units of GEX are not ours. Licence: free to look at, not to
redistribute, so it stays in the operator's archive.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.sessions import previous_session
from analysis.sources import guard
from analysis.sources.folder.positions import DIX
from analysis.sources.http import Expect, Http
from analysis.sources.parsing import csv_rows, newest_by
from analysis.sources.tables import normal
from analysis.sources.vendor import Facts, Feed, Findings, Item, Raw, Shelf

FEED = Feed(name="SqueezeMetrics DIX", stale_days=5, feeds="dealer_gamma without a chain")


class SqueezeMetrics:
    """Asks for the one file there is."""

    name = "squeezemetrics"
    feeds = (FEED,)

    def __init__(self, http: Http, base: str = "https://squeezemetrics.com") -> None:
        self._http = http
        self._url = f"{base}/monitor/static/DIX.csv"

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return the file."""
        return [Item(key="DIX.csv", feed=FEED.name)]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return every row by the session; final once the row of the session before is there."""
        answer = self._http.get(self.name, self._url, Expect.TABLE)
        rows = csv_rows(self.name, answer.content, {"date", "dix", "gex"})
        rows = normal(DIX.path, rows)
        as_of = newest_by(self.name, rows["date"], session)
        odd = int((~rows["dix"].between(*guard.DIX_RANGE, inclusive="neither")).sum())
        return Findings(
            as_of=as_of,
            final=as_of >= previous_session(session),
            raws=(Raw(name=item.key, content=answer.content, content_type=answer.content_type),),
            facts=(Facts(path=DIX.path, rows=rows[rows["date"] <= session]),),
            problems=(f"{odd} rows whose DIX is no share",) if odd else (),
        )

    def probe(self) -> str:
        """Say the file's newest day."""
        answer = self._http.get(self.name, self._url, Expect.TABLE)
        rows = csv_rows(self.name, answer.content, {"date", "dix", "gex"})
        return f"newest row {rows['date'].iloc[-1]}"
