"""Real Hugo and real Jekyll build what the desk writes, and readers see the words as written."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from bot.channels.blog import BlogFolder
from bot.ledger import Ledger
from tests.bot.blogs.machine import need, run
from tests.bot.blogs.posts import SLUG, BlogDesk

pytestmark = pytest.mark.slow

HUGO_LAYOUT = """<!doctype html><title>{{ .Title }}</title>
<time>{{ .Date.Format "2006-01-02T15:04" }}</time>
<meta name="description" content="{{ .Description }}">
<p class="tags">{{ delimit .Params.tags ", " }}</p><main>{{ .Content }}</main>"""
HUGO_LIST = "{{ range .Pages }}<a href='{{ .RelPermalink }}'>{{ .Title }}</a>{{ end }}"
JEKYLL_LAYOUT = """<!doctype html><title>{{ page.title | escape }}</title><time>{{ page.date
| date: "%Y-%m-%dT%H:%M" }}</time><meta name="description" content="{{ page.description
| escape }}"><p class="tags">{{ page.tags | join: ", " }}</p><main>{{ content }}</main>"""
JEKYLL_INDEX = """---
---
{% for post in site.posts %}<a href="{{ post.url | relative_url }}">{{ post.title }}</a>
{{ post.excerpt }}{% endfor %}"""


@pytest.fixture
def hugo(tmp_path: Path) -> Path:
    """Return a Hugo site, its program installed."""
    need("hugo", ("hugo",))
    root = tmp_path / "hugo"
    (root / "layouts" / "_default").mkdir(parents=True)
    config = 'baseURL = "https://blog.example/desk/"\ntitle = "x"\ntimeZone = "America/New_York"\n'
    (root / "config.toml").write_text(config, "utf-8")
    (root / "layouts" / "_default" / "single.html").write_text(HUGO_LAYOUT, "utf-8")
    (root / "layouts" / "_default" / "list.html").write_text(HUGO_LIST, "utf-8")
    return root


@pytest.fixture
def jekyll(tmp_path: Path) -> Path:
    """Return a Jekyll site, its program installed."""
    need("jekyll", ("jekyll",))
    root = tmp_path / "jekyll"
    (root / "_layouts").mkdir(parents=True)
    (root / "_posts").mkdir()
    config = "title: x\nbaseurl: /desk\ntimezone: America/New_York\n"
    (root / "_config.yml").write_text(config, "utf-8")
    (root / "_layouts" / "post.html").write_text(JEKYLL_LAYOUT, "utf-8")
    (root / "index.html").write_text(JEKYLL_INDEX, "utf-8")
    return root


def built_hugo(root: Path) -> dict[str, str]:
    # Hugo leaves pages of an earlier build where they are, so a site is built into nothing.
    shutil.rmtree(root / "public", ignore_errors=True)
    run("hugo", "--quiet", cwd=root)
    return pages_in(root / "public")


def built_jekyll(root: Path) -> dict[str, str]:
    run("jekyll", "build", "--quiet", "--strict_front_matter", cwd=root)
    return pages_in(root / "_site")


def pages_in(root: Path) -> dict[str, str]:
    """Return all pages by their address, and the pictures as their length."""
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8", "replace")
        for path in root.rglob("*")
        if path.suffix in (".html", ".png")
    }


HUGO_PAGE = f"posts/{SLUG}/index.html"
JEKYLL_PAGE = "2025/11/21/market-note.html"


def text_of(html: str) -> str:
    """Return a page's text as a reader sees it, with straight quotes and plain spaces."""
    return " ".join(straight(unescape(re.sub(r"<[^>]+>", " ", html))).split())


def straight(words: str) -> str:
    """Undo what a typographer does to quotes."""
    return words.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})


def check_page(html: str) -> None:
    """Say that a page shows the note and that nothing in it was run."""
    seen = text_of(html)
    assert "Why they {% had %} to" in seen
    assert "Bull funds {{< do >}} it, and $$bear$$ funds." in seen
    assert "{: .loud } <script>alert(1)</script> [a](javascript:x)" in seen
    assert "<script" not in html
    assert "href=" not in html
    assert 'class="loud"' not in html
    assert "2025-11-21T16:00" in html
    assert "mechanical, month end" in seen
    assert 'S&P 500: "the close" cost <shorts>' in straight(unescape(html))
    assert "Funds had to buy, 'twice': {{ site.title }}" in unescape(html)
    [alt] = re.findall(r'<img[^>]* alt="([^"]*)"', html)
    assert unescape(alt) == "Bars: (shorts) (( 7 )) bought 3% & more."


async def test_hugo_builds_one_page_corrects_it_and_takes_it_down(
    hugo: Path, books: Ledger
) -> None:
    desk = BlogDesk(books, BlogFolder(hugo))
    await desk.publish()
    await desk.publish()
    first = built_hugo(hugo)
    await desk.correct()
    second = built_hugo(hugo)
    await desk.withdraw()
    third = built_hugo(hugo)
    await desk.publish_again()
    fourth = built_hugo(hugo)

    check_page(first[HUGO_PAGE])
    assert first["posts/index.html"].count("<a ") == 1
    assert f"posts/{SLUG}/drivers.png" in first
    assert "Nobody asked them." in first[HUGO_PAGE]
    assert "Somebody did." in second[HUGO_PAGE]
    assert second["posts/index.html"].count("<a ") == 1
    assert [name for name in third if SLUG in name] == []
    assert fourth == second


async def test_jekyll_builds_one_page_corrects_it_and_takes_it_down(
    jekyll: Path, books: Ledger
) -> None:
    desk = BlogDesk(books, BlogFolder(jekyll))
    await desk.publish()
    await desk.publish()
    first = built_jekyll(jekyll)
    await desk.correct()
    second = built_jekyll(jekyll)
    await desk.withdraw()
    third = built_jekyll(jekyll)
    await desk.publish_again()
    fourth = built_jekyll(jekyll)

    check_page(first[JEKYLL_PAGE])
    picture = f"assets/undertow/{SLUG}/drivers.png"
    assert picture in first
    assert f'src="/desk/{picture}"' in first[JEKYLL_PAGE]
    assert first["index.html"].count("<a ") == 1
    assert "{{ site.title }}" in unescape(first["index.html"])
    assert "Somebody did." in second[JEKYLL_PAGE]
    assert sorted(third) == ["index.html"]
    assert "<a " not in third["index.html"]
    assert fourth[JEKYLL_PAGE] == second[JEKYLL_PAGE]
    assert picture in fourth
