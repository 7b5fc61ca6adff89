"""Texts that are written once and shown as pages: the method, the drivers, about, privacy."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from bot.site.frame import Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

ROOT = Path(__file__).parent.parent.parent
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
MARKUP = re.compile(r"[*`]|\*\*[^*]+\*\*\s*|\[([^\]]*)\]\([^)]*\)")

PLACES = {
    "method.md": "method/",
    "drivers.md": "drivers/",
    "what-the-labels-mean.md": "method/",
}
"""Where a document that others link to stands on the site; other links become plain words."""


@cache
def document(name: str) -> str:
    """Return a document of the project, without the marks of what is made by a program."""
    return COMMENT.sub("", (ROOT / name).read_text("utf-8"))


@cache
def driver_section(slug: str) -> str:
    """Return what docs/drivers.md says of a driver, empty where it says nothing."""
    found = re.search(
        rf"^## {slug}\n(.*?)(?=^## |\Z)", document("docs/drivers.md"), re.DOTALL | re.MULTILINE
    )
    return found[1].strip() if found else ""


def first_paragraph(slug: str) -> str:
    """Return who a driver's traders are, in plain words."""
    paragraph = driver_section(slug).partition("\n\n")[0]
    plain = re.sub(r"^\*\*[^*]+\*\*\s*", "", paragraph)
    return " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain).replace("`", "").split())


def driver_text(site: Site, slug: str) -> Markup:
    """Return a driver's description as HTML."""
    return as_html(site, driver_section(slug))


def as_html(site: Site, text: str) -> Markup:
    """Return Markdown as HTML: no markup of its own, tables that scroll, links within the site."""
    tokens = _parser().parse(text)
    for token in tokens:
        if token.children:
            token.children = _relinked(site, token.children)
    html = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(html)  # noqa: S704 - our own documents, HTML in them switched off


def _relinked(site: Site, tokens: Sequence[Token]) -> list[Token]:
    """Turn links to other documents into links to pages, or into plain words."""
    kept: list[Token] = []
    open_links: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrs.get("href", ""))
            name, _, anchor = target.partition("#")
            place = PLACES.get(name)
            open_links.append(place is not None or target.startswith(("https://", "#")))
            if place is not None:
                token.attrs["href"] = site.at(place) + (f"#{anchor}" if anchor else "")
            if open_links[-1]:
                kept.append(token)
        elif token.type == "link_close":
            if open_links.pop():
                kept.append(token)
        else:
            kept.append(token)
    return kept


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser


def _table_open(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    number = sum(token.type == "table_open" for token in tokens[: at + 1])
    return f'<div class="scroll" role="region" aria-label="Table {number}" tabindex="0"><table>\n'


def _table_close(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    return "</table></div>\n"
