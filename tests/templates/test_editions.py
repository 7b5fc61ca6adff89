"""What each edition adds to the sentences, and what it never lets through."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from templates import Event, editions, render, write_commentary
from templates.note import compose
from templates.render import indented
from tests.templates import reports as days

HOSTILE = Event(words='<script>alert("x")</script> *stars* [a](b)', source="a_b_c & co")


class Tags(HTMLParser):
    """Collects tags, addresses and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag and whatever it would fetch."""
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action"}]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def test_there_is_an_edition_for_each_reader() -> None:
    assert {"markdown", "text", "html", "json", "discord"} <= set(editions())


def test_an_unknown_edition_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"papyrus.*html"):
        render(write_commentary(days.rally()), "papyrus")


def test_the_page_fetches_nothing_and_has_one_title() -> None:
    page = Tags()
    page.feed(render(write_commentary(days.rally()), "html"))

    assert page.addresses == []
    assert page.tags.count("h1") == page.tags.count("title") == 1
    assert "script" not in page.tags
    assert "link" not in page.tags


def test_the_page_can_be_read_by_anyone() -> None:
    text = render(write_commentary(days.rally()), "html")

    assert '<html lang="en">' in text
    assert "width=device-width" in text
    assert "prefers-color-scheme: dark" in text
    assert set(re.findall(r'aria-labelledby="([^"]+)"', text)) <= set(
        re.findall(r'id="([^"]+)"', text)
    )


def test_what_comes_from_outside_stays_text_in_every_edition() -> None:
    commentary = write_commentary(days.rally(), [HOSTILE])
    page = Tags()
    page.feed(render(commentary, "html"))
    blog = Tags()
    blog.feed(MarkdownIt("commonmark").render(render(commentary, "markdown")))

    for read in (page, blog):
        assert "script" not in read.tags
        assert 'alert("x")' in read.text
    assert "*stars* [a](b)" in blog.text
    assert "a_b_c & co" in blog.text
    assert "a" not in blog.tags


def test_a_terminal_is_never_given_orders_from_outside() -> None:
    event = Event(words="calm\x1b[2J \x02returned\x03.", source="wire\x07")
    text = render(write_commentary(days.rally(), [event]), "text")

    assert "calm [2J returned (wire)." in " ".join(text.split())
    assert not [one for one in text if not one.isprintable() and one != "\n"]


def test_the_blog_edition_is_the_note_in_markdown() -> None:
    note = compose(write_commentary(days.rally()))
    blog = Tags()
    blog.feed(MarkdownIt("commonmark").render(render(write_commentary(days.rally()), "markdown")))

    assert blog.tags.count("h1") == 1
    assert blog.tags.count("h2") == len(note.sections)
    for sentence in note.sentences:
        assert sentence.text.removeprefix("- ") in " ".join(blog.text.split("\n")), sentence


def test_the_terminal_edition_keeps_to_its_width() -> None:
    for report in days.all_days():
        lines = render(write_commentary(report), "text").split("\n")

        assert max(len(line) for line in lines) <= 88
        assert not any(line.endswith(" ") for line in lines)


def test_the_machine_edition_holds_the_report_and_every_sentence_with_its_facts() -> None:
    commentary = write_commentary(days.rally())
    told = json.loads(render(commentary, "json"))
    sentences = {one["id"]: one for one in told["note"]["sentences"]}

    assert told["report"]["content_hash"] == days.rally().content_hash
    assert len(sentences) == len(list(compose(commentary).sentences))
    assert sentences["leveraged_etf.flow.buying"]["facts"]["leveraged_etf.mid_usd"] == 28.9e9


@pytest.mark.parametrize("edition", ["markdown", "text", "html", "discord"])
def test_a_simulated_market_is_marked_before_the_first_sentence(edition: str) -> None:
    text = render(write_commentary(days.demo()), edition)
    lead = compose(write_commentary(days.demo())).lead[0].sentences[0].text[:30]
    body = text[text.find("<article>") + 1 :]

    assert "simulated market" in body[: body.replace("&amp;", "&").find(lead)].lower()


def test_the_discord_edition_fits_one_message() -> None:
    for report in days.all_days():
        assert len(render(write_commentary(report), "discord")) <= 1500


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        'a \u2212 "b"\n, c: d',
        {"a": [], "b": {}, "c": ()},
        {"a": 1e-05, "b": 1e16, "c": -0.0, "d": None, "e": True, "f": 8820000000.0},
        {"a": [[1, 2], [], [{"b": "\u00e9, x: [y]"}]], "c": "d", "e": (0.1, {"f": 2})},
    ],
    ids=["no keys", "no items", "words", "empty parts", "numbers", "nested"],
)
def test_json_is_set_as_pythons_own_sets_it(value: object) -> None:
    own = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)

    assert indented(value) == own


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": [1.0, {"b": float("inf")}]}])
def test_a_number_that_json_has_not_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        indented(value)
