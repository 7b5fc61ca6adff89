"""The writing desk: the words live in the ``.j2`` files, the types hold the facts."""

from __future__ import annotations

from templates.commentary import LEVELS, Commentary, Event, write_commentary
from templates.render import editions, render

__all__ = ["LEVELS", "Commentary", "Event", "editions", "render", "write_commentary"]
