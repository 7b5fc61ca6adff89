"""What the steps of the validation ladder share: the market folder and a result's shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.drivers import all_drivers
from analysis.market import Market
from analysis.report import FlowReport, build_report
from analysis.sources.folder import FolderSource

BILLION = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what was expected, what came out; ``passed`` is None without the data."""

    name: str
    test: str
    expected: str
    ours: str
    passed: bool | None
    n: str
    source: str


class Bench:
    """The market folder and what several steps ask of it, worked out once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def market(self) -> Market:
        """The whole folder."""
        return FolderSource(self.folder).fetch()

    @cached_property
    def dix(self) -> pd.DataFrame:
        """The published dark-pool and gamma indices by their own date."""
        table: pd.DataFrame = self.market.dix.set_index("date")
        return table[table.index.isin(self.market.sessions)]

    def measure(self, slug: str) -> pd.DataFrame:
        """Return one driver's measure over the whole market."""
        return next(d for d in all_drivers() if d.slug == slug).measure(self.market)

    def report(self, session: str) -> FlowReport:
        """Return the report of one session."""
        return build_report(self.market, pd.Timestamp(session))


def regression(outcome: pd.Series, factors: pd.DataFrame) -> tuple[pd.Series, float, int]:
    """Return least-squares slopes by factor, R2 and the number of rows without a gap."""
    table = factors.assign(outcome=outcome).dropna()
    design = np.column_stack([np.ones(len(table)), table[factors.columns].to_numpy(float)])
    target = table["outcome"].to_numpy(float)
    weights = np.linalg.lstsq(design, target, rcond=None)[0]
    explained = 1.0 - float(np.var(target - design @ weights) / np.var(target))
    return pd.Series(weights[1:], factors.columns), explained, len(table)
