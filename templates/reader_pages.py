"""The newsletter's pages on the web: a form, two buttons, a reader's preferences.

No script and nothing fetched: the style stands in the page, and its hash in `style_hash`, so
that a browser may be told to accept this one and no other.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from templates.compiled import compiled_templates


def reader_page(name: str, *, root: str, **facts: object) -> str:
    """Return a page of ``templates/pages``, such as ``subscribe``, filled with its facts.

    ``root`` leads to the first page of the site.
    """
    template = _environment().get_template(f"pages/{name}.html.j2")
    return template.render(facts, root=root, style=style()).strip() + "\n"


@cache
def style() -> str:
    """Return the style of all pages."""
    return (Path(__file__).parent / "pages" / "style.css").read_text("utf-8").strip()


@cache
def style_hash() -> str:
    """Return the style's hash as a content security policy names it."""
    digest = hashlib.sha256(style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("templates", ""),
        bytecode_cache=compiled_templates(),
        undefined=StrictUndefined,
        autoescape=True,
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
