"""The demo market: no network, no files, the same figures on every machine."""

from __future__ import annotations

import pandas as pd

from analysis.market import Market


class DemoSource:
    """A simulated market that ends on a fixed session, whatever the clock says."""

    name = "demo"

    def fetch(self, session: pd.Timestamp | None = None) -> Market:
        """Return what was known in the simulated market on the evening of ``session``."""
        from analysis.simulate.scenarios import demo

        market = demo().market
        return market if session is None else market.until(session)
