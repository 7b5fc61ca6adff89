"""The track record: what was said against what came true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import orjson

from bot.site.entries import Marked
from bot.site.frame import Head, Site
from bot.site.planned import Planned, Texts, key_of, page_file
from bot.site.record_chart import LEAST_IN_GROUP, RecordChart, record_chart
from bot.site.shelf import Json
from templates.site import page

CLAIMS = {
    "half_back_5": "Half of the move undone within five sessions",
    "next_sign": "The next session turns",
    "next_abs_band": "The next session moves by more than 1\N{NO-BREAK SPACE}%",
    "half_back_5_large": "Half of a move over 2\N{NO-BREAK SPACE}% undone within five sessions",
    "full_back_5": "The whole move undone within five sessions",
}
"""What the claims of each key say."""

SHOWN = 60
"""Marked claims listed one by one, newest first."""


def record_files(
    site: Site, record: Json, marked: Sequence[Marked], newest: date | None, *, demo: bool
) -> Iterator[Planned]:
    """Plan the page of the record, and its picture where enough claims are graded.

    ``newest`` is the session of the newest note.
    """
    chart = record_chart(record, newest, demo=demo)
    yield _page(site, record, marked, chart, demo=demo)
    if chart is not None:
        yield from chart.files()


def _page(
    site: Site, record: Json, marked: Sequence[Marked], chart: RecordChart | None, *, demo: bool
) -> Planned:
    def make(_texts: Texts) -> bytes:
        words = "Every claim a note has made, with its probability, and what became of it."
        head = Head(title="Track record", description=words, path="record/", simulated=demo)
        last_marked = list(marked)[::-1][:SHOWN]
        return page(
            "record.html",
            site=site,
            at="record/",
            head=head,
            record=record,
            marked=last_marked,
            chart=chart.draw().picture if chart else None,
            left_out=chart.left_out if chart else 0,
            least=LEAST_IN_GROUP,
            claims=CLAIMS,
        ).encode()

    drawn = chart.key if chart else ""
    shown = key_of(site.key, orjson.dumps(record), marked, demo, drawn)
    return Planned(path=page_file("record/"), key=shown, make=make)
