"""A small evening from plain numbers: four symbols, four hundred sessions, nothing real."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.sessions import sessions_between
from analysis.sources.archive import Archive
from analysis.sources.cboe import Cboe
from analysis.sources.gate import Gate
from analysis.sources.http import Http
from analysis.sources.live import LiveSource
from analysis.sources.squeezemetrics import SqueezeMetrics
from analysis.sources.yahoo import Yahoo
from tests.replay.quick import QUICK
from tests.replay.server import Replay
from tests.replay.vendors import dix_route
from tests.replay.yahoo import yahoo_routes

SESSION = pd.Timestamp("2026-07-29")
KNOWN_AT = "2026-07-29T21:30:00Z"
SYMBOLS = ("^GSPC", "SPY", "^VIX", "IWM")
STARTS = {"^GSPC": 5000.0, "SPY": 500.0, "^VIX": 20.0, "IWM": 200.0}


def small_prices(sessions: int = 400) -> pd.DataFrame:
    """Return bars that move by a few tenths of a per cent, each symbol on a wave of its own."""
    days = sessions_between(SESSION - pd.Timedelta(days=2 * sessions), SESSION)[-sessions:]
    steps = np.arange(sessions)
    frames = []
    for place, symbol in enumerate(SYMBOLS):
        close = STARTS[symbol] * np.exp(0.02 * np.sin(steps * (0.7 + 0.1 * place)))
        # The last day falls hard, so that there is a whole note to write.
        close[-1] = close[-2] * 0.94
        bars = {"open": close * 0.999, "high": close * 1.002, "low": close * 0.998}
        volume = 1_000_000.0 + steps
        frames.append(
            pd.DataFrame({"date": days, "symbol": symbol, **bars, "close": close, "volume": volume})
        )
    return pd.concat(frames, ignore_index=True)


def small_dix(prices: pd.DataFrame) -> pd.DataFrame:
    """Return a row of DIX for every session."""
    days = prices["date"][prices["symbol"] == "^GSPC"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame({"date": days, "price": 5000.0, "dix": 0.45, "gex": 1e9})


def serve_small_day(replay: Replay, prices: pd.DataFrame | None = None) -> None:
    """Lay the evening's answers out."""
    rows = small_prices() if prices is None else prices
    yahoo_routes(replay, rows, {})
    dix_route(replay, small_dix(small_prices()))


@dataclass(frozen=True)
class SmallDesk:
    """An archive and where its vendors are."""

    root: Path
    url: str
    members: Path

    def source(self, *, known_at: str = KNOWN_AT, session: pd.Timestamp = SESSION) -> LiveSource:
        """Return a source with three vendors, as a new process would make it."""
        archive = Archive(self.root)
        gate = Gate(QUICK)
        http = Http(gate, archive.cache / "http")
        vendors = (
            Yahoo(gate, self.url, self.members),
            Cboe(http, self.url),
            SqueezeMetrics(http, self.url),
        )
        return LiveSource(
            archive=archive,
            vendors=vendors,
            latest=session,
            known_at=lambda: known_at,
            hang_up=http.close,
        )


def small_desk(place: Path, url: str) -> SmallDesk:
    """Return a desk in a folder, with no members of the index."""
    members = place / "members.csv"
    members.write_text("symbol\n", "utf-8")
    return SmallDesk(place / "archive", url, members)
