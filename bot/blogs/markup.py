"""The note's Markdown as HTML, plain or in WordPress's blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

BLOCKS = {
    "paragraph_open": "paragraph",
    "heading_open": "heading",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
}
USUAL_LEVEL = "h2"


def html_of(markdown: str) -> str:
    """Return HTML; what is no Markdown is escaped."""
    html: str = _parser().render(markdown)
    return html.strip()


def blocks_of(markdown: str) -> str:
    """Return HTML in which every paragraph, heading and list is a block of WordPress's editor.

    Without the blocks WordPress would set paragraphs of its own around ours.
    """
    return "\n\n".join(_block(tokens) for tokens in _groups(_parser().parse(markdown)))


def image_html(url: str, alt: str) -> str:
    """Return an image with its words."""
    return f'<img src="{escape(url)}" alt="{escape(alt)}"/>'


def image_block(url: str, alt: str, number: int) -> str:
    """Return WordPress's block of an image in its media library."""
    head = json.dumps({"id": number, "sizeSlug": "full"}, separators=(",", ":"))
    image = f'<img src="{escape(url)}" alt="{escape(alt)}" class="wp-image-{number}"/>'
    return (
        f'<!-- wp:image {head} -->\n<figure class="wp-block-image size-full">{image}</figure>\n'
        "<!-- /wp:image -->"
    )


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def _groups(tokens: list[Token]) -> Iterator[list[Token]]:
    """Give the tokens of each element at the top."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []


def _block(tokens: list[Token]) -> str:
    parser = _parser()
    html = parser.renderer.render(tokens, parser.options, {}).strip()
    name = BLOCKS.get(tokens[0].type, "html")
    head = name
    if name == "heading" and tokens[0].tag != USUAL_LEVEL:
        head = f'heading {{"level":{tokens[0].tag[1:]}}}'
    if tokens[0].type == "ordered_list_open":
        head = 'list {"ordered":true}'
    return f"<!-- wp:{head} -->\n{html}\n<!-- /wp:{name} -->"
