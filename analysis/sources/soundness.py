"""What no vendor's facts may hold, whoever sends them: looked at once, before they are kept.

Two rows that answer the same question differently are refused, for nobody can say which is
right. A figure that cannot be (an infinite one, a price of zero) counts as missing and is named.
A row without any figure is no news: where it is the newest, its day has not come yet.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources import guard
from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.table import Layout
from analysis.sources.tables import layout_of
from analysis.sources.vendor import Facts, Findings

ABOVE_ZERO = frozenset({"close", "assets_usd", "shares_outstanding", "oi", "all", "total_volume"})
"""Columns in which nothing and less than nothing are no figures."""


def sound(source: str, found: Findings) -> Findings:
    """Return findings without what cannot be, and with it among their problems.

    Raises
    ------
    VendorError
        Where two rows contradict each other, or no row has a figure.
    """
    problems = list(found.problems)
    facts = tuple(_sound_facts(source, one, problems) for one in found.facts)
    newest = [pd.Timestamp(one.rows["date"].max()) for one in facts if "date" in one.rows]
    emptied = any(
        len(old.rows) > len(new.rows) for old, new in zip(found.facts, facts, strict=True)
    )
    if emptied and newest and max(newest) < found.as_of:
        problems.append(f"no figure of {found.as_of.date()}")
        found = replace(found, as_of=max(newest), final=False)
    return replace(found, facts=facts, problems=tuple(problems))


def _sound_facts(source: str, facts: Facts, problems: list[str]) -> Facts:
    """Return one file's facts, noting what was odd about them."""
    layout = layout_of(facts.path)
    rows = _possible(facts.rows, layout, problems)
    needed = [theirs for own, theirs in layout.numbers.items() if own not in layout.optional]
    if needed and len(rows):
        rows = rows[rows[needed].notna().any(axis="columns")]
        if rows.empty:
            raise VendorError(source, Fault.EMPTY, f"no row of {facts.path} has a figure")
        problems += _lacking(rows, _day(layout), needed)
    key = [layout.columns[name] for name in layout.key]
    try:
        again = guard.repeats(rows, key)
    except guard.ConflictError as error:
        names = " ".join(
            str(value).removesuffix(" 00:00:00") for value in rows.iloc[error.row][key]
        )
        problem = f"two rows of {names} contradict each other"
        raise VendorError(source, Fault.UNREADABLE, problem) from error
    return replace(facts, rows=rows[~again].reset_index(drop=True))


def _lacking(rows: pd.DataFrame, day: str, needed: list[str]) -> list[str]:
    """Name the columns in which the newest day has no figure at all."""
    newest = rows[rows[day] == rows[day].max()]
    lacking = [name for name in needed if newest[name].isna().all()]
    return [f"no {', '.join(lacking)} of {newest[day].iloc[0]:%Y-%m-%d}"] if lacking else []


def _day(layout: Layout) -> str:
    """Return the file's column of days."""
    return next(iter(layout.dates.values()))


def _possible(rows: pd.DataFrame, layout: Layout, problems: list[str]) -> pd.DataFrame:
    """Return the rows with missing in the place of every figure that cannot be."""
    for name in layout.numbers.values():
        figures = rows[name].to_numpy(float)
        bad = np.isinf(figures) | ((figures <= 0.0) & (name in ABOVE_ZERO))
        if bad.any():
            day = rows[_day(layout)][bad].max()
            problems.append(f"{int(bad.sum())} impossible in {name}, the last of {day:%Y-%m-%d}")
            rows = rows.assign(**{name: rows[name].mask(bad)})
    return rows
