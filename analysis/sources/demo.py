"""The demo market: no network, no files, the same figures on every machine."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.market import Market


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
