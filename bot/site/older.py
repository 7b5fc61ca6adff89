"""Notes frozen before the site kept pieces of its own: taken from the web edition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from bot.site.entries import Facts, facts_from
from templates.mailing import cut_at_word

ARTICLE = re.compile(rb'<div class="lead">.*(?=<footer>)', re.DOTALL)
NEEDED = ("note.json", "note.html")


def older_facts(note_json: bytes) -> Facts:
    """Read a note's head from its machine edition."""
    body = orjson.loads(note_json)
    report, note = body["report"], body["note"]
    lead = [one["text"] for one in note["sentences"] if one["id"].startswith("_lead")][1:]
    index, verdict = report["index"], report["verdict"]
    return facts_from(
        {
            **{name: report[name] for name in ("as_of", "content_hash", "demo")},
            "title": note["title"],
            "description": cut_at_word(" ".join(lead), 160),
            "index_close": index["close"],
            **{name: index[name] for name in ("day_return", "vix_close", "vix_change")},
            **{name: verdict[name] for name in ("label", "side", "confidence")},
            "leader": _leader(note),
            "drivers": [_line(one) for one in report["drivers"]],
            "charts": [],
        }
    )


def older_words(note_html: bytes) -> bytes:
    """Return the words of a web edition, without its frame."""
    found = ARTICLE.search(note_html)
    return found[0] if found else b""


def _leader(note: Mapping[str, Any]) -> str | None:
    heads = (one["id"].split(".") for one in note["sentences"])
    return next((parts[0] for parts in heads if parts[1] == "heading" and parts[0][0] != "_"), None)


def _line(raw: Mapping[str, Any]) -> dict[str, object]:
    flow = raw["flow_usd"] or {}
    dollars = {f"{end}_usd": flow.get(end) for end in ("low", "mid", "high")}
    names = ("slug", "measured", "score", "surprise", "share_of_adv", "confidence")
    return {**{name: raw[name] for name in names}, **dollars}
