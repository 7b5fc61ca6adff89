"""Every module in this folder draws one chart, in a function of the module's own name.

To add one, add a file: a function that takes the report and the extras and returns a `Chart`,
or a `NoChart` that says why not, and a ``PLACE`` that says where in the row of charts it comes.
Nothing else needs to hear of it. Altair is imported when the first chart is asked for, so a
note without charts does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeAlias

from analysis.report import FlowReport
from templates.charts.drawing.facts import (
    Chart,
    Extras,
    NoChart,
    claim_facts,
    day_facts,
    gamma_facts,
)
from templates.charts.drawing.render import render_png, render_svg, spec_json, web_script

__all__ = [
    "Chart",
    "Extras",
    "NoChart",
    "all_charts",
    "charts_of",
    "claim_facts",
    "day_facts",
    "gamma_facts",
    "pictures",
    "render_png",
    "render_svg",
    "spec_json",
    "web_script",
]

Draw: TypeAlias = Callable[[FlowReport, Extras], Chart | NoChart]


def all_charts() -> dict[str, Draw]:
    """Return the function of every chart by its slug, in the order of their places."""
    names = [module.name for module in iter_modules(__path__) if not module.ispkg]
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    ordered = sorted(names, key=lambda name: (modules[name].PLACE, name))
    return {name: getattr(modules[name], name) for name in ordered}


def pictures(report: FlowReport, extras: Extras | None = None) -> list[Chart | NoChart]:
    """Draw every chart of a report, or say of each why it cannot be drawn."""
    known = Extras() if extras is None else extras
    return [draw(report, known) for draw in all_charts().values()]


def charts_of(report: FlowReport, extras: Extras | None = None) -> list[Chart]:
    """Return the charts that can be drawn of a report; `pictures` says why others cannot."""
    return [drawn for drawn in pictures(report, extras) if isinstance(drawn, Chart)]
