"""The estimate into the close: prices during a session, from a folder or live, and its edition.

An estimate is worth something until the bell and nothing after it. So it is never made up for,
graded or sent: it stands in the ledger, where `/flow today` finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

import pandas as pd

from analysis.into_close import IntoClose, NoEstimateError, SessionPrices, estimate_into_close
from analysis.sessions import check_session, close_utc, open_utc, previous_session
from analysis.sources import SourceError
from analysis.sources.folder import FolderSource
from analysis.sources.folder.intraday import intraday_bars, latest_session, session_prices
from bot.edition import ESTIMATE_BEFORE_CLOSE, ESTIMATE_TEXT, Edition, WritingError
from bot.errors import BadArgumentError, DeskError

if TYPE_CHECKING:
    from analysis.market import Market

NEW_YORK = ZoneInfo("America/New_York")

TEXTS = {"close.txt": "text", ESTIMATE_TEXT: "discord", "close.json": "json"}
"""The texts of an estimate by name, and how each is set."""


class DuringSession(Protocol):
    """Anything that knows prices while a session runs, and the evening before it."""

    def moment(self, session: str, at: str | None) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the session that was asked for, and the moment in it [UTC]."""
        ...

    def before(self, session: pd.Timestamp) -> Market:
        """Return the market as it was known on the evening before ``session``."""
        ...

    def prices(self, market: Market, session: pd.Timestamp, at: pd.Timestamp) -> SessionPrices:
        """Return the prices known at a moment of the session."""
        ...


def estimate_of(during: DuringSession, session: str = "latest", at: str | None = None) -> IntoClose:
    """Return the estimate of a session at a moment of it.

    Raises
    ------
    NoEstimateError, SourceError, DeskError, ValueError
        With one sentence, where there can be none.
    """
    day, moment = during.moment(session, at)
    market = during.before(day)
    return estimate_into_close(market, during.prices(market, day, moment))


class FolderDuring:
    """A market folder with bars of five minutes, see `analysis.sources.folder.intraday`."""

    def __init__(self, folder: Path, before_close: timedelta = ESTIMATE_BEFORE_CLOSE) -> None:
        self._folder = folder
        self._before_close = before_close

    @property
    def _bars(self) -> pd.DataFrame:
        """The bars as they lie there now: a folder may grow while a desk serves from it."""
        return intraday_bars(self._folder)

    def moment(self, session: str, at: str | None) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the session, the folder's last for ``latest``, and a moment before its bell."""
        day = latest_session(self._bars) if session == "latest" else check_session(session)
        if at is None:
            return day, close_utc(day) - self._before_close
        moment = pd.Timestamp.combine(day.date(), _time(at)).tz_localize(NEW_YORK)
        check_running(day, moment)
        return day, moment.tz_convert("UTC")

    def before(self, session: pd.Timestamp) -> Market:
        """Return what the folder knew on the evening before."""
        return FolderSource(self._folder).fetch(previous_session(session))

    def prices(self, market: Market, session: pd.Timestamp, at: pd.Timestamp) -> SessionPrices:
        """Return the prices of the bars that were over by then."""
        return session_prices(self._bars, session, at, market.close.iloc[-1].dropna())


@dataclass(frozen=True, slots=True)
class CloseWriter:
    """Makes the edition of a session that runs."""

    during: DuringSession

    def write(self, session: date) -> Edition:
        """Return the session's estimate at the prices of now.

        Raises
        ------
        WritingError
            Where there can be none, or not yet: a later ring before the bell tries again.
        """
        try:
            return edition_of(estimate_of(self.during, session.isoformat()))
        except SourceError as error:
            raise WritingError(session, str(error), permanent=error.permanent) from error
        except (NoEstimateError, DeskError, ValueError) as error:
            raise WritingError(session, str(error)) from error


def edition_of(estimate: IntoClose) -> Edition:
    """Set an estimate in its texts."""
    from templates.into_close import render_into_close

    texts = {name: render_into_close(estimate, kind).encode() for name, kind in TEXTS.items()}
    return Edition(estimate.session, texts, estimate.content_hash)


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise BadArgumentError(f"{text!r} is no time; give one such as 15:35") from error


def check_running(session: pd.Timestamp, moment: pd.Timestamp) -> None:
    """Refuse a moment at which the session is not running."""
    begins, ends = open_utc(session), close_utc(session)
    if not begins <= moment <= ends:
        first, last, asked = (one.tz_convert(NEW_YORK) for one in (begins, ends, moment))
        raise DeskError(
            f"{asked:%H:%M} New York is outside the session of {session.date()}, which runs from "
            f"{first:%H:%M} to {last:%H:%M}; after the bell `undertow note` has the day's figure"
        )
