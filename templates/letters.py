"""The short mails that answer a form: please confirm, and you are a reader already.

The same for everyone but for one link, which stands as `LINK` until a letter is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from templates.compiled import compiled_templates
from templates.mailing import check_mjml, html_of_mjml

LINK = "https://link.invalid/here"
"""Where the reader's own link goes. Of a reserved domain, so a slip leads nowhere."""

SUBJECTS = {
    "confirm": "Please confirm: the market note by mail",
    "already": "You already get the market note",
}


@dataclass(frozen=True, slots=True)
class LetterWords:
    """A letter before its link is filled in.

    As with the note's mail, ``text`` begins with a line each for subject and preheader.
    """

    text: str
    html: str


@cache
def letter_words(kind: str) -> LetterWords:
    """Return a letter's words.

    Raises
    ------
    ValueError
        If there is no such letter.
    """
    if kind not in SUBJECTS:
        raise ValueError(f"letter is {kind!r}, but there are {', '.join(SUBJECTS)}; name one")
    facts = {"subject": SUBJECTS[kind], "link": LINK}
    mjml = _environment().get_template(f"mail/{kind}.mjml.j2").render(facts)
    check_mjml(mjml)
    text = _environment().get_template(f"mail/{kind}.txt.j2").render(facts)
    return LetterWords(text.strip() + "\n", html_of_mjml(mjml))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("templates", ""),
        bytecode_cache=compiled_templates(),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["mjml.j2"]),
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
