"""The words of the trade, each in one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import yaml

MOST_OFFERED = 5
"""Terms offered to someone whose word is not in the glossary."""

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

    Case, spacing and a plural's s do not matter, and a part of a name will do where only one
    term has it; ``all`` lists the terms.
    """
    wanted = _plain(word)
    if wanted == EVERYTHING:
        return "\n".join(one.term for one in terms())
    named = _named()
    exact = named.get(wanted) or named.get(wanted.removesuffix("s"))
    if exact is not None:
        return str(exact)
    holding = _holding(wanted)
    return str(holding[0]) if len(holding) == 1 else None


def near(word: str) -> tuple[str, ...]:
    """Return the terms that someone may have meant by a word that is not in the glossary.

    Those that hold the word come first, then those spelt much like it, or that explain
    themselves with it.
    """
    wanted = _plain(word)
    if not wanted:
        return ()
    named = _named()
    spelt = [named[name] for name in get_close_matches(wanted, named, n=MOST_OFFERED)]
    telling = [one for one in terms() if wanted in one.plain.lower()]
    found = dict.fromkeys(one.term for one in (*_holding(wanted), *spelt, *telling))
    return tuple(found)[:MOST_OFFERED]


def _plain(word: str) -> str:
    return " ".join(word.lower().split())


def _named() -> dict[str, Term]:
    return {name.lower(): one for one in terms() for name in (one.term, *one.also)}


def _holding(wanted: str) -> list[Term]:
    """Return the terms with a name that holds the words wanted, each once."""
    held = {one.term: one for name, one in _named().items() if wanted and wanted in name}
    return list(held.values())
