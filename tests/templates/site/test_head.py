"""The head of a page says the figures the words were written from."""

from __future__ import annotations

import json
from dataclasses import replace

from templates import LEVELS, write_commentary
from templates.site import frozen_texts
from tests.templates.reports import rally


def test_a_figure_is_not_rounded_twice() -> None:
    day = rally()
    odd = replace(day, index=replace(day.index, vix_change=2.4499999))
    levels = {level: write_commentary(odd, (), level) for level in LEVELS}

    texts = frozen_texts(levels)
    head = json.loads(texts["page.json"])
    assert head["vix_change"] == 2.4499999
    assert f"{head['vix_change']:.1f}" == "2.4"
    assert "2.4 points" in texts["page.plain.html"].decode()
