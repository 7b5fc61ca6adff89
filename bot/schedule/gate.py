"""Reasons to hold a note back, whatever wrote it."""

from __future__ import annotations

from datetime import date

from bot.edition import Edition


def impossible(edition: Edition, session: date) -> tuple[str, ...]:
    """Return why an edition cannot go out whatever an operator says."""
    found = []
    if edition.session != session:
        found.append(f"it is about {edition.session}, not {session}")
    if not edition.texts:
        found.append("it has no texts")
    empty = sorted(name for name, body in edition.texts.items() if not body.strip())
    if empty:
        found.append(f"empty: {', '.join(empty)}")
    if not edition.content_hash:
        found.append("it has no content hash")
    return tuple(found)


def objections(edition: Edition, session: date, last_hash: str | None) -> tuple[str, ...]:
    """Return why an edition must not go out; nothing means it may.

    Parameters
    ----------
    edition
        What the writer brought, with its own doubts in ``problems``.
    session
        The day it was asked for.
    last_hash
        Content hash of the session before, so that yesterday's figures never pass for today's.
    """
    found = [*edition.problems, *impossible(edition, session)]
    if edition.content_hash and edition.content_hash == last_hash:
        found.append("it holds the same figures as the session before")
    return tuple(found)
