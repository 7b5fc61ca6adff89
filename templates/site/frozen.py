"""What the site keeps of a note, made once on the evening it is published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from templates.charts import Extras, charts_of
from templates.commentary import LEVELS, Commentary
from templates.note import compose
from templates.site.card import card_png
from templates.site.evidence import evidence_of
from templates.site.facts import page_facts
from templates.site.frame import fragment
from templates.site.pictures import Picture, alive_spec, picture_of
from templates.why import explained

DAY = "urn:day:"
"""Stands in kept pieces for the address of the session's folder, which the site fills in."""

CHART_PLACES: Mapping[str, str] = {
    "rebalancing": "leveraged_etf",
    "gamma_profile": "dealer_gamma",
    "forced_share": "attribution",
    "odds": "stick",
}
"""The section beside which a chart stands; the drivers' own stands at the top."""

TOP, ALSO = "lead", "also"


def frozen_texts(
    commentaries: Mapping[str, Commentary], extras: Extras | None = None
) -> dict[str, bytes]:
    """Return the site's pieces of a note by name.

    Parameters
    ----------
    commentaries
        The note at every level, by level; all of one report.
    extras
        What the charts show beyond the report.
    """
    plain = commentaries[LEVELS[0]]
    charts = charts_of(plain.report, extras)
    pictures = [picture_of(chart) for chart in charts]
    facts = page_facts(plain, compose(plain), charts)
    texts = {
        f"page.{level}.html": fragment(
            "note", c=one, note=compose(one), day=DAY, charts=_placed(pictures, one)
        )
        for level, one in commentaries.items()
    }
    texts["page.data.html"] = fragment("data", c=plain, report=plain.report)
    texts["page.why.html"] = fragment("why", told=evidence_of(_explained(commentaries)))
    texts["page.json"] = json.dumps(facts, ensure_ascii=False, allow_nan=False)
    texts |= {f"chart.{one.slug}.svg": one.svg for one in pictures}
    texts |= {f"chart.{one.slug}.json": alive_spec(one) for one in charts}
    return {
        **{name: text.encode() for name, text in texts.items()},
        "card.png": card_png(plain, compose(plain)),
    }


def _explained(commentaries: Mapping[str, Commentary]) -> dict[str, list[dict[str, object]]]:
    return {
        level: [explained(one, sentence) for sentence in compose(one).sentences]
        for level, one in commentaries.items()
    }


def _placed(pictures: Sequence[Picture], commentary: Commentary) -> dict[str, list[Picture]]:
    """Return the charts by the section they stand beside; without it they stand at the end."""
    sections = [section.id for section in compose(commentary).sections]
    placed: dict[str, list[Picture]] = {}
    for chart in pictures:
        place = CHART_PLACES.get(chart.slug, TOP)
        if place != TOP and place not in sections:
            place = ALSO if ALSO in sections else sections[-1]
        placed.setdefault(place, []).append(chart)
    return placed
