"""How far the estimate of 15:35 lies from what the same funds had to trade at the bell.

Run it with ``python -m benchmarks.into_close --data ../market``; docs/into-the-close.md has what
it printed. The folder needs bars of five minutes, see docs/data-format.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.drivers.leveraged_etf import leveraged_etf
from analysis.into_close import IntoClose, NoEstimateError, estimate_into_close
from analysis.market import Market
from analysis.sessions import close_utc
from analysis.sources.folder import FolderSource
from analysis.sources.folder.intraday import intraday_bars, session_prices

BIG_DAYS = (
    *("2024-08-05", "2024-12-18", "2025-04-03", "2025-04-04", "2025-04-09", "2025-04-10"),
    *("2025-05-12", "2025-06-10", "2025-10-10", "2026-03-20", "2026-07-29"),
)
"""Days that moved, and a quiet one (10 June 2025)."""

BIG_MOVE = 0.01
BEFORE_BELL = pd.Timedelta(minutes=25)
BILLION = 1e9


@dataclass(frozen=True)
class Compared:
    """One session's most likely dollars: early, by the same prices at the bell, and that evening.

    ``evening`` counts every fund, and takes closes where the folder has no bars.
    """

    session: pd.Timestamp
    early: IntoClose
    bell: IntoClose
    evening_usd: float

    @property
    def miss(self) -> float:
        """How far the early figure lies from that of the bell [fraction of the latter]."""
        return self.early.identity_usd / self.bell.identity_usd - 1.0


def compared(
    market: Market, bars: pd.DataFrame, sessions: Sequence[pd.Timestamp]
) -> Iterator[Compared]:
    """Measure sessions early and at the bell; those without prices are passed over."""
    evenings = leveraged_etf.measure(market)["flow_mid_usd"]
    for session in sessions:
        before = market.until(market.sessions[market.sessions < session][-1])
        closes, bell = before.close.iloc[-1].dropna(), close_utc(session)
        try:
            early, late = (
                estimate_into_close(before, session_prices(bars, session, at, closes))
                for at in (bell - BEFORE_BELL, bell)
            )
        except NoEstimateError:
            continue
        yield Compared(session, early, late, float(evenings[session]))


def line(one: Compared) -> str:
    """Return one session as a row of the table in the documents."""
    early, bell = one.early.here, one.bell.here
    flows = (early.flow_usd.mid, bell.flow_usd.mid, one.evening_usd)
    said = " | ".join(f"{usd / BILLION:+.1f}" for usd in flows)
    funds = "a published total" if one.early.covered_fraction is None else "by fund"
    return (
        f"| {one.session.date()} | {early.day_return:+.2%} | {bell.day_return:+.2%} | {said} | "
        f"{funds} |"
    )


def summary(found: Sequence[Compared]) -> str:
    """Say how far apart the two lie as a rule."""
    miss = np.abs([one.miss for one in found])
    turned = sum(one.early.identity_usd * one.bell.identity_usd < 0.0 for one in found)
    middle, most = np.quantile(miss, (0.5, 0.9))
    return (
        f"{len(found)} sessions that moved {BIG_MOVE:.0%} or more by the bell: median distance "
        f"{middle:.0%}, nine in ten within {most:.0%}, side turned on {turned}"
    )


def main() -> None:
    """Print the table, then the summary over every session that moved."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder: Path = parser.parse_args().data
    bars = intraday_bars(folder)
    market = FolderSource(folder).fetch(None)
    for one in compared(market, bars, [pd.Timestamp(day) for day in BIG_DAYS]):
        print(line(one))
    traded = market.sessions[market.sessions > bars["ended"].min() + pd.Timedelta(days=2)]
    moved = market.day_return[traded].abs() >= BIG_MOVE
    print(summary(list(compared(market, bars, list(traded[moved])))))


if __name__ == "__main__":
    main()
