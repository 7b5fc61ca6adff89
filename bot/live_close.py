"""Prices of now for the estimate into the close: yesterday's evening kept, and one question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.into_close import SessionPrices
from analysis.sessions import check_session, previous_session
from analysis.sources.folder import FolderError
from analysis.sources.gate import Gate, Manners
from analysis.sources.live import read_view
from analysis.sources.yahoo_client import SOURCE as YAHOO
from analysis.sources.yahoo_client import YahooClient
from analysis.sources.yahoo_intraday import session_quotes
from bot.clock import Clock
from bot.errors import BadArgumentError, NoSourceError
from bot.into_close import check_running
from bot.live import NEW_YORK, open_archive, switched_off

if TYPE_CHECKING:
    from analysis.market import Market
    from bot.settings import Settings

QUOTE_MANNERS = replace(Manners(), requests=20, run_seconds=60.0)
"""One question needs an answer, a cookie and a crumb: three requests, and room to try again."""


@dataclass(frozen=True)
class LiveDuring:
    """The archive for the evening before, and Yahoo's quotes for now; nobody else is asked."""

    settings: Settings
    clock: Clock

    def moment(self, session: str, at: str | None) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return today's session and now; other sessions and moments have no prices any more."""
        if at is not None:
            raise BadArgumentError("live prices are those of now; --at goes with --data")
        now = pd.Timestamp(self.clock())
        today = now.tz_convert(NEW_YORK).date()
        day = check_session(today if session == "latest" else session, today=today)
        if day.date() != today:
            raise NoSourceError(
                f"prices during {day.date()} are gone: live prices are those of now; name a "
                "folder that has them with --data"
            )
        check_running(day, now)
        return day, now

    def before(self, session: pd.Timestamp) -> Market:
        """Return what the archive knew of the evening before."""
        evening, archive = previous_session(session), open_archive(self.settings)
        with archive.view() as view:
            try:
                return read_view(archive, view, evening)
            except FolderError as error:
                raise NoSourceError(
                    f"the archive has no evening of {evening.date()} to start from "
                    f"({error.problem}); `undertow note --session {evening.date()}` fetches it"
                ) from error

    def prices(self, market: Market, session: pd.Timestamp, at: pd.Timestamp) -> SessionPrices:
        """Ask Yahoo once for everything, and keep its answer in the archive."""
        if YAHOO in switched_off(self.settings):
            raise NoSourceError(
                "yahoo is switched off by UNDERTOW_SOURCES_OFF, and no other source has prices "
                "during a session"
            )
        archive = open_archive(self.settings)
        client = YahooClient(Gate(QUOTE_MANNERS), self.settings.yahoo_url)
        return session_quotes(client, archive, market, session, at)
