"""The digest set for each kind of reader, in the editions a note has."""

from __future__ import annotations

import json

import yaml

from analysis.week import Week
from templates.mailing import cut_at_word
from templates.phrasing import Sentence
from templates.render import DESCRIPTION_LIMIT, set_note
from templates.weekly import WeekCommentary


def render_week(week: Week, edition: str) -> str:
    """Return a week's digest in one edition, as `templates.render` does for a note."""
    commentary = WeekCommentary(report=week)
    if edition == "json":
        return _machine_edition(commentary)
    text = set_note(commentary, commentary.note, "markdown" if edition == "blog" else edition)
    return _front_matter(commentary) + "\n" + text if edition == "blog" else text


def _machine_edition(commentary: WeekCommentary) -> str:
    sentences = [_explained(one) for one in commentary.note.sentences]
    body = {
        "week": commentary.report.as_dict(),
        "note": {
            "level": "plain",
            "title": commentary.note.title.text,
            "dateline": commentary.dateline,
            "sentences": sentences,
        },
    }
    return json.dumps(body, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _explained(sentence: Sentence) -> dict[str, object]:
    facts = {key: float(value) for key, value in sentence.facts}
    return {"id": sentence.id, "text": sentence.text, "rule": sentence.rule, "facts": facts}


def _front_matter(commentary: WeekCommentary) -> str:
    head: dict[str, object] = {
        "title": commentary.note.title.text,
        "date": commentary.report.as_of,
        "slug": f"{commentary.session.isoformat()}-weekly",
        "description": cut_at_word(commentary.note.lead[0].text, DESCRIPTION_LIMIT),
        "tags": ["weekly"],
        "content_hash": commentary.report.content_hash,
    }
    if commentary.demo:
        head["simulated"] = True
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)}---"
