"""Plant each driver's flow in seeded markets and see whether the desk finds it.

Run: python -m benchmarks.planted_flows [MARKETS]

Each market carries two plants of every driver in its last two years, of random size and sign.
A planted day counts when its planted flow really dominates: measured by each driver's own
large days (the 95th percentile of its planted dollars in that market), it is the largest of
all and half as large again as the next. Then:

first by score      no other driver has a larger |score|
first by surprise   none has a larger |surprise| (|score| decides between equals)
found               by score for the desks' own decisions, by surprise for flows that follow
                    the day's return, which are large on every large day
rank correlation    Spearman's, of planted dollars and the measured reading (share of volume
                    where the method has dollars, else z): over the counted days of the
                    driver, over all counted days, and over all sessions with a reading
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from analysis.history import History, read
from analysis.simulate.plants import SLUGS, Plant
from analysis.simulate.simulation import SESSIONS, Simulation, simulate

MARKETS = 45
FIRST_PLANT = 500
SPACING = 36
"""Sessions between plants: wide enough that one does not stand in the other's window."""

OWN_DECISIONS = ("short_covering", "hedge_unwinding", "real_money")
MARGIN = 1.5
LARGE_DAY = 0.95


def plants_of(seed: int) -> tuple[Plant, ...]:
    """Return two plants of every driver, shuffled over the last two years."""
    random = np.random.default_rng([seed, 500])
    order = random.permutation([*SLUGS, *SLUGS])
    sessions = FIRST_PLANT + SPACING * np.arange(len(order)) + random.integers(0, 6, len(order))
    sizes = random.uniform(4.0, 6.5, len(order)) * random.choice([-1.0, 1.0], len(order))
    return tuple(
        Plant(str(slug), int(session), float(size))
        for slug, session, size in zip(order, sessions, sizes, strict=True)
    )


def strengths(planted: pd.DataFrame) -> pd.DataFrame:
    """Return each planted flow in units of its own large days [x], unsigned."""
    return planted.abs() / planted.iloc[SESSIONS // 4 :].abs().quantile(LARGE_DAY)


def dominant(planted: pd.DataFrame) -> pd.Series:
    """Return the driver whose planted flow dominates each session, empty where none does."""
    strength = strengths(planted)
    ordered = np.sort(strength.to_numpy(), axis=1)
    clear = (ordered[:, -1] >= 1.0) & (ordered[:, -1] >= MARGIN * ordered[:, -2])
    return strength.idxmax(axis="columns").where(clear, "")


def reading(history: History) -> pd.DataFrame:
    """Return each driver's measured reading by session, in the unit its score ranks."""
    found = {}
    for slug, measure in history.measures.items():
        z = measure["z"] if "z" in measure else pd.Series(np.nan, measure.index)
        share = measure["share_of_adv"] if "share_of_adv" in measure else z
        found[slug] = z if share.isna().all() else share
    return pd.DataFrame(found)


def days_of(seed: int, simulation: Simulation, plants: tuple[Plant, ...]) -> list[dict[str, object]]:
    """Return one row for every planted day on which the plant dominates."""
    leader = dominant(simulation.planted)
    sessions = simulation.market.sessions
    asked = [plant for plant in plants if leader.iloc[plant.session] == plant.slug]
    rows = pd.DatetimeIndex([sessions[plant.session] for plant in asked])
    history = read(simulation.market, rows)
    measured = reading(history)
    return [
        _day(history, measured, simulation, sessions[plant.session], plant.slug, seed)
        for plant in asked
    ]


def _day(
    history: History,
    measured: pd.DataFrame,
    simulation: Simulation,
    session: pd.Timestamp,
    slug: str,
    seed: int,
) -> dict[str, object]:
    figures = history.figures_at(session)
    score = {name: abs(row.score) for name, row in figures.items()}
    surprise = {name: float(np.nan_to_num(abs(row.surprise))) for name, row in figures.items()}
    pairs = {name: (surprise[name], score[name]) for name in figures}
    by_score = score[slug] >= max(score.values())
    by_surprise = pairs[slug] >= max(pairs.values())
    return {
        "seed": seed,
        "session": session,
        "slug": slug,
        "by_score": by_score,
        "by_surprise": by_surprise,
        "found": by_score if slug in OWN_DECISIONS else by_surprise,
        "right_side": figures[slug].score * simulation.planted.loc[session, slug] > 0.0,
        "loudest": max(score, key=lambda name: (score[name], name)),
        **{f"planted_{name}": simulation.planted.loc[session, name] for name in figures},
        **{f"measured_{name}": measured.loc[session, name] for name in figures},
    }


def main() -> None:
    """Print the table."""
    markets = int(sys.argv[1]) if len(sys.argv) > 1 else MARKETS
    start = time.perf_counter()
    rows: list[dict[str, object]] = []
    everyday: list[pd.DataFrame] = []
    tried: dict[str, int] = dict.fromkeys(SLUGS, 0)
    for seed in range(1, markets + 1):
        plants = plants_of(seed)
        simulation = simulate(seed, plants=plants)
        for plant in plants:
            tried[plant.slug] += 1
        rows += days_of(seed, simulation, plants)
    days = pd.DataFrame(rows)
    print(days.groupby("slug")[["by_score", "by_surprise", "found", "right_side"]].mean().round(3))
    print(days.slug.value_counts(), tried, days.found.mean(), time.perf_counter() - start)
    days.to_pickle("/tmp/days.pkl")
    for slug in SLUGS:
        if f"planted_{slug}" in days:
            own = days[days.slug == slug]
            c = lambda d: d[f"planted_{slug}"].corr(d[f"measured_{slug}"].astype(float), method="spearman")
            print(slug, "own", round(c(own), 3), "all", round(c(days), 3))


if __name__ == "__main__":
    main()
