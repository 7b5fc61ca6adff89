"""Set a commentary in one edition: the same sentences, laid out for one kind of reader."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from templates.commentary import Commentary
from templates.compiled import compiled_templates
from templates.figures import FILTERS
from templates.mailing import cut_at_word, mail_html, preheader, subject
from templates.note import Note, compose
from templates.reminder import reminder
from templates.why import explained

COLUMNS = 88
"""Width of the terminal edition [characters]."""

_ENTITY = re.compile(r"&(?=#?\w+;)")

DESCRIPTION_LIMIT = 160
"""What search engines show of a page [characters]."""

DISCORD_LIMIT = 1500
"""Longest Discord edition [characters]."""


def render(commentary: Commentary, edition: str) -> str:
    """Return the text of ``edition``, such as ``markdown``, ``text``, ``html`` or ``json``.

    Raises
    ------
    ValueError
        If there is no such edition; the message names those there are.
    """
    return set_note(commentary, compose(commentary), edition)


class Told(Protocol):
    """What an edition asks about a note, or a week of them, beside its sentences."""

    @property
    def session(self) -> date:
        """The session it is filed under."""
        ...

    @property
    def dateline(self) -> str:
        """The line under the title."""
        ...

    @property
    def demo(self) -> bool:
        """Whether the market is simulated."""
        ...


def set_note(told: Told, note: Note, edition: str) -> str:
    """Return sentences set in one edition; as `render`, for whatever was composed."""
    files = editions()
    if edition not in files:
        raise ValueError(f"edition is {edition!r}, but there are {', '.join(files)}; name one")
    template = _environment().get_template(f"editions/{files[edition]}")
    return template.render(c=told, note=note).strip() + "\n"


@cache
def editions() -> Mapping[str, str]:
    """Return the file of each edition: whatever stands in ``templates/editions``."""
    folder = Path(__file__).parent / "editions"
    return {path.name.partition(".")[0]: path.name for path in sorted(folder.glob("*.j2"))}


def machine_edition(commentary: Commentary, note: Note) -> str:
    """Return the report with every sentence, its rule and the figures it rests on."""
    body = {
        "report": commentary.report.as_dict(),
        "note": {
            "level": commentary.level,
            "title": note.title.text,
            "sentences": [explained(commentary, sentence) for sentence in note.sentences],
        },
    }
    return indented(body)


def indented(value: object, margin: str = "\n") -> str:
    """Return JSON a person can read, with the bytes that `json` gives it at an indent of two.

    `json` indents piece by piece, which took a quarter of all editions' time; here it writes
    each innermost object or list whole.

    Raises
    ------
    ValueError
        If a number is NaN or infinite, which JSON has not.

    >>> print(indented({"a": [1, 0.5], "b": {}}))
    {
      "a": [
        1,
        0.5
      ],
      "b": {}
    }
    """
    if not value or not isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner = f"{margin}  "
    parts = value.values() if isinstance(value, dict) else value
    if not any(isinstance(part, dict | list | tuple) for part in parts):
        flat = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(f",{inner}", ": ")
        )
        return f"{flat[0]}{inner}{flat[1:-1]}{margin}{flat[-1]}"
    if isinstance(value, dict):
        rows = [f"{indented(key)}: {indented(part, inner)}" for key, part in value.items()]
        return f"{{{inner}{f',{inner}'.join(rows)}{margin}}}"
    rows = [indented(part, inner) for part in value]
    return f"[{inner}{f',{inner}'.join(rows)}{margin}]"


def front_matter(commentary: Commentary, note: Note) -> str:
    """Return the YAML head that blog engines read, between its two rules."""
    verdict = commentary.report.verdict
    head: dict[str, object] = {
        "title": note.title.text,
        "date": commentary.report.as_of,
        "slug": commentary.session.isoformat(),
        "description": cut_at_word(note.lead[0].text, DESCRIPTION_LIMIT),
        "tags": [verdict.label.value, verdict.side.value, *commentary.report.calendar],
        "content_hash": commentary.report.content_hash,
    }
    if commentary.demo:
        head["simulated"] = True
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)}---"


def markdown(text: str) -> str:
    r"""Escape what Markdown or HTML would take for markup.

    >>> print(markdown("1. a *b* <i> & _c_"))
    1\. a \*b\* &lt;i> & \_c\_
    """
    marked = re.sub(r"([\\`*_\[\]|~])", r"\\\1", _ENTITY.sub("&amp;", text).replace("<", "&lt;"))
    return re.sub(r"^(\d+)([.)])|^([#+>=-])", _escape_start, marked)


@lru_cache(maxsize=512)
def wrapped(text: str, indent: str = "") -> str:
    """Break running text at the terminal's width, later lines set in under the first."""
    return textwrap.fill(
        text,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )


def underlined(text: str) -> str:
    """Rule a heading off from what follows.

    >>> underlined("One").splitlines()
    ['One', '---']
    """
    return text + "\n" + "-" * max(len(line) for line in text.split("\n"))


def cut(text: str, limit: int = DISCORD_LIMIT) -> str:
    """Cut a text at the last line that fits in ``limit`` characters."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rpartition("\n")[0].rstrip()


def _escape_start(match: re.Match[str]) -> str:
    if match[3]:
        return "\\" + match[3]
    return f"{match[1]}\\{match[2]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("templates", ""),
        bytecode_cache=compiled_templates(),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        optimized=False,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.filters |= {
        "markdown": markdown,
        "wrapped": wrapped,
        "underlined": underlined,
        "cut": cut,
    }
    environment.globals |= {
        "machine_edition": machine_edition,
        "front_matter": front_matter,
        "discord_limit": DISCORD_LIMIT,
        "reminder": reminder,
        "mail_subject": subject,
        "mail_preheader": preheader,
        "mail_html": mail_html,
    }
    return environment
