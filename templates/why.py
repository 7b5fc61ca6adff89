"""Why a sentence stands in the note: its rule, its figures, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from templates.commentary import Commentary
from templates.facts import Figure
from templates.figures import reading
from templates.levels import methods
from templates.note import Note
from templates.phrasing import Sentence

Body: TypeAlias = dict[str, object]


class UnknownSentenceError(ValueError):
    """The note has no sentence of that id."""


def listed_sentences(note: Note) -> list[tuple[str, str]]:
    """Return every sentence of a note, id and words, in reading order."""
    return [(sentence.id, sentence.text) for sentence in note.sentences]


def why(commentary: Commentary, note: Note, sentence_id: str) -> Body:
    """Return what a sentence rests on.

    Raises
    ------
    UnknownSentenceError
        If the note has no such sentence; the message says how to list them.
    """
    found = next((one for one in note.sentences if one.id == sentence_id), None)
    if found is None:
        raise UnknownSentenceError(
            f"no sentence {sentence_id!r} in the note of {commentary.session}; "
            "ask without an id for the list"
        )
    return {
        "session": commentary.session.isoformat(),
        "content_hash": commentary.report.content_hash,
        **explained(commentary, found),
    }


def explained(commentary: Commentary, sentence: Sentence) -> Body:
    """Return a sentence with its rule, figures and, for a driver, its method and inputs."""
    body: Body = {
        "id": sentence.id,
        "text": sentence.text,
        "rule": sentence.rule,
        "facts": {key: float(value) for key, value in sentence.facts},
        "figures": [_figure(key, value) for key, value in sentence.facts],
    }
    driver = sentence.id.partition(".")[0]
    if driver in commentary.by_slug:
        body |= _method(commentary, driver)
    return body


def why_text(body: Mapping[str, object], figures: tuple[tuple[str, Figure], ...]) -> str:
    """Set the answer for a terminal."""
    lines = [str(body["text"]), "", f"id        {body['id']}", f"rule      {body['rule']}"]
    lines += [
        f"{name:<9} {body[name]}"
        for name in ("formula", "inputs", "reference", "caveat")
        if name in body
    ]
    for key, figure in figures:
        standing = figure.standing
        rank = (
            ""
            if standing.percentile is None
            else f", {standing.percentile:.0%} of its year lies below"
        )
        origin = f" [{standing.source}]" if standing.source else ""
        dated = "" if standing.as_of is None else f", {standing.as_of}"
        lines.append(
            f"figure    {key} = {float(figure):.6g} ({reading(figure, standing.unit)}), "
            f"{standing.label}{dated}{rank}{origin}"
        )
    return "\n".join(lines)


def _figure(key: str, figure: Figure) -> Body:
    standing = figure.standing
    return {
        "key": key,
        "value": float(figure),
        "unit": standing.unit,
        "label": standing.label,
        "percentile": standing.percentile,
        "as_of": None if standing.as_of is None else standing.as_of.isoformat(),
        "source": standing.source or None,
    }


def _method(commentary: Commentary, slug: str) -> Body:
    told = commentary.report.reading(slug)
    body: Body = {
        "driver": slug,
        "grade": told.driver.grade.value,
        "caveat": told.caveat,
        "missing": list(told.missing),
    }
    method = methods().get(slug)
    if method is not None:
        body |= {
            "formula": method.formula,
            "inputs": method.inputs,
            "reference": method.reference,
        }
    return body
