"""The demo market: no network, no files, the same figures on every machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.market import Market

if TYPE_CHECKING:
    from analysis.options.chain import Chain


class DemoSource:
    """A simulated market that ends on a fixed session, whatever the clock says."""

    name = "demo"

    def fetch(self, session: pd.Timestamp | None = None) -> Market:
        """Return what was known in the simulated market on the evening of ``session``."""
        from analysis.simulate.scenarios import demo

        market = demo().market
        if session is None:
            return market
        cut = market.until(session)
        newest = cut.sessions[-1] if len(cut.sessions) else None
        return replace(cut, notes=tuple(replace(note, as_of=newest) for note in cut.notes))

    def chain(self, session: pd.Timestamp) -> Chain | None:
        """Return the simulated option chain of the demo's last session; earlier ones have none."""
        from analysis.simulate.chain import option_chain
        from analysis.simulate.scenarios import demo

        market = demo().market
        return option_chain(market) if session == market.sessions[-1] else None
