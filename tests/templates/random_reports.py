"""Any report at all: drivers measured or not, evidence there or not, every verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from analysis.reading import Driver, Estimate, Fact, Reading
from analysis.report import FlowReport, IndexDay, Verdict
from analysis.verdict import Label, Side
from tests.templates.reports import (
    DRIVERS,
    PROOF,
    RALLY_DAY,
    SOURCES,
    claims,
    explained,
    rally,
    reading,
    unmeasured,
)

UNITS = {
    "fraction": (-0.4, 0.4),
    "fraction a year": (0.05, 0.8),
    "usd": (-6e10, 6e10),
    "x": (-1.5, 1.5),
    "bps": (10.0, 300.0),
    "points": (1000.0, 9000.0),
    "index points": (1000.0, 9000.0),
    "sign": (-1.0, 1.0),
}
WHOLE = {
    "participation",
    "breadth",
    "up_volume_share",
    "negative_probability",
    "covered_fraction",
    "backcast_fraction",
    "proxied_fraction",
    "state",
    "expiring_1d_fraction",
    "expiring_5d_fraction",
}
"""Parts of a whole, in [0, 1]."""

REASONS = ("forced_surprise", "participation", "short_covering", "hedge_unwinding", "dealer_gamma")
SPECIAL_DAYS = ("quad_witching", "monthly_expiry", "half_day", "month_end", "after_holiday")


seeds = st.integers(0, 2**31)
"""What a random report is drawn from: a seed says more in a failure than a page of figures."""


def report_of(seed: int) -> FlowReport:
    """Return the report of a seed: no two parts of it need agree, but each could be."""
    return random_report(np.random.default_rng(seed))


def random_report(chance: np.random.Generator) -> FlowReport:
    """Return one report, the whole of it drawn by chance."""
    day_return = float(chance.choice([chance.uniform(-0.12, 0.12), chance.normal(0.0, 0.008), 0.0]))
    vix_known = chance.random() < 0.8
    odds = claims(up=day_return > 0.0)
    session = date(2012, 1, 2) + timedelta(days=int(chance.integers(0, 5000)))
    return replace(
        rally(),
        session=session,
        demo=bool(chance.random() < 0.3),
        index=IndexDay(
            symbol="^GSPC",
            close=float(chance.uniform(600.0, 9000.0)),
            day_return=day_return,
            vix_close=float(chance.uniform(9.0, 85.0)) if vix_known else None,
            vix_change=float(chance.uniform(-8.0, 25.0)) if vix_known else None,
            usual_move=float(chance.uniform(0.003, 0.05)) if chance.random() < 0.9 else None,
        ),
        verdict=_verdict(chance),
        readings=tuple(_reading(chance, driver, session) for _, driver in sorted(DRIVERS.items())),
        attribution=explained(day_return, float(chance.choice([0.0, chance.uniform(-0.02, 0.02)]))),
        odds=odds if abs(day_return) > 0.01 else odds[1:] if chance.random() < 0.7 else (),
        calendar=tuple(word for word in SPECIAL_DAYS if chance.random() < 0.1),
        sources=SOURCES if chance.random() < 0.7 else (),
        volume_basis=str(chance.choice(["members", "spy_ratio"])),
    )


def _reading(chance: np.random.Generator, driver: Driver, session: date) -> Reading:
    if chance.random() < 0.2:
        return unmeasured(driver.slug)
    score = float(chance.choice([0.0, chance.uniform(-1.0, 1.0), chance.uniform(-1.0, 1.0)]))
    sign = 1.0 if score >= 0.0 else -1.0
    low, mid, high = sorted(sign * chance.uniform(0.0, 10.0 ** chance.uniform(7.0, 10.9), size=3))
    keys = [fact.key for fact in driver.facts if chance.random() < 0.7]
    surprise = sign * float(chance.choice([0.0, chance.random()]))
    told = reading(
        driver.slug,
        score,
        surprise=surprise if chance.random() < 0.8 else None,
        flow_usd=(low, mid, high) if chance.random() < 0.7 else None,
        facts={fact.key: _value(chance, fact) for fact in driver.facts if fact.key in keys},
        caveat=PROOF if driver.slug == "short_covering" else None,
    )
    fresh = session if chance.random() < 0.5 else RALLY_DAY
    before = {fact.key: _value(chance, fact) for fact in driver.facts}
    dated = [replace(one, as_of=fresh, previous=before[one.key]) for one in told.evidence]
    return replace(told, evidence=tuple(dated))


def _value(chance: np.random.Generator, fact: Fact) -> float:
    if fact.key in WHOLE:
        return float(chance.random())
    if fact.unit == "flag":
        return float(chance.integers(0, 2))
    return float(chance.uniform(*UNITS.get(fact.unit.lower(), (0.0, 100.0))))


def _verdict(chance: np.random.Generator) -> Verdict:
    low, mid, high = sorted(chance.uniform(-9e10, 9e10, size=3))
    least, part, most = sorted(chance.uniform(0.0, 1.3, size=3))
    order = chance.permutation(len(REASONS))[: chance.integers(0, 6)]
    return Verdict(
        label=list(Label)[chance.integers(0, len(Label))],
        side=list(Side)[chance.integers(0, len(Side))],
        confidence=float(chance.random()),
        mechanical_usd=Estimate(low, mid, high) if chance.random() < 0.8 else None,
        mechanical_share_of_volume=Estimate(least, part, most) if chance.random() < 0.8 else None,
        participation=float(chance.random()) if chance.random() < 0.8 else None,
        forced_surprise=float(chance.uniform(-1.0, 1.0)) if chance.random() < 0.8 else None,
        reasons=tuple(REASONS[place] for place in order),
    )
