"""A market folder on disk: the desk's open format, every file optional but the prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.market import INDEX, Market
from analysis.sessions import sessions_between


class FolderSource:
    """Reads a folder in the layout that `docs/data-sources.md` describes."""

    name = "folder"

    def __init__(self, path: Path) -> None:
        self.path = path

    def fetch(self, session: pd.Timestamp | None = None) -> Market:
        """Return what the folder knew on the evening of ``session``."""
        prices = pd.read_parquet(self.path / "prices/funds_and_indices.parquet")
        members = pd.read_parquet(self.path / "prices/sp500_members.parquet")
        if session is not None:
            prices = prices[prices.date <= session]
            members = members[members.date <= session]
        index = prices[prices.symbol == INDEX].date
        sessions = sessions_between(index.min(), index.max())
        real = prices.volume.where(prices.quality == "full")
        assets = self._dated("positioning/fund_assets.parquet", session)
        funds = pd.read_csv(self.path / "positioning/leveraged_funds.csv")
        funds = funds.rename(columns={"L": "leverage", "underlying_yahoo": "underlying"})
        return Market(
            sessions=sessions,
            open=panel(prices, "open", sessions),
            high=panel(prices, "high", sessions),
            low=panel(prices, "low", sessions),
            close=panel(prices, "close", sessions),
            volume=panel(prices.assign(volume=real), "volume", sessions),
            member_close=panel(members, "close", sessions),
            member_volume=panel(members, "volume", sessions),
            fund_assets_usd=panel(assets, "assets_usd", sessions),
            leveraged_funds=funds.set_index("ticker")[
                ["leverage", "underlying", "bucket", "proxy"]
            ],
        )

    def _dated(self, name: str, session: pd.Timestamp | None) -> pd.DataFrame:
        frame = pd.read_parquet(self.path / name)
        return frame if session is None else frame[frame.date <= session]


def panel(rows: pd.DataFrame, value: str, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Spread long rows (date, symbol, value) into sessions by symbols, missing where absent."""
    codes, symbols = pd.factorize(rows["symbol"], sort=True)
    at = sessions.get_indexer(pd.DatetimeIndex(rows["date"]))
    wide = np.full((len(sessions), len(symbols)), np.nan)
    known = at >= 0
    wide[at[known], codes[known]] = rows[value].to_numpy(float)[known]
    return pd.DataFrame(wide, index=sessions, columns=pd.Index(symbols, dtype=str))
