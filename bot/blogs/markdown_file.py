"""A post as a Markdown file with a YAML head, safe for Hugo and Jekyll alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from bot.blogs.post import Post

RULE = "---\n"

PLAINER = str.maketrans("[{<]}>'", "((()))\u2019")
MARKUP = re.compile(r"[\\`*_|~!\"]|&(?=#?\w+;)|-{2,}|\.{3}")
"""What Markdown, HTML or a typographer could take for its own in an image's words."""


def page_text(head: Mapping[str, object], post: Post, picture_url: str) -> str:
    """Return the whole file."""
    parts = [harmless(post.lead), harmless(post.rest)]
    if post.picture is not None:
        parts.insert(1, f"![{spelled(post.picture.alt)}]({picture_url})")
    return f"{head_text(head)}\n" + "\n\n".join(part for part in parts if part) + "\n"


def head_text(head: Mapping[str, object]) -> str:
    """Return a YAML head between its rules.

    >>> print(head_text({"title": "Up: 2%", "draft": False}), end="")
    ---
    title: 'Up: 2%'
    draft: false
    ---
    """
    body = yaml.safe_dump(dict(head), sort_keys=False, allow_unicode=True, width=10_000)
    return f"{RULE}{body}{RULE}"


def read_head(text: str) -> tuple[dict[str, object], str]:
    """Return a file's head and what follows it; an empty head where there is none."""
    if not text.startswith(RULE):
        return {}, text
    head, found, body = text.removeprefix(RULE).partition(f"\n{RULE}")
    try:
        fields = yaml.safe_load(head) if found else None
    except yaml.YAMLError:
        fields = None
    return (dict(fields), body) if isinstance(fields, dict) else ({}, text)


def harmless(words: str) -> str:
    """Return Markdown in which nothing is a template any more.

    Jekyll runs Liquid over every post, kramdown reads ``{:…}`` and ``$$``, Hugo has shortcodes;
    all begin with characters that may as well be written as entities.

    >>> harmless("{% raw %} {: .y} $$z$$ $29")
    '&#123;% raw %&#125; &#123;: .y&#125; &#36;&#36;z&#36;&#36; $29'
    """
    braced = words.replace("{", "&#123;").replace("}", "&#125;")
    return braced.replace("$$", "&#36;&#36;")


def spelled(words: str) -> str:
    """Return an image's words without anything that could be markup, on one line.

    Neither escapes nor entities do here: Hugo shows them as they are.

    >>> spelled("A   [b] & {{ c }} of the S&P *500*")
    'A (b) & (( c )) of the S&P 500'
    """
    return MARKUP.sub("", " ".join(words.split()).translate(PLAINER))
