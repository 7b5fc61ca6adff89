"""The track record: what was said against what came true."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from bot.site.entries import Marked
from bot.site.frame import Head, Site
from bot.site.planned import Planned, Texts, key_of, page_file
from bot.site.shelf import Json
from templates.site import page

CLAIMS = {
    "half_back_5": "Half of the move undone within five sessions",
    "next_sign": "The next session turns",
    "next_abs_band": "The next session moves by more than 1 %",
    "half_back_5_large": "Half of a move over 2 % undone within five sessions",
}
"""What the claims of each key say."""

SHOWN = 60
"""Marked claims listed one by one, newest first."""


def record_page(site: Site, record: Json, marked: Sequence[Marked], *, demo: bool) -> Planned:
    """Plan the page of the record."""

    def make(_texts: Texts) -> bytes:
        words = "Every claim a note has made, with its probability, and what became of it."
        head = Head(title="Track record", description=words, path="record/", simulated=demo)
        newest = list(marked)[::-1][:SHOWN]
        return page(
            "record.html",
            site=site,
            at="record/",
            head=head,
            record=record,
            marked=newest,
            claims=CLAIMS,
        ).encode()

    shown = key_of(site.key, orjson.dumps(record), marked, demo)
    return Planned(path=page_file("record/"), key=shown, make=make)
