"""The writing desk: the words live in the ``.j2`` files, the types hold the facts."""

from __future__ import annotations

from templates.commentary import Commentary, Event, write_commentary
from templates.render import editions, render

__all__ = ["Commentary", "Event", "editions", "render", "write_commentary"]
