"""What the verdict's labels mean in the data: writes docs/what-the-labels-mean.md.

    python -m benchmarks.labels [MARKET_FOLDER]

Every session from 2011-05-02 on, each judged with what was known that evening.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.base_rates import BEGIN, CONDITIONS, LARGE, half_back, large_next, turned
from analysis.contract import METHOD_VERSION
from analysis.history import History, read
from analysis.information import Prediction, Tie, mutual_information, predict_by, predict_by_size
from analysis.intervals import block_means, wilson
from analysis.market import INDEX
from analysis.sources.folder import FolderSource
from analysis.verdict import judge

PAGE = Path(__file__).parent.parent / "docs" / "what-the-labels-mean.md"
LABELS = ["mechanical", "conviction", "mixed", "quiet", "unclear"]
DECIDED = ["mechanical", "conviction", "mixed"]
SIZES = 10
"""Classes of |move| of equal number, each split by sign, for mutual information."""


def days_of(history: History) -> pd.DataFrame:
    """Return one row a session: label, what it was judged by, and what followed."""
    lines = []
    for session in history.rows:
        heard = history.hearing(session)
        found = judge(heard)
        lines.append(
            {
                "session": session,
                "label": found.label.value,
                "side": found.side.value,
                "confidence": found.confidence,
                "move": heard.move,
                "forced surprise": heard.forced_surprise,
                "participation": heard.participation,
                **heard.witnesses,
            }
        )
    sheet = pd.DataFrame(lines).set_index("session")
    close = history.market.closes(INDEX)
    return sheet.assign(
        day_return=history.market.day_return,
        half_back=half_back(close),
        turned=turned(close),
        large_next=large_next(close),
        next_size=history.market.day_return.abs().shift(-1),
    )


def page(history: History) -> str:
    """Return the page as Markdown."""
    days = days_of(history)
    first, last = days.index[[0, -1]]
    return "\n".join(
        [
            "# What the labels mean",
            "",
            f"Made by `python -m benchmarks.labels` (method {METHOD_VERSION}) from {len(days)} "
            f"sessions, {first:%Y-%m-%d} to {last:%Y-%m-%d}, each judged with what was known "
            "that evening. Intervals are 95 %. Hindsight in one respect: the rule was written "
            "after these years.",
            "",
            *_summary(days),
            *_by_year(days),
            *_persistence(days),
            *_readings(days, history),
            *_evidence(days),
            *_afterwards(days),
            *_information(days),
            "",
        ]
    )


def _summary(days: pd.DataFrame) -> list[str]:
    lines = [
        "## How often, on what days, how sure",
        "",
        "| label | sessions | share | forced buying / selling / flat | median move / usual | "
        "median confidence |",
        "|---|---|---|---|---|---|",
    ]
    for label in LABELS:
        mine = days[days["label"] == label]
        sides = mine["side"].value_counts().reindex(["buying", "selling", "flat"], fill_value=0)
        if len(mine):
            lines.append(
                f"| {label} | {len(mine)} | {len(mine) / len(days):.0%} | "
                f"{' / '.join(str(count) for count in sides)} | "
                f"{mine['move'].abs().median():.2f} | {mine['confidence'].median():.2f} |"
            )
    return [*lines, ""]


def _by_year(days: pd.DataFrame) -> list[str]:
    years = pd.DatetimeIndex(days.index).year
    shares = pd.crosstab(years, days["label"], normalize="index").reindex(
        columns=LABELS, fill_value=0.0
    )
    return [
        "## By year",
        "",
        "| year | " + " | ".join(LABELS) + " |",
        "|---|" + "---|" * len(LABELS),
        *(
            f"| {year} | " + " | ".join(f"{share:.0%}" for share in row) + " |"
            for year, row in zip(shares.index, shares.to_numpy(float), strict=True)
        ),
        "",
    ]


def _persistence(days: pd.DataFrame) -> list[str]:
    later = days["label"].shift(-1)
    lines = [
        "## Does it last?",
        "",
        "How often the next session bears the same label, beside how common the label is. Where "
        "the two agree, one day's label says nothing of the next.",
        "",
        "| label | next session the same | n | share of all sessions |",
        "|---|---|---|---|",
    ]
    for label in LABELS:
        mine = later[(days["label"] == label) & later.notna()]
        if len(mine):
            hits = float((mine == label).sum())
            lines.append(
                f"| {label} | {_rate(hits, len(mine))} | {len(mine)} | "
                f"{(days['label'] == label).mean():.0%} |"
            )
    return [*lines, ""]


def _readings(days: pd.DataFrame, history: History) -> list[str]:
    lines = [
        "## Scores and surprises",
        "",
        "Median (and middle half) of each driver's figure in the direction of the day's move: "
        "above zero it went with the move. The score is mostly the size of the move; the "
        "surprise is what was unusual for that size.",
        "",
    ]
    way = np.sign(days["move"])
    for figure in ("score", "surprise"):
        lines += [
            f"| {figure} | " + " | ".join(LABELS[:4]) + " |",
            "|---|" + "---|" * 4,
        ]
        for slug, frame in history.figures.items():
            aligned = (frame[figure].reindex(days.index) * way).where(frame["measured"])
            cells = [_quartiles(aligned[days["label"] == label]) for label in LABELS[:4]]
            lines.append(f"| {slug} | " + " | ".join(cells) + " |")
        lines.append("")
    return lines


def _quartiles(values: pd.Series) -> str:
    known = values.dropna()
    if len(known) < 20:
        return "too few"
    low, middle, high = (_signed(value) for value in known.quantile([0.25, 0.5, 0.75]))
    return f"{middle} ({low} to {high})"


def _signed(value: float) -> str:
    """Return two decimals with a sign, and nothing as plain zero."""
    text = f"{value:+.2f}"
    return "0.00" if text in {"-0.00", "+0.00"} else text


def _evidence(days: pd.DataFrame) -> list[str]:
    names = [name for name in _witnesses(days) if days[name].notna().any()]
    lines = [
        "## What moves the label",
        "",
        "Mean of each witness on mechanical and on conviction days, and how far apart they are. "
        "None of them is the size of the move: each is a rank among moves of the same size and "
        "sign.",
        "",
        "| witness | mechanical | conviction | apart (95 %) |",
        "|---|---|---|---|",
    ]
    for name in names:
        forced, chosen = (
            days[name][days["label"] == label].dropna() for label in ("mechanical", "conviction")
        )
        if min(len(forced), len(chosen)) >= 20:
            drawn = block_means(forced.to_numpy(float)) - block_means(chosen.to_numpy(float))
            low, high = np.quantile(drawn, (0.025, 0.975))
            lines.append(
                f"| {name} | {forced.mean():+.2f} | {chosen.mean():+.2f} | "
                f"{forced.mean() - chosen.mean():+.2f} [{low:+.2f}, {high:+.2f}] |"
            )
    return [*lines, ""]


def _witnesses(days: pd.DataFrame) -> list[str]:
    """Return the columns the rule hears, in order."""
    known = {"label", "side", "confidence", "move", "day_return"}
    after = {"half_back", "turned", "large_next", "next_size"}
    return [name for name in days.columns if name not in known | after]


def _afterwards(days: pd.DataFrame) -> list[str]:
    lines = [
        "## What followed",
        "",
        "Rates by label with score intervals, for five-session outcomes somewhat too narrow. An "
        "interval that holds the rate of all days is no difference; with this many cells one or "
        "two will miss it by luck.",
        "",
        "| after | what | all days | " + " | ".join(LABELS[:4]) + " |",
        "|---|---|---|" + "---|" * 4,
    ]
    for condition in LARGE:
        asked = CONDITIONS[condition](days["day_return"])
        lines.append(_row(days, asked, f"a day {condition}", "half back within 5", "half_back"))
    every = pd.Series(data=True, index=days.index)
    lines.append(_row(days, every, "any day", "next session turns", "turned"))
    lines.append(_row(days, every, "any day", "next session beyond 1 %", "large_next"))
    return [*lines, ""]


def _row(days: pd.DataFrame, asked: pd.Series, after: str, what: str, column: str) -> str:
    cells = [_cell(days[asked], column)]
    cells += [_cell(days[asked & (days["label"] == label)], column) for label in LABELS[:4]]
    return f"| {after} | {what} | " + " | ".join(cells) + " |"


def _cell(days: pd.DataFrame, column: str) -> str:
    known = days[column].dropna()
    if len(known) < 20:
        return f"too few (n {len(known)})"
    return f"{_rate(float(known.sum()), len(known))} n {len(known)}"


def _rate(hits: float, n: int) -> str:
    low, high = wilson(hits, n)
    return f"{hits / n:.0%} [{low:.0%}, {high:.0%}]"


def _information(days: pd.DataFrame) -> list[str]:
    """Say how much of the label is the size of the move and its sign."""
    lines = [
        "## Is the label only the size of the move?",
        "",
        "Mutual information of the label with |return|/volatility (ten classes) and its sign, "
        "beside what shuffled months show; then labels predicted in years left out: from size "
        "and sign by the 100 nearest days, and from size, sign and the witnesses by logistic "
        "curves. `explained` is the part of the label's entropy.",
        "",
        "| sessions | n | bits (by chance; its 95 %) | explained by size and sign | predicted by "
        "size and sign | predicted with the witnesses |",
        "|---|---|---|---|---|---|",
    ]
    for name, part in parts_of(days).items():
        lines.append(_explained(name, *explained(part)))
    return [
        *lines,
        "",
        "Quiet is a word for small moves, so the first row must show a tie. The second leaves "
        "quiet days out: there the size of the move should tell next to nothing and the "
        "witnesses most of it.",
    ]


def parts_of(days: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the sessions with a verdict, and those of them that are not quiet."""
    judged = days[(days["label"] != "unclear") & (days["move"] != 0.0)]
    return {
        "all but unclear": judged,
        "neither quiet nor unclear": judged[judged["label"].isin(DECIDED)],
    }


def explained(days: pd.DataFrame) -> tuple[Tie, Prediction, Prediction]:
    """Return how much of the label its size and sign tell, and how much the witnesses do."""
    size = pd.qcut(days["move"].abs(), SIZES, labels=False).astype(str)
    side = np.where(days["move"] > 0.0, "+", "-")
    seen = days[_witnesses(days)].fillna({"participation": 0.5}).fillna(0.0).astype(float)
    seen = seen.assign(
        size=days["move"].abs(),
        bend=days["move"].abs().clip(upper=1.0),
        sign=np.sign(days["move"]),
    )
    return (
        mutual_information(days["label"], size + side),
        predict_by_size(days["label"], days["move"]),
        predict_by(days["label"], seen),
    )


def _explained(name: str, tie: Tie, by_size: Prediction, by_all: Prediction) -> str:
    return (
        f"| {name} | {tie.n} | {tie.bits:.3f} ({tie.chance_bits:.3f}; {tie.chance_p95_bits:.3f}) "
        f"of {tie.entropy_bits:.2f} | {tie.explained:.1%} | {_predicted(by_size)} | "
        f"{_predicted(by_all)} |"
    )


def _predicted(found: Prediction) -> str:
    return (
        f"{found.accuracy:.0%} right (commonest label {found.commonest:.0%}), "
        f"explained {found.explained:.1%}"
    )


def history_of(folder: Path) -> History:
    """Read the folder and every session since the desk's history begins."""
    market = FolderSource(folder).fetch()
    known = np.isfinite(market.day_return.to_numpy(float)) & (market.sessions >= BEGIN)
    return read(market, market.sessions[known])


def main(arguments: list[str]) -> None:
    """Write the page."""
    folder = Path(arguments[0]) if arguments else Path("../shared/market")
    text = page(history_of(folder))
    PAGE.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
