"""Plant each driver's flow in seeded markets and see whether the desk finds it.

Run: python -m benchmarks.planted_flows [MARKETS]

Each market carries two plants of every driver in its last two years, of random size and sign
(volatility control only buys: a new shock that makes it sell moves everything else as well). A
planted day counts when its planted flow really dominates: in units of each driver's own large
days (the 95th percentile of its planted dollars in that market) it is the largest of all, and
half as large again as the next. The columns:

tried, counted      plants, and those of them that dominate their day
score               share of counted days on which no other driver reaches its |score|
surprise            ... its |surprise| (|score| decides between equals)
note                ... |score| + |surprise|, by which a note chooses and orders its sections
side                share with the planted sign
planted days,       rank correlation (Spearman) of planted dollars and the measured reading,
all sessions        over the counted days and over all sessions that have a reading; the
                    reading is the share of volume for flows that follow a rule, and z for the
                    desks' own decisions, whose dollars are known days later or never
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from analysis.history import History, read
from analysis.simulate.plants import SLUGS, Plant
from analysis.simulate.simulation import simulate

MARKETS = 56
FIRST_PLANT = 500
SPACING = 36
"""Sessions between plants."""

OWN_DECISIONS = ("short_covering", "hedge_unwinding", "real_money")
MARGIN = 1.5
LARGE_DAY = 0.95
FIRST_READING = 320
"""All drivers have a reading and a year of ranks from about here on."""


def plants_of(seed: int) -> tuple[Plant, ...]:
    """Return two plants of every driver, shuffled over the last two years."""
    random = np.random.default_rng([seed, 500])
    order = [str(slug) for slug in random.permutation([*SLUGS, *SLUGS])]
    sessions = FIRST_PLANT + SPACING * np.arange(len(order)) + random.integers(0, 6, len(order))
    sizes = 3.0 + random.exponential(1.8, len(order))
    signs = random.choice([-1.0, 1.0], len(order))
    signs[[slug == "vol_control" for slug in order]] = 1.0
    return tuple(
        Plant(slug, int(session), float(size))
        for slug, session, size in zip(order, sessions, sizes * signs, strict=True)
    )


def dominant(planted: pd.DataFrame) -> pd.Series:
    """Return the driver whose planted flow dominates each session, empty where none does."""
    strength = planted.abs() / planted.iloc[FIRST_READING:].abs().quantile(LARGE_DAY)
    ordered = np.sort(strength.to_numpy(), axis=1)
    clear = (ordered[:, -1] >= 1.0) & (ordered[:, -1] >= MARGIN * ordered[:, -2])
    return strength.idxmax(axis="columns").where(clear, "")


def readings(history: History) -> pd.DataFrame:
    """Return each driver's measured reading by session, one column a slug."""
    return pd.DataFrame(
        {
            slug: measure["z" if slug in OWN_DECISIONS else "share_of_adv"]
            for slug, measure in history.measures.items()
        }
    )


def judged(history: History, session: pd.Timestamp, slug: str) -> dict[str, bool]:
    """Say whether the driver was first on that session, by score and by surprise."""
    figures = history.figures_at(session)
    score = {name: abs(row.score) for name, row in figures.items()}
    pair = {
        name: (float(np.nan_to_num(abs(row.surprise))), score[name])
        for name, row in figures.items()
    }
    return {
        "score": score[slug] > max(value for name, value in score.items() if name != slug),
        "note": sum(pair[slug]) > max(sum(both) for name, both in pair.items() if name != slug),
        "surprise": pair[slug] > max(value for name, value in pair.items() if name != slug),
    }


def examine(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one market's plants, judged where they count, and all its sessions in pairs."""
    plants = plants_of(seed)
    simulation = simulate(seed, plants=plants)
    sessions, planted = simulation.market.sessions, simulation.planted
    leader = dominant(planted)
    asked = pd.DatetimeIndex([sessions[plant.session] for plant in plants])
    history = read(simulation.market, asked)
    measured = readings(history)
    rows = [
        {
            "slug": plant.slug,
            "counted": leader[session] == plant.slug,
            "planted": planted.loc[session, plant.slug],
            "measured": measured.loc[session, plant.slug],
            **judged(history, session, plant.slug),
        }
        for plant, session in zip(plants, asked, strict=True)
    ]
    pairs = pd.concat({"planted": planted, "measured": measured}, axis="columns", sort=False)
    return pd.DataFrame(rows), pairs.iloc[FIRST_READING:]


def rank_correlation(left: pd.Series, right: pd.Series) -> float:
    """Return Spearman's correlation of two series over the rows that have both."""
    both = left.notna() & right.notna()
    return float(left[both].rank().corr(right[both].rank()))


def table(days: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return one row a driver."""
    rows = {}
    for slug in SLUGS:
        tried = days[days["slug"] == slug]
        own = tried[tried["counted"]]
        every = (sessions["planted", slug], sessions["measured", slug])
        rows[slug] = {
            "tried": len(tried),
            "counted": len(own),
            "score": own["score"].mean(),
            "surprise": own["surprise"].mean(),
            "note": own["note"].mean(),
            "side": (np.sign(own["planted"]) == np.sign(own["measured"])).mean(),
            "planted days": rank_correlation(own["planted"], own["measured"]),
            "all sessions": rank_correlation(*every),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def main() -> None:
    """Print the table."""
    markets = int(sys.argv[1]) if len(sys.argv) > 1 else MARKETS
    start = time.perf_counter()
    parts = [examine(seed) for seed in range(1, markets + 1)]
    days = pd.concat([rows for rows, _ in parts], ignore_index=True)
    result = table(days, pd.concat([pairs for _, pairs in parts], ignore_index=True))
    counted = days[days["counted"]]
    weights = result["counted"] / result["counted"].sum()
    print(result.round(3).to_string())
    print(
        f"\n{len(counted)} counted days in {markets} markets: the planted driver is first by "
        f"|score| on {counted['score'].mean():.1%}, by |surprise| on "
        f"{counted['surprise'].mean():.1%}, in a note's order on "
        f"{counted['note'].mean():.1%}; rank correlation on planted days "
        f"{(result['planted days'] * weights).sum():.3f} (mean over drivers by days), lowest "
        f"{result['planted days'].min():.3f}; {time.perf_counter() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
