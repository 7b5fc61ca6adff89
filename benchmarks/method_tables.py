"""The tables of docs/method.md, made from the code they describe.

    python -m benchmarks.method_tables

rewrites each table between its marks and leaves the words alone. A test holds page and code
together.
"""

from __future__ import annotations

import ast
import csv
import importlib
import re
from numbers import Real
from pathlib import Path

from analysis.drivers import all_drivers
from analysis.gate import SPEAKING
from analysis.gate_variants import counts
from analysis.scoring import GRADE_CAP

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "method.md"

CHAPTERS: dict[str, tuple[str, ...]] = {
    "scores": ("analysis.market", "analysis.scoring", "analysis.neighbours", "analysis.evidence"),
    "verdict": ("analysis.verdict",),
    "attribution": ("analysis.attribution",),
    "odds": (
        "analysis.base_rates",
        "analysis.intervals",
        "analysis.analogues",
    ),
    "gate": ("analysis.gate", "analysis.gate_variants", "analysis.logistic", "analysis.skill"),
    "record": ("analysis.record", "analysis.covering_checks", "analysis.short_interest_calendar"),
    "leveraged_etf": ("analysis.drivers.leveraged_etf", "analysis.funds"),
    "dealer_gamma": (
        "analysis.drivers.dealer_gamma",
        "analysis.gamma_chains",
        "analysis.gamma_regime",
    ),
    "short_covering": ("analysis.drivers.short_covering",),
    "hedge_unwinding": ("analysis.drivers.hedge_unwinding", "analysis.fund_changes"),
    "vol_control": ("analysis.drivers.vol_control", "analysis.realised"),
    "trend_following": ("analysis.drivers.trend_following",),
    "real_money": ("analysis.drivers.real_money", "analysis.participation"),
}
"""Modules whose constants each table holds."""

BILLION = 1e9

BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def constants(module: str) -> list[tuple[str, object, str]]:
    """Return a module's numbers: name, value, and what the code says of them."""
    loaded = importlib.import_module(module)
    body = ast.parse(Path(str(loaded.__file__)).read_text("utf-8")).body
    found = []
    for at, node in enumerate(body):
        for name in _names(node):
            value = getattr(loaded, name)
            if name.isupper() and _is_numbers(value):
                found.append((name, value, _words(body[at + 1 : at + 2])))
    return found


def _names(node: ast.stmt) -> list[str]:
    """Return the names a statement gives values to."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if not isinstance(node, ast.Assign):
        return []
    inside = [part for target in node.targets for part in ast.walk(target)]
    return [part.id for part in inside if isinstance(part, ast.Name)]


def _is_numbers(value: object) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(_is_numbers(part) for part in value.values())
    if isinstance(value, tuple | list):
        return bool(value) and all(_is_numbers(part) for part in value)
    return isinstance(value, Real) and not isinstance(value, bool)


def _words(following: list[ast.stmt]) -> str:
    """Return the string beneath a constant, on one line."""
    for node in following:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return " ".join(str(node.value.value).split())
    return ""


def printed(value: object) -> str:
    """Return a number, or several, as a reader would write them."""
    if isinstance(value, dict):
        return ", ".join(
            f"{getattr(key, 'value', key)} {printed(part)}" for key, part in value.items()
        )
    if isinstance(value, tuple | list):
        return ", ".join(printed(part) for part in value)
    if isinstance(value, float) and abs(value) >= BILLION:
        return f"{value / BILLION:g} bn"
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def constants_table(modules: tuple[str, ...]) -> str:
    """Return the constants of several modules as a Markdown table."""
    rows = [
        f"| `{module.removeprefix('analysis.')}.{name}` | {printed(value)} | {words} |"
        for module in modules
        for name, value, words in constants(module)
    ]
    return "\n".join(
        ["| constant | value | what it is and where it comes from |", "|---|---|---|", *rows]
    )


def coverage_table() -> str:
    """Return every driver's inputs, what they weigh and how fast they age."""
    rows = [
        f"| {driver.slug} | {needed.key} | {needed.weight:.2f} | "
        f"{'' if needed.half_life_days is None else f'{needed.half_life_days:g}'} | "
        f"{needed.missing} |"
        for driver in all_drivers()
        for needed in driver.inputs
    ]
    head = "| driver | input | weight | half-life [days] | said when it is missing |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def drivers_table() -> str:
    """Return each driver's kind, grade, the most confidence it can have and its witness."""
    rows = [
        f"| {driver.slug} | {driver.kind} | {driver.grade} | {GRADE_CAP[driver.grade]:.2f} | "
        f"{driver.witness or 'none'} |"
        for driver in all_drivers()
    ]
    head = "| driver | kind | grade | confidence at most | return-free evidence |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def gate_table() -> str:
    """Return how many variants each question's bar counts."""
    rows = [f"| {key} | {number} |" for key, number in counts().items()]
    return "\n".join(["| question | variants tried |", "|---|---|", *rows])


def gate_results_table() -> str:
    """Return, for each question, the model at the gate and the best of all variants."""
    with (ROOT / "analysis" / "data" / "gate_registry.csv").open(encoding="utf-8") as file:
        tried = [row for row in csv.DictReader(file) if row["low_counted"]]
    rows = []
    for key in counts():
        mine = [row for row in tried if row["key"] == key]
        best = max(mine, key=lambda row: float(row["low_counted"]))
        speaking = next(row for row in mine if row["variant"] == SPEAKING)
        rows.append(f"| {key} | {_gate_cell(speaking)} | {best['variant']}: {_gate_cell(best)} |")
    head = "| question | VIX only | largest lower bound of all variants |"
    return "\n".join([head, "|---|---|---|", *rows])


def _gate_cell(row: dict[str, str]) -> str:
    opened = "passes" if row["passes"] == "True" else "fails"
    return (
        f"{float(row['skill']):+.3f}, bound {float(row['low_counted']):+.3f}, "
        f"n {int(row['n'])}: {opened}"
    )


def tables() -> dict[str, str]:
    """Return every table of the page by its mark."""
    found = {name: constants_table(modules) for name, modules in CHAPTERS.items()}
    return found | {
        "coverage": coverage_table(),
        "drivers": drivers_table(),
        "gate_counts": gate_table(),
        "gate_results": gate_results_table(),
    }


def rewritten(page: str) -> str:
    """Return the page with every marked table made anew."""
    made = tables()
    return BLOCK.sub(lambda found: f"{found[1]}{made[found[2]]}\n{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")
