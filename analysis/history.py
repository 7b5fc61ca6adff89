"""All drivers over all sessions: the one code path behind today's note and fifteen years.

`read` measures and scores every driver; `hearing` gathers what the verdict hears of one
session. Both look at nothing after the session they speak of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.drivers import all_drivers
from analysis.market import Market
from analysis.neighbours import conditional_rank
from analysis.reading import Driver, Estimate, Kind
from analysis.scoring import GRADE_CAP, Figures, rank_by_series, score_history, series_of
from analysis.verdict import Hearing

FLOW_BOUNDS = ("flow_low_usd", "flow_mid_usd", "flow_high_usd")


@dataclass(frozen=True, kw_only=True)
class History:
    """Every driver's measure and figures, by slug, one row a session.

    ``rows`` are the sessions that may be asked about: costly comparisons are made for
    them alone.
    """

    market: Market
    drivers: tuple[Driver, ...]
    measures: Mapping[str, pd.DataFrame]
    figures: Mapping[str, pd.DataFrame]
    rows: pd.DatetimeIndex

    @cached_property
    def forced_share(self) -> pd.Series:
        """Net forced dollars over the day's dollar volume [fraction], by session.

        Only drivers whose dollars have a year of history count, so that a driver that
        has just become measurable does not make its first day look like a record.
        """
        flows = {
            slug: frame["flow_mid_usd"].where(frame["ranked"].astype(bool))
            for slug, frame in self.figures.items()
            if self._driver(slug).kind is Kind.MECHANICAL
        }
        net = pd.DataFrame(flows, index=self.market.sessions).sum(axis="columns", min_count=1)
        return net / self.market.dollar_volume_usd

    @cached_property
    def forced_surprise(self) -> pd.Series:
        """How unusual the forced share in the move's direction was for its size [-1 to 1]."""
        aligned = self.forced_share * np.sign(self.market.day_return)
        return 2.0 * conditional_rank(aligned, self.market.move, self.rows) - 1.0

    @cached_property
    def witness_ranks(self) -> Mapping[str, pd.Series]:
        """Each mechanical driver's return-free evidence among moves of its size [-1 to 1].

        Above zero it lies further in the direction of the move than it usually does.
        """
        direction = np.sign(self.market.day_return)
        return {
            driver.slug: aligned_rank(
                self.figures[driver.slug]["witness"] * direction,
                series_of(self.measures[driver.slug]),
                self.market,
                self.rows,
            )
            for driver in self.drivers
            if driver.witness and driver.kind is Kind.MECHANICAL
        }

    @cached_property
    def _records(self) -> dict[pd.Timestamp, dict[str, Figures]]:
        """Figures of every asked session by slug, as plain tuples."""
        columns = {
            slug: [Figures(*row) for row in frame.loc[self.rows].itertuples(index=False)]
            for slug, frame in self.figures.items()
        }
        return {
            session: {slug: rows[at] for slug, rows in columns.items()}
            for at, session in enumerate(self.rows)
        }

    def figures_at(self, session: pd.Timestamp) -> dict[str, Figures]:
        """Return every driver's figures for one of ``rows``, by slug."""
        return self._records[session]

    def flows(self, session: pd.Timestamp) -> dict[str, Estimate]:
        """Return the dollars of the mechanical drivers that have them, by slug [USD]."""
        found = self.figures_at(session)
        return {
            slug: Estimate(*sorted((row.flow_low_usd, row.flow_mid_usd, row.flow_high_usd)))
            for slug, row in found.items()
            if self._driver(slug).kind is Kind.MECHANICAL and np.isfinite(row.flow_mid_usd)
        }

    def flows_before(self, session: pd.Timestamp) -> dict[str, Estimate]:
        """Return the mechanical drivers' dollars of any session, asked about or not [USD]."""
        found = {
            slug: frame.loc[[session]].iloc[0].to_dict()
            for slug, frame in self.figures.items()
            if self._driver(slug).kind is Kind.MECHANICAL
        }
        return {
            slug: Estimate(*sorted(float(row[bound]) for bound in FLOW_BOUNDS))
            for slug, row in found.items()
            if np.isfinite(float(row["flow_mid_usd"])) and bool(row["measured"])
        }

    def hearing(self, session: pd.Timestamp) -> Hearing:
        """Gather what the verdict hears of one of ``rows``."""
        found = self.figures_at(session)
        forced = [driver for driver in self.drivers if driver.kind is Kind.MECHANICAL]
        chosen = [driver for driver in self.drivers if driver.kind is Kind.CONVICTION]
        heard = [driver for driver in forced if driver.witness]
        return Hearing(
            move=float(np.nan_to_num(self.market.move[session])),
            scores={d.slug: found[d.slug].score for d in forced if found[d.slug].measured},
            confidences={d.slug: found[d.slug].confidence for d in forced},
            caps={d.slug: GRADE_CAP[d.grade] for d in heard},
            witnesses={
                slug: float(rank[session])
                for slug, rank in self.witness_ranks.items()
                if np.isfinite(rank[session])
            },
            forced_surprise=known(self.forced_surprise[session]),
            participation=next((known(found[d.slug].witness) for d in chosen), None),
            mechanical_usd=total(self.flows(session)),
            volume_usd=known(self.market.dollar_volume_usd[session]),
        )

    def _driver(self, slug: str) -> Driver:
        return next(driver for driver in self.drivers if driver.slug == slug)


def read(market: Market, rows: pd.DatetimeIndex | None = None) -> History:
    """Measure and score every driver over the whole market.

    ``rows`` are the sessions that will be asked about; None stands for all of them.
    """
    asked = market.sessions if rows is None else rows
    drivers = all_drivers()
    measures = {driver.slug: driver.measure(market) for driver in drivers}
    figures = {
        driver.slug: score_history(driver, measures[driver.slug], market, asked)
        for driver in drivers
    }
    return History(market=market, drivers=drivers, measures=measures, figures=figures, rows=asked)


def aligned_rank(
    aligned: pd.Series, series: pd.Series, market: Market, rows: pd.DatetimeIndex
) -> pd.Series:
    """Return evidence in the direction of the move as a rank among moves of its size [-1 to 1].

    Each series is ranked by itself; the hyperbolic tangent of half the standard units stands
    in while a series is too short to rank in.
    """
    rank = rank_by_series(aligned, series, market, rows)
    return (2.0 * rank - 1.0).fillna(np.tanh(aligned[rows] / 2.0))


def total(flows: Mapping[str, Estimate]) -> Estimate | None:
    """Return the net of several flows, bound by bound [USD]; None where there are none."""
    if not flows:
        return None
    return Estimate(
        sum(flow.low for flow in flows.values()),
        sum(flow.mid for flow in flows.values()),
        sum(flow.high for flow in flows.values()),
    )


def known(value: float) -> float | None:
    """Return the value, or None where it is missing or infinite."""
    return float(value) if np.isfinite(value) else None
