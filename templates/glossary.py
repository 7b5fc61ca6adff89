"""The words of the trade, each in one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

EVERYTHING = "all"
"""Asked for this instead of a term, the glossary lists its terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, what it means, how the desk measures it, and what to beware of."""

    term: str
    plain: str
    measured: str
    caveat: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Read as an entry."""
        others = f" (also: {', '.join(self.also)})" if self.also else ""
        return (
            f"{self.term}{others}\n{self.plain}\n"
            f"How we measure it: {self.measured}\nBeware: {self.caveat}"
        )


@cache
def terms() -> tuple[Term, ...]:
    """Return the glossary in the order of the alphabet."""
    rows = yaml.safe_load((Path(__file__).parent / "glossary.yaml").read_text("utf-8"))
    written = [Term(**{**row, "also": tuple(row.get("also", ()))}) for row in rows]
    return tuple(sorted(written, key=lambda one: one.term.lower()))


def lookup(word: str) -> str | None:
    """Return the entry of a word or of another name for it, None where there is none.

    Case and spacing do not matter; ``all`` lists the terms.
    """
    wanted = " ".join(word.lower().split())
    if wanted == EVERYTHING:
        return "\n".join(one.term for one in terms())
    named = {name.lower(): one for one in terms() for name in (one.term, *one.also)}
    return str(named[wanted]) if wanted in named else None
