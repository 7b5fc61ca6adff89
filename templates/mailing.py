"""The note as a mail: subject, preheader, text, and HTML that mail programs can read.

The HTML is written in MJML, made into tables by mrml, and its styles are set inline. mrml
lets bad MJML pass, so `check_mjml` holds the filled template to the elements it knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree

from jinja2 import Environment, PackageLoader, StrictUndefined

from templates.commentary import Commentary
from templates.compiled import compiled_templates
from templates.figures import FILTERS
from templates.note import Note
from templates.reminder import reminder

SUBJECT_LIMIT = 78
PREHEADER_LIMIT = 120
"""What mail programs show of a subject and of the words behind it [characters]."""

READER_FOOTER = '<span class="reader-footer"></span>'
"""Stands once in the HTML where the sender puts what differs by reader: address, way out."""

PICTURE_OF_DRIVERS = '<span class="picture-of-drivers"></span>'
"""Stands in the HTML where the sender puts the chart of the drivers, if there is room for it."""

HIDDEN_WHITE, HIDDEN_INK = "font-size:1px;color:#ffffff;", "font-size:1px;color:#1d2328;"
"""MJML hides a preview by white on white as well, which filters take for a trick."""

ELEMENTS = frozenset(
    [
        "mjml",
        "mj-head",
        "mj-raw",
        "meta",
        "mj-title",
        "mj-preview",
        "mj-attributes",
        "mj-all",
        "mj-text",
        "mj-section",
        "mj-style",
        "mj-body",
        "mj-column",
        "mj-table",
        "h1",
        "h2",
        "div",
        "strong",
        "ul",
        "li",
        "tr",
        "th",
        "td",
        "span",
        "a",
        "br",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A note as a mail, the same for every reader but for `READER_FOOTER`."""

    subject: str
    preheader: str
    text: str
    html: str


def mail_of(commentary: Commentary, note: Note, text: str) -> Mail:
    """Set a note as a mail around its terminal text."""
    ahead = preheader(note)
    return Mail(
        subject=subject(commentary, note),
        preheader=ahead,
        text=text,
        html=mail_html(commentary, note),
    )


def subject(commentary: Commentary, note: Note) -> str:
    """Return the subject: the title, and that the market is simulated where it is."""
    marked = f"Simulated: {note.title.text}" if commentary.demo else note.title.text
    return cut_at_word(marked, SUBJECT_LIMIT)


def preheader(note: Note) -> str:
    """Return the words a mail program shows behind the subject: the lead's first sentences.

    Whole sentences as long as they fit; a first sentence that is too long is cut at a word.
    """
    told = [sentence.text for paragraph in note.lead for sentence in paragraph.sentences]
    shown = told[0]
    for sentence in told[1:]:
        if len(shown) + 1 + len(sentence) > PREHEADER_LIMIT:
            break
        shown = f"{shown} {sentence}"
    return cut_at_word(shown, PREHEADER_LIMIT)


def cut_at_word(text: str, limit: int) -> str:
    """Cut a text to a length without cutting a word.

    >>> cut_at_word("had to buy", 20), cut_at_word("had to buy", 8)
    ('had to buy', 'had to…')
    """
    if len(text) <= limit:
        return text
    return text[:limit].rpartition(" ")[0].rstrip(",;:.") + "…"


def mjml(commentary: Commentary, note: Note) -> str:
    """Return the note in MJML."""
    template = _environment().get_template("mail/note.mjml.j2")
    return template.render(c=commentary, note=note, preheader=preheader(note))


def mail_html(commentary: Commentary, note: Note) -> str:
    """Return the note as HTML for mail: tables, styles inline, nothing fetched."""
    return html_of_mjml(mjml(commentary, note))


def html_of_mjml(filled: str) -> str:
    """Turn filled MJML into tables with their styles inline, fetching nothing."""
    import css_inline
    import mrml

    tables = mrml.to_html(filled).content.replace(HIDDEN_WHITE, HIDDEN_INK)
    inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
    return inliner.inline(tables)


def check_mjml(text: str) -> None:
    """Refuse MJML that mrml would let pass and drop.

    Raises
    ------
    ValueError
        If it is not well formed, or holds an element this project does not use.
    """
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - our own template, filled with escaped text
    except ElementTree.ParseError as error:
        raise ValueError(f"the MJML is not well formed: {error}") from error
    strange = {one.tag for one in root.iter()} - ELEMENTS
    if strange:
        raise ValueError(f"the MJML holds {', '.join(sorted(strange))}; use the known elements")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("templates", ""),
        bytecode_cache=compiled_templates(),
        undefined=StrictUndefined,
        autoescape=True,
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals["reminder"] = reminder
    return environment
