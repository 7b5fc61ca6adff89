"""`undertow why`: the rule and the figures behind a sentence of the note."""

from __future__ import annotations

import json

from bot.errors import BadArgumentError
from templates.commentary import Commentary
from templates.note import compose
from templates.why import UnknownSentenceError, listed_sentences, why, why_text


def answer(commentary: Commentary, sentence_id: str | None, *, as_json: bool) -> str:
    """Return the list of sentences, or what one of them rests on."""
    note = compose(commentary)
    if sentence_id is None:
        told = listed_sentences(note)
        if as_json:
            return _json([{"id": name, "text": text} for name, text in told])
        width = max(len(name) for name, _ in told)
        return "\n".join(f"{name:<{width}}  {text}" for name, text in told)
    try:
        body = why(commentary, note, sentence_id)
    except UnknownSentenceError as error:
        raise BadArgumentError(str(error)) from error
    if as_json:
        return _json(body)
    figures = next(one.facts for one in note.sentences if one.id == sentence_id)
    return why_text(body, figures)


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, indent=2)
