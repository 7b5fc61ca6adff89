"""From a driver's row to what a reader may check: readings with their evidence."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from analysis.history import History, known
from analysis.reading import Driver, Estimate, Evidence, Fact, Reading
from analysis.scoring import LEAST_COVERAGE, YEAR_SESSIONS, Figures

LEAST_FOR_PERCENTILE = 60
"""A figure is ranked within its past year from a quarter's values on."""


def readings_of(history: History, session: pd.Timestamp) -> tuple[Reading, ...]:
    """Return every driver's reading of one session, in the order of their slugs."""
    figures = history.figures_at(session)
    return tuple(
        _reading(driver, figures[driver.slug], history.measures[driver.slug], session)
        for driver in history.drivers
    )


def _reading(
    driver: Driver, figures: Figures, measure: pd.DataFrame, session: pd.Timestamp
) -> Reading:
    return Reading(
        driver=driver,
        measured=bool(figures.measured),
        score=figures.score,
        surprise=known(figures.surprise),
        flow_usd=_flow(figures),
        share_of_adv=known(figures.share_of_adv),
        percentile=known(figures.percentile),
        coverage=figures.coverage,
        confidence=figures.confidence,
        evidence=tuple(_evidence(driver, measure, session)),
        missing=_missing(driver, measure, session, figures),
        caveat=str(measure["caveat"][session]) if "caveat" in measure else driver.caveat,
    )


def _flow(figures: Figures) -> Estimate | None:
    bounds = (figures.flow_low_usd, figures.flow_mid_usd, figures.flow_high_usd)
    return Estimate(*bounds) if np.isfinite(bounds).all() else None


def _missing(
    driver: Driver, measure: pd.DataFrame, session: pd.Timestamp, figures: Figures
) -> tuple[str, ...]:
    """Name the inputs that were not there, and say so where there was no history to rank in."""
    absent = [
        needed.missing
        for needed in driver.inputs
        if not float(measure[f"has_{needed.key}"][session]) > 0.0
    ]
    if not figures.measured and figures.coverage >= LEAST_COVERAGE:
        absent.append("too little history to say how large this is")
    if not figures.measured and not absent:
        absent.append("its inputs are too old or too few")
    return tuple(absent)


def _evidence(driver: Driver, measure: pd.DataFrame, session: pd.Timestamp) -> list[Evidence]:
    """Return the facts that are known for the session, in the driver's order."""
    return [
        _item(fact, measure, session)
        for fact in driver.facts
        if fact.key in measure and np.isfinite(float(measure[fact.key][session]))
    ]


def _item(fact: Fact, measure: pd.DataFrame, session: pd.Timestamp) -> Evidence:
    # Plain arrays: a note asks for some eighty facts, and fifteen years of them add up.
    at = int(measure.index.searchsorted(session))
    values = measure[fact.key].to_numpy(float)[: at + 1]
    value = float(values[-1])
    year = values[:-1][-YEAR_SESSIONS:]
    year = year[~np.isnan(year)]
    before = values[:-1][~np.isnan(values[:-1])]
    return Evidence(
        key=fact.key,
        label=fact.label,
        value=value,
        unit=fact.unit,
        percentile=float((year <= value).mean()) if len(year) >= LEAST_FOR_PERCENTILE else None,
        previous=float(before[-1]) if len(before) else None,
        as_of=_as_of(fact, measure, session),
        source=str(measure[fact.source_column][session]) if fact.source_column else fact.source,
    )


def _as_of(fact: Fact, measure: pd.DataFrame, session: pd.Timestamp) -> date:
    if not fact.as_of or pd.isna(measure[fact.as_of][session]):
        return session.date()
    return pd.Timestamp(measure[fact.as_of][session]).date()
