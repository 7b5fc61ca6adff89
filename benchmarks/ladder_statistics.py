"""Steps of the validation ladder that rest on published indices and on prices alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.base_rates import QUESTIONS
from analysis.gate import control_forecasts, gate_of, settled, variants_tried
from analysis.market import INDEX
from analysis.odds import base_rows
from analysis.options.chain import Chain, ChainError, read_chain
from analysis.options.exposure import net_gamma_usd
from benchmarks.ladder_bench import Bench, Step, regression


def v1_dark_pools(bench: Bench) -> Step:
    """Mean return over 60 sessions after a high dark-pool index, in and out of its sample."""
    close = bench.market.closes(INDEX)
    ahead = (close.shift(-60) / close - 1.0).reindex(bench.dix.index)
    high = bench.dix["dix"] >= 0.45
    inside = bench.dix.index < "2018-04-01"
    late = bench.dix.index >= "2020-01-01"
    mean = float(ahead[high & inside].mean())
    return Step(
        name="V1",
        test="mean 60-session return after DIX >= 45 %, 2011-05 to 2018-03",
        expected="5.3 %",
        ours=f"{mean:.2%} (all days {ahead[inside].mean():.2%}); since 2020 "
        f"{ahead[high & late].mean():.2%} against {ahead[late].mean():.2%}",
        passed=abs(mean - 0.053) < 0.0005,
        n=str(int((high & inside & ahead.notna()).sum())),
        source="SqueezeMetrics, monitor page",
    )


def v2_gamma_against_published(bench: Bench) -> Step:
    """Our naive gamma of SPX, less contracts of a day or less, against the published index."""
    ours = {
        session: net_gamma_usd(chain.running(2))["naive"]
        for session, chain in _evenings(bench.folder / "chains" / "cboe" / "SPX")
    }
    # From the file: the market itself knows the last session's figure a day later.
    file = bench.folder / "positioning" / "squeezemetrics_dix_gex.csv"
    theirs = pd.read_csv(file, index_col="date", parse_dates=True)["gex"]
    both = pd.DataFrame({"ours": pd.Series(ours), "theirs": theirs}).dropna()
    agreement = float(both["ours"].rank().corr(both["theirs"].rank()))
    # Fisher's transformation; ranks of so few sessions scatter at least this widely.
    spread = 1.645 / np.sqrt(len(both) - 3.0)
    low, high = np.tanh(np.arctanh(agreement) + np.array([-spread, spread]))
    return Step(
        name="V2",
        test="our SPX gamma (naive, two days or more to run) against the published index, Spearman",
        expected=">= 0.80 over 47 chains",
        ours=f"{agreement:.2f}, 90 % between {low:.2f} and {high:.2f}",
        passed=agreement >= 0.80,
        n=f"{len(both)} sessions of July and August 2026; the folder has no more",
        source="measured on public chains of June to August 2026",
    )


def _evenings(folder: Path) -> Iterator[tuple[pd.Timestamp, Chain]]:
    """Read the chains that hold the session they are named after."""
    for path in sorted(folder.glob("*.csv.gz")):
        session = pd.Timestamp(path.name.partition(".")[0])
        try:
            yield session, read_chain(path, session=session.date())
        except ChainError:
            continue


def v3_gamma_and_next_move(bench: Bench) -> Step:
    """Mean next-session |return| by quintile of published gamma."""
    ahead = bench.market.day_return.shift(-1).abs().reindex(bench.dix.index)
    means = ahead.groupby(pd.qcut(bench.dix["gex"], 5, labels=False)).mean() * 1e4
    return Step(
        name="V3",
        test="next-session |return| by gamma quintile, lowest over highest [bp]",
        expected="125 / 51, at least 2x",
        ours="/".join(f"{mean:.0f}" for mean in means),
        passed=bool(means.iloc[0] / means.iloc[-1] >= 2.0),
        n=str(int(ahead.notna().sum())),
        source="measured on the published index",
    )


def v6_volume_and_reversal(bench: Bench) -> Step:
    """Regress the next return on today's return and its volume."""
    market = bench.market
    ret, volume = market.returns("SPY"), market.column(market.volume, "SPY")
    heavy = np.log(volume / volume.shift(1).rolling(250).mean())
    since = market.sessions >= pd.Timestamp("2010-01-01")
    slopes, explained, n = regression(
        ret.shift(-1), pd.DataFrame({"r": ret, "heavy_r": heavy * ret})[since]
    )
    return Step(
        name="V6",
        test="slope of next SPY return on ln(volume / mean of prior 250) times return, 2010-2026",
        expected="-0.24 +- 0.02 (^GSPC 1962-87: -0.29, no data here)",
        ours=f"{slopes['heavy_r']:.3f}, R2 {explained:.1%}",
        passed=abs(slopes["heavy_r"] + 0.24) <= 0.02,
        n=str(n),
        source="Campbell, Grossman and Wang (1993)",
    )


def v10_not_ours(bench: Bench) -> Step:
    """Results that need data the folder does not have."""
    return Step(
        name="V10",
        test="days to cover 1.19 % a month; last half hour Sharpe 1.08; rebalancing Sharpe 0.94",
        expected="cited only",
        ours="no data: CRSP, half-hour bars since 1993, futures since 1997",
        passed=None,
        n="-",
        source="Hong et al. (2015); Gao et al. (2018); Harvey et al. (2025)",
    )


def v11_gate(bench: Bench) -> Step:
    """Whether the model at the gate may speak, by question."""
    market, words = bench.market, []
    closed = True
    for question in QUESTIONS:
        if not question.claimed:
            continue
        base = base_rows(market, question)
        told = control_forecasts(market, question, base)
        truth = settled(market, question, base)
        tried = variants_tried(question.key)
        found = gate_of(told[truth.index], base["base_rate"], truth, tried)
        words.append(
            f"{question.key} {found.skill:+.3f}, lower bound {found.low_counted:+.3f} after "
            f"{tried} variants, n {found.n}"
        )
        closed = closed and (question.key == "next_abs_band") == found.passes
    return Step(
        name="V11",
        test="skill gate, VIX-only model against the base rate",
        expected="closed for reversal and direction; the size of the next move is another matter",
        ours="; ".join(words),
        passed=closed,
        n="see ours",
        source="benchmarks/gate.py and analysis/data/gate_registry.csv",
    )
